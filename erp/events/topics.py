"""The catalogue of topics: everything that is told, inside and outside, and when."""

from difflib import get_close_matches
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Topic(NamedTuple):
    """What is told under a name, "<noun>.<past tense>", by the app that owns it."""

    name: str
    owner: str
    says: str | Promise


_ALL = (
    Topic("order.placed", "orders", _("An order was placed; it may still be on hold.")),
    Topic("order.confirmed", "orders", _("Nothing holds the order any more: it can be fulfilled.")),
    Topic("order.held", "orders", _("A hold was placed on the order.")),
    Topic("order.released", "orders", _("The last hold of the order was released.")),
    Topic("order.edited", "orders", _("Lines, service, address or contact of the order changed.")),
    Topic(
        "order.marked", "orders", _("Flag, remarks, tags or custom fields of the order changed.")
    ),
    Topic("order.ruled", "orders", _("Rules want more of the order than holds and marks.")),
    Topic("order.allocated", "orders", _("Goods the order waited for were reserved for it.")),
    Topic("order.short", "orders", _("Goods that were reserved for the order are not there.")),
    Topic(
        "order.choice_offered", "orders", _("The customer is asked what to do about short goods.")
    ),
    Topic("order.unpaid", "orders", _("The customer is to be reminded of a payment.")),
    Topic("order.overpaid", "orders", _("More was paid than the order costs now.")),
    Topic("order.expired", "orders", _("The order was never paid and has ended.")),
    Topic("order.cancelled", "orders", _("The order was cancelled; it does not ship.")),
    Topic("order.completed", "orders", _("Everything of the order was delivered and paid.")),
    Topic("order.refunded_on_channel", "orders", _("The order's channel gave money back.")),
    Topic("promise.revised", "orders", _("The dates promised to the customer changed.")),
    Topic("payment.authorised", "orders", _("A payment was authorised, not yet captured.")),
    Topic(
        "payment.capture_due", "orders", _("Authorised money is to be captured: its goods left.")
    ),
    Topic("payment.captured", "orders", _("Money was captured or recorded.")),
    Topic("payment.voided", "orders", _("An authorisation was given back.")),
    Topic("payment.refunded", "orders", _("The payment provider has given money back.")),
    Topic("invoice.issued", "orders", _("An invoice was issued.")),
    Topic("invoice.credited", "orders", _("A credit note was issued.")),
    Topic("customer.merged", "orders", _("A customer became part of another.")),
    Topic("customer.unmerged", "orders", _("A merge of customers was taken back.")),
    Topic("stock.changed", "inventory", _("What can be sold of some SKUs changed.")),
    Topic("stock.posted", "inventory", _("Stock movements or reservations of SKUs were posted.")),
    Topic("stock.arrived", "inventory", _("There is more of some SKUs to promise.")),
    Topic("stock.short", "inventory", _("Less was found than is reserved.")),
    Topic("purchase.sent", "inventory", _("A purchase order was sent to its supplier.")),
    Topic("purchase.delayed", "inventory", _("A purchase order arrives later than expected.")),
    Topic("purchase.closed", "inventory", _("A purchase order ended.")),
    Topic("shipment.shipped", "fulfillment", _("A parcel left the warehouse.")),
    Topic("shipment.out_for_delivery", "fulfillment", _("A parcel is out for delivery.")),
    Topic("shipment.delivered", "fulfillment", _("A parcel was delivered.")),
    Topic("shipment.delivery_failed", "fulfillment", _("A delivery was tried and failed.")),
    Topic("shipment.return_to_sender", "fulfillment", _("A parcel is on its way back.")),
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
    Topic("refund.submitted", "returns", _("The payment provider was asked for a refund.")),
    Topic("refund.completed", "returns", _("A refund was paid.")),
    Topic("notice.told", "erp", _("Staff were alerted.")),
)
TOPICS = {topic.name: topic for topic in _ALL}


class UnknownTopic(LookupError):
    """An event of a topic that is not in the catalogue: nobody could have subscribed to it."""


def known(topic: str) -> str:
    """The topic itself. Raises UnknownTopic."""
    if topic not in TOPICS:
        raise UnknownTopic(topic)
    return topic


def close_to(topic: str) -> list[str]:
    """Three topics that somebody may have meant, the closest first."""
    return get_close_matches(topic, TOPICS, n=3, cutoff=0.0)
