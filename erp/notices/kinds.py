"""Defines the kinds of staff alerts, their wording and each role's defaults."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from erp.shapes import Words


class Found(NamedTuple):
    """Something that a watch found, as `erp.notices.actions.alert_staff` takes it."""

    kind: str
    key: str
    params: Mapping[str, object]
    url: str = ""


# kind -> (what it is called, what it says)
KINDS: Mapping[str, tuple[Words, Words]] = {
    "rule": (_("Alert from a review rule"), _("The rule “%(rule)s” applies to order %(order)s.")),
    "goods_missing": (
        _("Reserved goods not found"),
        _("%(sku)s: %(units)s reserved units not found in %(warehouse)s."),
    ),
    "out_of_stock": (
        _("Out of stock with orders waiting"),
        _("%(sku)s is out of stock and not on order; %(units)s units are backordered."),
    ),
    "not_ordered": (
        _("Suggested purchases without a price"),
        _(
            "%(units)s units of %(sku)s are suggested for %(warehouse)s and not ordered by themselves:"
            " %(supplier)s has no price for so few."
        ),
    ),
    "overdue": (
        _("Orders past their ship-by date"),
        _("%(orders)s orders are past their ship-by date, starting with %(number)s."),
    ),
    "due_soon": (
        _("Orders due to ship soon"),
        _("%(orders)s orders have to ship within four hours, starting with %(number)s."),
    ),
    "connection_failing": (
        _("Shop or mailbox not responding"),
        _("%(name)s has failed %(times)s times in a row: %(error)s"),
    ),
    "schedule_failing": (
        _("Scheduled task failing"),
        _("The task “%(name)s” has failed %(times)s times in a row: %(error)s"),
    ),
    "backup_old": (
        _("Backup or restore drill overdue"),
        _("No %(what)s has succeeded since %(since)s: %(error)s"),
    ),
    "key_ending": (
        _("API key about to end"),
        _("The API key “%(name)s” of %(channel)s ends on %(day)s: make a new one before."),
    ),
    "key_outlives": (
        _("API key of somebody switched off"),
        _(
            "%(person)s, who was switched off, made the API key “%(name)s” of %(channel)s: replace it."
        ),
    ),
    "log_not_kept": (
        _("Log of the database not kept"),
        _("PostgreSQL cannot hand its log to the archive: a point in time cannot be restored."),
    ),
    "copy_old": (
        _("Copy of the database cluster overdue"),
        _("The newest copy of the cluster is of %(since)s."),
    ),
    "subscriber_failing": (
        _("Events not processed"),
        _("%(events)s events could not be processed by %(name)s: %(error)s"),
    ),
    "work_parked": (
        _("Work given up after several attempts"),
        _("%(what)s: %(rows)s were given up and need attention."),
    ),
    "law_broken": (
        _("Invariant violated"),
        _("The invariant “%(name)s” does not hold: %(rows)s violations."),
    ),
    "payment_disputed": (
        _("Payment disputed"),
        _("The payment of order %(order)s is disputed: %(amount)s %(currency)s."),
    ),
    "money_kept": (
        _("Money of an ended order not paid back"),
        _(
            "Order %(order)s has ended; %(amount)s %(currency)s of its money is neither refunded"
            " nor proposed for refund."
        ),
    ),
    "zone_unknown": (
        _("Unknown time zone"),
        _(
            "%(what)s %(name)s has the time zone “%(zone)s”, which does not exist; the company's is used instead."
        ),
    ),
    "approval_late": (
        _("Approval overdue"),
        _("%(what)s %(number)s has waited more than %(hours)s hours for approval."),
    ),
}
# Roles told of a kind where no subscription says anything yet.
AT_FIRST: Mapping[str, Sequence[str]] = {
    "goods_missing": ("service", "warehouse"),
    "out_of_stock": ("buyer",),
    "not_ordered": ("buyer",),
    "overdue": ("warehouse",),
    "due_soon": ("warehouse",),
    "connection_failing": ("owner",),
    "schedule_failing": ("owner",),
    "backup_old": ("owner",),
    "key_ending": ("owner",),
    "key_outlives": ("owner",),
    "log_not_kept": ("owner",),
    "copy_old": ("owner",),
    "subscriber_failing": ("owner",),
    "work_parked": ("owner",),
    "law_broken": ("owner",),
    "payment_disputed": ("finance",),
    "money_kept": ("finance", "service"),
    "zone_unknown": ("owner",),
    "approval_late": ("owner",),
}


def words_of(kind: str, params: Mapping[str, object]) -> str:
    """Word an alert in the reader's language."""
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


# What can wait for approval or has a zone, as notices name it.
WHAT: Mapping[str, Words] = {
    "order": _("Order"),
    "refund": _("Refund"),
    "purchase": _("Purchase order"),
    "count": _("Count"),
    "document": _("Stock document"),
    "terms": _("Customers' terms"),
    "backup": _("Backup"),
    "drill": _("Restore drill"),
    "inbox": _("Incoming messages"),
    "mail": _("Notifications"),
    "webhooks": _("Webhook deliveries"),
    "jobs": _("Jobs"),
    "payment_calls": _("Calls to payment providers"),
    "channel_news": _("Notifications of shops"),
    "risk_checks": _("Requests for a fraud score"),
    "warehouse": _("Warehouse"),
    "channel": _("Channel"),
    "company": _("Company"),
    "user": _("Person"),
}
