"""Serves returns over the API."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.api.endpoint import Endpoint
from erp.api.resource import by_choice, by_value, creation_of, document_of, list_of
from erp.errors import FieldError, Invalid
from erp.identifiers import Identified, Identifier
from erp.ids import primary_key
from orders.models import OrderLine
from orders.order.queries import find_order
from returns.rma.actions import request_return
from returns.rma.queries import (
    find_return,
    read_return,
    return_document,
    returns_visible_to,
    with_write_offs,
)
from returns.rma.states import ReturnAuthorizationStatus
from returns.rma.wishes import Wish


class NewReturnLine(msgspec.Struct, forbid_unknown_fields=True):
    quantity: int
    line: str = ""
    sku: str = ""
    reason: str = "other"


class NewReturn(Identified, msgspec.Struct, forbid_unknown_fields=True):
    order: Identifier
    lines: list[NewReturnLine]
    note: str = ""


class _NamesLine(Protocol):
    """A body's line that names an order line by its public id, or by its SKU."""

    @property
    def line(self) -> str: ...
    @property
    def sku(self) -> str: ...


def order_lines_of(order_id: int, lines: Sequence[_NamesLine]) -> list[int]:
    """The order lines that body lines name by public id or by SKU."""
    by_sku: dict[str, int] = {}
    known = set()
    for row in OrderLine.objects.filter(order_id=order_id).order_by("-position"):
        by_sku[row.sku_code] = row.pk
        known.add(row.pk)
    found = []
    for index, line in enumerate(lines):
        pk = primary_key("line", line.line) if line.line else by_sku.get(line.sku)
        if pk not in known:
            raise Invalid(
                errors=[
                    FieldError(f"/lines/{index}", "unknown-line", _("Not a line of this order."))
                ]
            )
        found.append(pk)
    return found


def _requested(body: NewReturn, by: Actor) -> Mapping[str, object]:
    order = find_order(by, body.order)
    pks = order_lines_of(order.pk, body.lines)
    return {
        "order_id": order.pk,
        "wishes": [
            Wish(pk, line.quantity, line.reason) for pk, line in zip(pks, body.lines, strict=True)
        ],
        "note": body.note,
    }


class Returns(Endpoint):
    rights = {"get": "returns.view", "post": "returns.request"}
    get = list_of(
        "List returns",
        lambda actor: with_write_offs(returns_visible_to(actor)),
        lambda row, _by: return_document(row),
        filters=(
            by_value("order", "order__number", "number"),
            by_choice("status", ReturnAuthorizationStatus.values),
        ),
    )
    post = creation_of(
        "Request a return",
        request_return,
        body=NewReturn,
        arguments=_requested,
        show=lambda row, _by: read_return(row.pk),
    )


class OneReturn(Endpoint):
    rights = {"get": "returns.view"}
    get = document_of("Read a return", find_return, lambda row, _by: read_return(row.pk))
