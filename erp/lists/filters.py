"""Defines list filters on django-filter, with several choices in one value ("a,b")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Channel
from erp.bounds import EARLIEST, LATEST
from erp.errors import FieldError, Invalid
from erp.shapes import Words


class AnyOf(django_filters.BaseInFilter, django_filters.ChoiceFilter):
    """One or several of a fixed set, comma-separated: OR within the field."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, empty_label=None, **kwargs)


class Yes(django_filters.ChoiceFilter):
    """A condition that is asked for with 1, such as `late=1`, and not asked for otherwise."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, choices=[("1", "1")], empty_label=None, **kwargs)


class Day(django_filters.DateFilter):
    """A day of the years 1900 to 2199: of the last day of all, the day after it cannot be asked for."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        text = gettext_lazy("A day lies between the years 1900 and 2199.")
        first, last = EARLIEST.date(), LATEST.date() - timedelta(days=1)
        ends = [MinValueValidator(first, text), MaxValueValidator(last, text)]
        super().__init__(*args, validators=ends, **kwargs)


class ListFilter(django_filters.FilterSet):
    """The filters of a list: what its pages, saved views, bulk actions and exports share."""

    def narrowed(self) -> QuerySet[Any]:
        """The rows asked for. Raises Invalid naming the filter that cannot be understood.

        Nothing is left out silently: a bulk action on "all that match" must mean what is shown.
        """
        if not self.form.is_valid():
            raise Invalid(
                _("This filter is not valid."),
                errors=[
                    FieldError(f"?{name}", "invalid", f"{name}: {' '.join(map(str, texts))}")
                    for name, texts in self.form.errors.items()
                ],
            )
        found: QuerySet[Any] = self.qs
        return found


@dataclass(frozen=True)
class Choice:
    """One value of a filter, as the filter panel shows it."""

    value: str
    label: Words
    is_chosen: bool


@dataclass(frozen=True)
class FilterField:
    """One filter, as the filter panel shows it: `kind` is "choice", "yes", "date" or "text"."""

    name: str
    label: Words
    kind: str
    value: str
    choices: tuple[Choice, ...] = ()

    @property
    def shown(self) -> str:
        """The chosen values in words, for the chip."""
        if self.kind == "yes":
            return ""
        if self.kind != "choice":
            return self.value
        return ", ".join(str(c.label) for c in self.choices if c.is_chosen)


def fields_of(filters: ListFilter, asked: Mapping[str, str]) -> list[FilterField]:
    """The filters of a list with what is chosen of them."""
    found = []
    for name, each in filters.filters.items():
        value = asked.get(name, "")
        choices: tuple[Choice, ...] = ()
        kind = "text"
        if isinstance(each, AnyOf):
            kind, chosen = "choice", value.split(",")
            choices = tuple(
                Choice(str(v), label, str(v) in chosen)
                for v, label in filters.form.fields[name].choices
                if v not in {"", "null"}
            )
        elif isinstance(each, Yes):
            kind = "yes"
        elif isinstance(each, django_filters.DateFilter):
            kind = "date"
        found.append(FilterField(name, each.label, kind, value, choices))
    return found


def channels_by_code() -> list[tuple[str, str]]:
    return list(Channel.objects.order_by("code").values_list("code", "name"))
