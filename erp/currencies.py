"""Declares the column of a currency: what a field may hold, by the codes of ISO 4217."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from erp.money import is_currency

if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:
    _Text = models.CharField  # it has no types when it runs


def check_currency(code: object) -> None:
    """Raise ValidationError for what is no currency's code."""
    if not is_currency(str(code)):
        raise ValidationError(_("Give an ISO 4217 code such as CNY."), code="unknown")


class CurrencyField(_Text):
    """The code of a currency; forms, the back office and `save_checked` refuse any other text.

    A supplier in "ABC" could be saved once; what was bought from it had amounts of no money.
    """

    default_validators = [check_currency]

    def __init__(self, *args: Any, **kwargs: object) -> None:
        options: dict[str, Any] = {"max_length": 3, **kwargs}
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        """A column of text, to migrations."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", list(args), dict(kwargs)
