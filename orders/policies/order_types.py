"""Defines order types and their policy: free of charge, review, cooling-off."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

BUILT_IN = {
    "web": _("Web order"),
    "phone": _("Phone order"),
    "wholesale": _("Wholesale"),
    "distribution": _("Distribution"),  # shipped for a reseller, to its customer
    "exchange": _("Exchange"),
    "reissue": _("Reissue"),
    "warranty": _("Warranty"),
}


FREE = frozenset({"exchange", "reissue", "warranty"})  # they replace what was paid for already


@dataclass(frozen=True, slots=True)
class OrderTypePolicy:
    """The policy of an order type.

    review                "" as the channel has it, else hold, record or always
    cooling_off_minutes   None: as the channel has it
    """

    code: str
    review: str = ""
    cooling_off_minutes: int | None = None
    is_free: bool = False
    is_active: bool = True


def built_in(code: str) -> OrderTypePolicy | None:
    """Return the policy of a built-in type as shipped; None for an unknown one."""
    return OrderTypePolicy(code, is_free=code in FREE) if code in BUILT_IN else None


def name_of_type(code: str, custom: Mapping[str, str]) -> str:
    """What a type is called in the reader's language. `custom` are the names of the merchant's own, by code."""
    return custom.get(code) or str(BUILT_IN.get(code, code))
