"""Serves ShipStation's custom store: exports orders as XML, records its shipments.

Source: ShipStation, Custom Store Development Guide. It signs in by HTTP Basic: any user name, and an
API key of the channel as password.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, tostring

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.request import Request

from erp.access.models import Actor
from erp.api.authentication import ApiKeyAuthentication
from erp.api.endpoint import Endpoint, hash_of, once_claimed
from erp.api.schema import operation
from erp.errors import FieldError, Invalid, NotFound
from erp.ids import public_id
from erp.once import Answer, OnceKey
from fulfillment.shipping.actions import ship_order
from fulfillment.shipping.numbers import clean_number, number_key
from fulfillment.tracking.shipstation_notices import Item, read_items, units_of
from orders.customers.readers import Purpose, Reader, ShownAddress, reader_at_work
from orders.models import Order, OrderAddress, OrderLine
from orders.order.queries import find_order, orders_visible_to

PAGE = 100


XML = "text/xml; charset=utf-8"


DATES = ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M %p", "%m/%d/%Y")


class BasicKey(ApiKeyAuthentication):
    """The same API key, sent as the password of HTTP Basic."""

    def authenticate(self, request: Request) -> tuple[Actor, None]:
        scheme, _sep, pair = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                secret = base64.b64decode(pair, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                secret = ""
            request.META["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return super().authenticate(request)

    def authenticate_header(self, request: Request) -> str:
        return 'Basic realm="ShipStation"'


class BasicKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Says in the API's description how the key is sent here."""

    target_class = BasicKey
    name = "ApiKeyAsPassword"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, object]:
        return {"type": "http", "scheme": "basic"}


class CustomStore(Endpoint):
    """`?action=export` gives a channel's orders by when they changed, `shipnotify` ships one."""

    authentication_classes = (BasicKey,)
    rights = {"get": "orders.view", "post": "fulfillment.ship"}

    @operation(
        "Export orders to ShipStation (action=export)",
        query={
            "action": "export",
            "start_date": "MM/dd/yyyy HH:mm, UTC",
            "end_date": "likewise",
            "page": "1",
        },
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        _check(self.actor, code, request, "export")
        number = _page(request)
        orders = (
            orders_visible_to(self.actor)
            .filter(status__in=["confirmed", "completed", "cancelled"], is_history=False)
            .filter(
                updated_at__gte=_moment(request, "start_date"),
                updated_at__lte=_moment(request, "end_date"),
            )
            .prefetch_related("lines__sku")
            .order_by("updated_at", "pk")
        )
        start = (number - 1) * PAGE
        rows = list(orders[start : start + PAGE + 1])
        # Counting would read them all: one page more is announced as long as there is one.
        pages = number + (len(rows) > PAGE)
        reader = reader_at_work(self.actor, Purpose.PACKING)
        return HttpResponse(exported(rows[:PAGE], pages, reader), content_type=XML)

    @operation("Record a shipment from ShipStation (action=shipnotify)", idempotency=False)
    def post(self, request: Request, code: str) -> HttpResponse:
        _check(self.actor, code, request, "shipnotify")
        said, body = request.query_params, _notice(request)
        number = said.get("order_number", "").strip()
        tracking = clean_number(said.get("tracking_number", ""))
        if not number or not number.isprintable():
            detail = _("Name the order that shipped.")
            raise Invalid(detail, errors=[FieldError("/order_number", "required", detail)])
        items = read_items(body, number)
        given = once_claimed(
            OnceKey(
                f"shipstation:{self.actor.channel_id}",
                f"{number}:{number_key(tracking) or (hash_of(body) if items else '')}",
                hash_of(repr(sorted(items)).encode()) if items else "",
            ),
            ship_order,
            lambda _parcels: Answer(200, b""),
            lambda: _named(find_order(self.actor, number), items),
            tracking_number=tracking,
            carrier=said.get("carrier", "").strip(),
            by=self.actor,
            now=timezone.now(),
        )
        return HttpResponse(given.body, status=given.status, content_type="text/plain")


def _named(order: Order, items: Sequence[Item] | None) -> dict[str, object]:
    """What a notice names, as `ship_order` takes it."""
    return {"order_id": order.pk, "units": None if items is None else units_of(items, order)}


def _notice(request: Request) -> bytes:
    """The notice that came along; a form, as some programs send where they have nothing to say, is none."""
    body = request._request.body
    is_form = request.META.get("CONTENT_TYPE", "").startswith(("multipart/", "application/x-www-"))
    return b"" if is_form and not body.lstrip().startswith(b"<") else body


def _check(actor: Actor, code: str, request: Request, wanted: str) -> None:
    if actor.channel is None or actor.channel.code != code:
        raise NotFound
    if request.query_params.get("action") != wanted:
        detail = _("action must be %(wanted)s.") % {"wanted": wanted}
        raise Invalid(detail, errors=[FieldError("/action", "unknown", detail)])


def _page(request: Request) -> int:
    text = request.query_params.get("page", "1").strip()
    if text.isascii() and text.isdecimal() and 0 < int(text[:6]) < 100_000:
        return int(text)
    detail = _("A page is a number from 1 to 99999.")
    raise Invalid(detail, errors=[FieldError("/page", "malformed", detail)])


def _moment(request: Request, name: str) -> datetime:
    text = request.query_params.get(name, "").strip()
    for pattern in DATES:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    detail = _("A date such as 03/23/2026 21:09, in UTC.")
    raise Invalid(detail, errors=[FieldError(f"/{name}", "malformed", detail)])


def exported(orders: list[Order], pages: int, reader: Reader) -> bytes:
    """Orders as ShipStation reads them; their lines and prefetched SKUs are read, addresses asked for.

    reader   as whom: a key that ships sees where to, one that sees contacts the rest
    """
    addresses = {
        (a.order_id, a.kind): reader.address(a)
        for a in OrderAddress.objects.filter(order__in=[order.pk for order in orders])
    }
    root = Element("Orders", {"pages": str(pages)})
    for order in orders:
        ship_to = addresses.get((order.pk, "shipping"))
        _order(root, order, ship_to, addresses.get((order.pk, "billing"), ship_to))
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + bytes(tostring(root, encoding="utf-8"))


BILLED = (("Name", "name"), ("Company", ""), ("Phone", "phone"), ("Email", "email"))


SHIPPED = (
    ("Name", "name"),
    ("Company", ""),
    ("Address1", "line1"),
    ("Address2", "line2"),
    ("City", "city"),
    ("State", "region"),
    ("PostalCode", "postal_code"),
    ("Country", "country"),
    ("Phone", "phone"),
)


def _order(
    root: Element,
    order: Order,
    ship_to: ShownAddress | None,
    bill_to: ShownAddress | None,
) -> None:
    row = SubElement(root, "Order")
    for name, value in (
        ("OrderID", order.number),
        ("OrderNumber", order.number),
        ("OrderDate", _date(order.placed_at)),
        ("OrderStatus", _status(order)),
        ("LastModified", _date(order.updated_at)),
        ("ShippingMethod", order.shipping_service),
        ("PaymentMethod", order.payment_method),
        ("CurrencyCode", order.currency),
        ("OrderTotal", _money(order.total)),
        ("TaxAmount", _money(order.tax)),
        ("ShippingAmount", _money(order.shipping)),
        ("CustomerNotes", order.note),
        ("InternalNotes", ""),
        ("Gift", "false"),
        ("GiftMessage", ""),
        ("CustomField1", order.external_id),
    ):
        _say(row, name, value)
    customer = SubElement(row, "Customer")
    # Not the customer's own name: another channel may have been told that, and not this one.
    stated = (ship_to.email or ship_to.name) if ship_to else ""
    _say(customer, "CustomerCode", stated or order.number)
    billed = SubElement(customer, "BillTo")
    shipped = SubElement(customer, "ShipTo")
    _say_address(billed, bill_to, BILLED)
    _say_address(shipped, ship_to, SHIPPED)
    _say_items(SubElement(row, "Items"), order)


def _say_address(
    place: Element, address: ShownAddress | None, names: Sequence[tuple[str, str]]
) -> None:
    for name, field in names:
        _say(place, name, getattr(address, field) if address and field else "")


def _say_items(items: Element, order: Order) -> None:
    for line in order.lines.all():
        units = line.quantity_ordered - line.quantity_cancelled
        if units > 0:
            _say_line(SubElement(items, "Item"), line, units)
    if order.discount:
        item = SubElement(items, "Item")
        _say(item, "SKU", "")
        _say(item, "Name", "Discount")
        _say(item, "Quantity", "1")
        _say(item, "UnitPrice", _money(-order.discount))
        _say(item, "Adjustment", "true")


def _say_line(item: Element, line: OrderLine, units: int) -> None:
    _say(item, "LineItemID", public_id("line", line.pk))
    _say(item, "SKU", line.sku_code)
    _say(item, "Name", line.name)
    _say(item, "Weight", str(line.sku.weight_g if line.sku else 0))
    _say(item, "WeightUnits", "Grams")
    _say(item, "Quantity", str(units))
    _say(item, "UnitPrice", _money(line.unit_price))
    if line.is_service:
        _say(item, "Adjustment", "true")


def _say(parent: Element, name: str, value: str) -> None:
    SubElement(parent, name).text = "".join(c for c in value if c >= " " or c in "\t\n")


def _date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%m/%d/%Y %H:%M")


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _status(order: Order) -> str:
    """The words that a custom store maps to ShipStation's own states."""
    if order.status == "cancelled":
        return "cancelled"
    if order.fulfillment_status == "fulfilled":
        return "shipped"
    return "on_hold" if order.open_holds else "paid"
