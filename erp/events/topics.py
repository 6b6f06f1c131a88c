"""Catalogues every event topic: its owner, its payload and when it is recorded."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Topic(NamedTuple):
    """What is told under a name, "<noun>.<past tense>", by the app that owns it."""

    name: str
    owner: str
    says: str | Promise


# What an event's `data` holds outside, by its topic, else by the noun before the dot; "?" after what may be
# absent or null.
_DATA: Mapping[str, str] = {
    "order": "order",
    "order.cancelled": "order, by_channel?",
    "order.marked": "order, fields, by_channel",
    "order.ruled": "order, follows",
    "order.refunded_on_channel": "order, refund",
    "promise": "order, is_later",
    "payment": "order",
    "payment.refunded": "order, key",
    "invoice": "order, invoice?",
    "customer": "",
    "stock": "skus, warehouse?",
    "stock.short": "warehouse",
    "purchase": "purchase_order",
    "purchase.delayed": "purchase_order, skus",
    "shipment": "shipment, order",
    "return": "return, order",
    "refund": "refund, order",
    "notice": "",
}


def data_of(topic: str) -> Sequence[str]:
    """The members of a topic's `data`, "?" after those that may be absent."""
    said = _DATA.get(topic, _DATA.get(topic.partition(".")[0], ""))
    return [name for name in said.split(", ") if name]


_ALL = (
    Topic("order.placed", "orders", _("An order was placed; it may still be on hold.")),
    Topic(
        "order.confirmed", "orders", _("All holds on the order are released: it can be fulfilled.")
    ),
    Topic("order.held", "orders", _("The order was put on hold.")),
    Topic("order.released", "orders", _("The last hold of the order was released.")),
    Topic("order.edited", "orders", _("Lines, service, address or contact of the order changed.")),
    Topic(
        "order.marked", "orders", _("Flag, remarks, tags or custom fields of the order changed.")
    ),
    Topic("order.ruled", "orders", _("Rules require follow-up actions on the order.")),
    Topic("order.allocated", "orders", _("Stock was reserved for a waiting order.")),
    Topic("order.short", "orders", _("Stock reserved for the order was not found.")),
    Topic("order.choice_offered", "orders", _("The customer was asked about missing items.")),
    Topic("order.unpaid", "orders", _("A payment reminder is due.")),
    Topic("order.overpaid", "orders", _("The order is overpaid.")),
    Topic("order.expired", "orders", _("The order expired unpaid.")),
    Topic("order.cancelled", "orders", _("The order was cancelled and will not ship.")),
    Topic("order.completed", "orders", _("The order was fully delivered and paid.")),
    Topic("order.refunded_on_channel", "orders", _("The order was refunded on its channel.")),
    Topic("promise.revised", "orders", _("The dates promised to the customer changed.")),
    Topic("payment.authorised", "orders", _("A payment was authorised, not yet captured.")),
    Topic(
        "payment.capture_due",
        "orders",
        _("An authorised payment is due for capture: goods shipped."),
    ),
    Topic("payment.captured", "orders", _("Money was captured or recorded.")),
    Topic("payment.voided", "orders", _("An authorisation was voided.")),
    Topic("payment.refunded", "orders", _("The payment provider refunded a payment.")),
    Topic("invoice.issued", "orders", _("An invoice was issued.")),
    Topic("invoice.credited", "orders", _("A credit note was issued.")),
    Topic("customer.merged", "orders", _("A customer was merged into another.")),
    Topic("customer.unmerged", "orders", _("A customer merge was undone.")),
    Topic(
        "customer.erased",
        "erp",
        _("A customer's personal data is being erased; whoever was given it should forget it too."),
    ),
    Topic("stock.changed", "inventory", _("The sellable quantity of SKUs changed.")),
    Topic("stock.posted", "inventory", _("Stock movements or reservations of SKUs were posted.")),
    Topic("stock.arrived", "inventory", _("More units of SKUs became available.")),
    Topic("stock.short", "inventory", _("Fewer units were found than are reserved.")),
    Topic("purchase.sent", "inventory", _("A purchase order was sent to its supplier.")),
    Topic("purchase.delayed", "inventory", _("A purchase order is delayed.")),
    Topic("purchase.closed", "inventory", _("A purchase order was closed or cancelled.")),
    Topic("shipment.shipped", "fulfillment", _("A parcel shipped.")),
    Topic("shipment.out_for_delivery", "fulfillment", _("A parcel is out for delivery.")),
    Topic("shipment.delivered", "fulfillment", _("A parcel was delivered.")),
    Topic("shipment.ready_for_pickup", "fulfillment", _("A parcel is ready for pick-up.")),
    Topic("shipment.delivery_failed", "fulfillment", _("A delivery attempt failed.")),
    Topic("shipment.return_to_sender", "fulfillment", _("A parcel is being returned.")),
    Topic("shipment.returned", "fulfillment", _("A parcel came back to its sender.")),
    Topic("return.requested", "returns", _("A return was requested.")),
    Topic("return.approved", "returns", _("A return was approved.")),
    Topic("return.declined", "returns", _("A return was declined.")),
    Topic("return.cancelled", "returns", _("A return was cancelled.")),
    Topic("return.received", "returns", _("Goods of a return were received.")),
    Topic("return.inspected", "returns", _("Goods of a return were inspected.")),
    Topic("return.closed", "returns", _("A return was closed.")),
    Topic("refund.proposed", "returns", _("A refund was proposed.")),
    Topic("refund.approved", "returns", _("A refund was approved.")),
    Topic("refund.rejected", "returns", _("A refund was rejected.")),
    Topic("refund.submitted", "returns", _("A refund was submitted to the payment provider.")),
    Topic("refund.completed", "returns", _("A refund was paid.")),
    Topic("notice.told", "erp", _("Staff were alerted.")),
)
TOPICS = {topic.name: topic for topic in _ALL}


class UnknownTopic(LookupError):
    """An event of a topic that is not in the catalogue: nobody could have subscribed to it."""


def known(topic: str) -> str:
    """Return the topic itself. Raises UnknownTopic."""
    if topic not in TOPICS:
        raise UnknownTopic(topic)
    return topic


def close_to(topic: str) -> list[str]:
    """Return the three topics closest to a mistyped one."""
    return get_close_matches(topic, TOPICS, n=3, cutoff=0.0)
