"""Declares the verbs of routing: send an order from another warehouse, or by another carrier."""

from typing import Annotated

import msgspec
from django.utils.translation import gettext_lazy

from erp.shapes import Reason, Words
from erp.verbs import Ask, Bulk, Verb
from inventory.models import Warehouse
from orders.order.document import OrderFacts
from orders.order.models.order import Order
from orders.routing.actions.carriers import set_carrier
from orders.routing.actions.reroute import reroute_order
from orders.routing.queries import active_carriers


def _warehouses(_order: object) -> list[tuple[str, Words]]:
    rows = Warehouse.objects.filter(is_active=True).order_by("priority", "pk")
    return [("", gettext_lazy("Automatic routing")), *rows.values_list("code", "name")]


def _carriers(_order: object) -> list[tuple[str, Words]]:
    return [("", gettext_lazy("Automatic")), *active_carriers()]


class RerouteBody(msgspec.Struct, forbid_unknown_fields=True):
    """The warehouse's code; without one, where routing finds the goods now."""

    reason: Annotated[Reason, Ask(gettext_lazy("Reason"))]
    warehouse: Annotated[str, Ask(gettext_lazy("Warehouse"), _warehouses)] = ""


class CarrierBody(msgspec.Struct, forbid_unknown_fields=True):
    """The carrier's code; "" lets it be found again."""

    carrier: Annotated[str, Ask(gettext_lazy("Carrier"), _carriers)]


def _is_untouched(order: OrderFacts) -> bool:
    return order.is_untouched


def _is_unpacked(order: OrderFacts) -> bool:
    return order.fulfillment_status in {"unfulfilled", "in_progress"}


REROUTE: Verb[Order, RerouteBody] = Verb(
    "reroute",
    reroute_order,
    "orders.edit",
    "Ship an order from another warehouse",
    gettext_lazy("Re-route"),
    gettext_lazy("Order re-routed."),
    body=RerouteBody,
    state="edit",
    offered=_is_untouched,
    place="more",
    bulk=Bulk(),
    sentences={"rerouted": gettext_lazy("Now ships from %(warehouses)s: %(reason)s")},
)
CARRIER: Verb[Order, CarrierBody] = Verb(
    "set_carrier",
    set_carrier,
    "orders.edit",
    "Choose an order's carrier",
    gettext_lazy("Change carrier"),
    gettext_lazy("Saved."),
    body=CarrierBody,
    path="carrier",
    state="edit",
    offered=_is_unpacked,
    place="more",
    sentences={"carrier.set": gettext_lazy("Carrier: %(carrier)s")},
)

VERBS = (REROUTE, CARRIER)
