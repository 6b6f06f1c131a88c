"""Of what staff can be told, in words; which roles are told of what until somebody says otherwise."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from erp.shapes import Words


class Found(NamedTuple):
    """Something that a watch found, as `erp.notices.actions.tell_staff` takes it."""

    kind: str
    key: str
    params: Mapping[str, object]
    url: str = ""


# kind -> (what it is called, what it says)
KINDS: Mapping[str, tuple[Words, Words]] = {
    "rule": (_("A review rule tells"), _("The rule “%(rule)s” applies to order %(order)s.")),
    "goods_missing": (
        _("Promised goods were not found"),
        _("%(units)s of %(sku)s were promised and not found in %(warehouse)s."),
    ),
    "out_of_stock": (
        _("Out of stock while orders wait"),
        _("%(sku)s is out of stock and not on order; %(units)s units are waited for."),
    ),
    "overdue": (
        _("Orders past their day to ship"),
        _("%(orders)s orders should have shipped by now, %(number)s first."),
    ),
    "due_soon": (
        _("Orders that must ship soon"),
        _("%(orders)s orders must ship within four hours, %(number)s first."),
    ),
    "connection_failing": (
        _("A shop or mailbox does not answer"),
        _("%(name)s has failed %(times)s times in a row: %(error)s"),
    ),
    "payment_disputed": (
        _("A payment is disputed"),
        _("The payment of order %(order)s is disputed: %(amount)s %(currency)s."),
    ),
    "approval_late": (
        _("Something waits too long for approval"),
        _("%(what)s %(number)s has waited for approval for more than %(hours)s hours."),
    ),
}
# Roles told of a kind where no subscription says anything yet.
AT_FIRST: Mapping[str, Sequence[str]] = {
    "goods_missing": ("service", "warehouse"),
    "out_of_stock": ("buyer",),
    "overdue": ("warehouse",),
    "due_soon": ("warehouse",),
    "connection_failing": ("owner",),
    "payment_disputed": ("finance",),
    "approval_late": ("owner",),
}
STAFF = ("owner", "service", "finance", "picker", "warehouse", "buyer", "analyst", "auditor")


def words_of(kind: str, params: Mapping[str, object]) -> str:
    """What a notice says, in the reader's language."""
    if kind not in KINDS:
        return f"{kind} {dict(params) or ''}".strip()
    filled = {
        name: WHAT.get(str(value), value) if name == "what" else value
        for name, value in params.items()
    }
    try:
        return str(KINDS[kind][1]) % filled
    except KeyError:
        return str(KINDS[kind][0])


# What can wait for approval, as notices name it.
WHAT: Mapping[str, Words] = {
    "order": _("Order"),
    "refund": _("Refund"),
    "purchase": _("Purchase order"),
    "count": _("Count"),
    "document": _("Stock document"),
}
