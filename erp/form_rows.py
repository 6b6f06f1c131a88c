"""Lets a form change a row only whole, and only while the row is what the form was made from."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from django.db import models
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid, VersionConflict

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)
MADE_FROM = "made_from"  # the form's hidden field


def made_from(row: models.Model) -> str:
    """What a form says that it was made from: each of a row's values, as a short hash."""
    return base64.urlsafe_b64encode(json.dumps(_hashes(row)).encode()).decode()


def _hashes(row: models.Model) -> dict[str, str]:
    return {
        field.name: hashlib.sha256(repr(field.value_from_object(row)).encode()).hexdigest()[:12]
        for field in row._meta.concrete_fields
        if field.editable and not field.primary_key
    }


def as_shown(
    said: QueryDict,
    row: M,
    action: Callable[..., T],
    texts: Sequence[str],
    ticks: Sequence[str] = (),
) -> Callable[..., T]:
    """The action, refused where the row has changed since the form was made; compared with the row locked.

    texts   fields that a browser sends always, though they be empty; raises Invalid where one is missing
    ticks   fields that it leaves out where they are not ticked

    A POST without any field once switched a supplier off: what a form leaves out looks like a box that nobody ticked.
    """
    known = _read(said.get(MADE_FROM, ""))
    missing = [name for name in texts if name not in said]
    if known is None or missing:
        detail = _("The form came without this field.")
        raise Invalid(
            _("The form did not arrive whole. Open the page again; nothing was changed."),
            errors=[FieldError(f"/{name}", "required", detail) for name in missing],
        )
    names = {name.partition(":")[0] for name in (*texts, *ticks)}

    def performed(**arguments: object) -> T:
        locked = type(row)._base_manager.select_for_update(no_key=True)
        _refuse_changed(
            locked.filter(pk=row.pk).first() or row, {name: known.get(name, "") for name in names}
        )
        return action(**arguments)

    return performed


def _read(said: str) -> Mapping[str, str] | None:
    """What a form was made from; None where it does not say so."""
    try:
        found = json.loads(base64.urlsafe_b64decode(said.encode("ascii")))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return found if isinstance(found, dict) and found else None


def _refuse_changed(row: models.Model, known: Mapping[str, str]) -> None:
    now = _hashes(row)
    changed = [name for name, was in known.items() if name in now and now[name] != was]
    if changed:
        labels = {field.name: field.verbose_name for field in row._meta.concrete_fields}
        fields = ", ".join(str(capfirst(labels[name])) for name in sorted(changed))
        raise VersionConflict(
            _(
                "Somebody changed %(fields)s meanwhile. The page shows it now; enter your change again."
            )
            % {"fields": fields}
        )
