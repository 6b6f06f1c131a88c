"""Knows which time zones there are: what a field may hold, and what a stored name that is none is read as."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

# Of no place: the machine's own zone, and what an installation has before it is told one.
_NO_PLACES = {"localtime", "Factory", "posixrules"}
_BY_SPELLING: Mapping[str, str] = {
    name.casefold(): name for name in available_timezones() - _NO_PLACES
}


def is_zone(name: object) -> bool:
    """Whether this is the name of a time zone, as the IANA database spells it. Opens no file of that name."""
    return isinstance(name, str) and _BY_SPELLING.get(name.casefold()) == name


def zone_meant(*names: str) -> str:
    """The first of these that names a zone in whatever case, as it is spelled; UTC where none does."""
    for name in names:
        if found := _BY_SPELLING.get(name.casefold()):
            return found
    return "UTC"


def check_zone(name: object) -> None:
    """Raise ValidationError for what is no time zone's name."""
    if not is_zone(name):
        text = _("There is no time zone called %(name)s.")
        raise ValidationError(text % {"name": str(name)[:40].replace("\x00", "")}, code="invalid")


class ZoneField(models.CharField):  # type: ignore[type-arg]  # it has none when it runs
    """The name of a time zone; forms, the back office and `save_checked` refuse any other text.

    A warehouse in "Mars/Olympus" could be saved once; then nothing left it and nothing came in. Every model
    declares its zone by this field, so that whatever reads zones finds them all.
    """

    default_validators = [check_zone]

    def __init__(self, *args: Any, **kwargs: object) -> None:
        options: dict[str, Any] = {"max_length": 40, **kwargs}
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        """A column of text, to migrations."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", list(args), dict(kwargs)


def zone_fields() -> "list[ZoneField]":
    """Every field of every model that holds a zone's name."""
    from django.apps import apps

    return [
        field
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ZoneField)
    ]
