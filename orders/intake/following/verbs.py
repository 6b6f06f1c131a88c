"""Declares the verb of following: say which SKU a line is that its channel calls something else."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.errors import FieldError, Invalid
from erp.ids import primary_key
from erp.queries import find_one
from erp.verbs import Ask, Noun, Verb
from inventory.models import Sku
from orders.intake.following.actions.sku_mapping import map_line
from orders.order.models.order import OrderLine
from orders.order.queries import find_order, read_order


class MapBody(msgspec.Struct, forbid_unknown_fields=True):
    """`remember`: what the channel calls the line means this SKU from now on, on other orders as well."""

    sku: Annotated[str, Ask(gettext_lazy("SKU"))]
    remember: bool = False


def find_line(actor: Actor, number: str, line: str) -> OrderLine:
    """A line of an order that an actor may know of, by its id; raises NotFound."""
    order = find_order(actor, number)
    pk = primary_key("line", line)
    return find_one(OrderLine.objects.filter(order=order, pk=pk or 0).select_related("order"))


def _mapped(_line: OrderLine, body: MapBody, _by: Actor) -> Mapping[str, object]:
    sku = Sku.objects.filter(code=body.sku.strip()).first()
    if sku is None:
        raise Invalid(errors=[FieldError("/sku", "unknown", _("There is no such SKU."))])
    return {"sku_id": sku.pk, "remember": body.remember}


LINE: Noun[OrderLine] = Noun(
    name="order_line",
    path="orders/<str:number>/lines/<str:line>",
    argument="line_id",
    right="orders.view",
    find=find_line,
    show=lambda pk, actor: read_order(
        OrderLine.objects.values_list("order", flat=True).get(pk=pk), actor
    ),
    page=lambda line: f"/orders/{line.order.number}/",
)
MAP: Verb[OrderLine, MapBody] = Verb(
    "map",
    map_line,
    "orders.edit",
    "Say which SKU a line is",
    gettext_lazy("Say which SKU it is"),
    gettext_lazy("Saved."),
    body=MapBody,
    arguments=_mapped,
    is_listed=False,
    sentences={"line.mapped": gettext_lazy("“%(code)s” is %(sku)s")},
)

VERBS = (MAP,)
