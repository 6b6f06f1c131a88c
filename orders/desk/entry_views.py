"""Shows order entry for the phone desk: keyboard only, live price, stock and promise."""

import re
import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.access.models import Channel
from erp.errors import DomainError
from erp.ids import primary_key, public_id
from erp.once import perform
from erp.web.pages import StaffRequest, page, words_of
from inventory.models import Sku
from inventory.stock.models.places import Warehouse
from inventory.stock.queries import availability
from orders.customers.api import as_address
from orders.customers.chinese_addresses import read_address
from orders.customers.contacts import Address, Buyer
from orders.customers.readers import reader_of
from orders.customers.views import reveal
from orders.intake.mail.actions.drafts import as_entry, place_typed_order
from orders.intake.mail.models import OrderDraft
from orders.order.models.order import Order
from orders.order.queries import (
    customers_visible_to,
    free_types,
    order_types,
    orders_visible_to,
    shipping_address,
)
from orders.order.wording import sentence
from orders.placement.actions.place import quote_order
from orders.placement.incoming import Basket, IncomingLine, IncomingOrder, IncomingPayment
from orders.placement.recognition import Chosen
from orders.policies.payment_methods import AT_DESK, METHODS
from orders.routing.models.carriers import ShippingService

PARTS = ("name", "phone", "email", "line1", "line2", "postal_code", "city", "region", "country")


MOST_LINES = 100
CHINESE = ("CN", "HK", "MO", "TW")  # where addresses are written as one line


@dataclass(frozen=True)
class Entry:
    """What is typed so far."""

    values: dict[str, str]
    lines: list[tuple[str, str]]  # SKU code, quantity as typed

    @classmethod
    def of(cls, request: StaffRequest) -> "Entry":
        names = (
            *PARTS,
            "channel",
            "service",
            "payment",
            "type",
            "coupon",
            "note",
            "token",
            "draft",
            "copy",
            "customer",
        )
        values = {name: request.POST.get(name, "").strip() for name in names}
        pairs = zip(request.POST.getlist("sku"), request.POST.getlist("quantity"), strict=False)
        lines = [(sku.strip(), n.strip() or "1") for sku, n in pairs if sku.strip()]
        return cls(values, lines[:MOST_LINES])

    def channel(self) -> Channel | None:
        return Channel.objects.filter(code=self.values["channel"], is_active=True).first()

    def incoming_lines(self) -> list[IncomingLine]:
        return [
            IncomingLine(sku=sku, quantity=int(n) if n.isdecimal() and len(n) < 7 else 0)
            for sku, n in self.lines
        ]

    def coupon_codes(self) -> list[str]:
        return [code for code in re.split(r"[\s,，;；]+", self.values["coupon"]) if code]

    def address(self) -> Address:
        v = self.values
        return Address(
            name=v["name"],
            line1=v["line1"],
            country=v["country"].upper(),
            line2=v["line2"],
            city=v["city"],
            region=v["region"],
            postal_code=v["postal_code"],
            phone=v["phone"],
        )

    def buyer(self) -> Buyer:
        v = self.values
        return Buyer(name=v["name"], email=v["email"], phone=v["phone"])


@page("orders.place")
def new_order(request: StaffRequest) -> HttpResponse:
    """The entry form; a POST places the order. Sent twice it is placed once: the form has a token."""
    if request.method != "POST":
        channels = _channels()
        first = channels[0] if channels else None
        values = dict.fromkeys(PARTS, "") | {
            "channel": first.code if first else "",
            "country": home_country(),
            "token": uuid.uuid4().hex,
            "payment": AT_DESK[0],
            "type": "",
            "coupon": "",
            "service": "",
            "note": "",
            "draft": "",
            "copy": "",
            "customer": "",
        }
        if copied := _copied(request, request.GET.get("copy", "")):
            return _form(request, _from_order(copied, values))
        draft = _draft(request, request.GET.get("draft", ""))
        return _form(request, _from_draft(draft, values) if draft else Entry(values, []))
    entry = Entry.of(request)
    channel = entry.channel()
    if channel is None:
        return _form(request, entry, {"channel": _("Choose a channel.")})
    if not entry.lines:
        return _form(request, entry, {"lines": _("Add at least one line.")})
    method = entry.values["payment"] if entry.values["payment"] in AT_DESK else AT_DESK[0]
    incoming = IncomingOrder(
        external_id=f"DESK-{entry.values['token'][:32] or uuid.uuid4().hex}",
        currency=channel.currency,
        customer=entry.buyer(),
        shipping_address=entry.address(),
        lines=entry.incoming_lines(),
        shipping_service=entry.values["service"],
        payment=IncomingPayment(method=method),  # type: ignore[arg-type]
        note=entry.values["note"],
        type=entry.values["type"],
        coupon_codes=entry.coupon_codes(),
        metadata={"copied_from": copied.number}
        if (copied := _copied(request, entry.values["copy"]))
        else {},
    )
    try:
        placed = perform(
            place_typed_order,
            incoming=incoming,
            channel=channel,
            by=request.actor,
            draft_id=_draft_id(request, entry.values["draft"]),
            customer_id=_chosen_id(request, entry),
            now=timezone.now(),
        )
    except DomainError as refusal:
        errors = _errors(refusal)
        return _form(request, entry, errors, " ".join(errors.values()) or words_of(refusal))
    messages.success(request, _("Order %(number)s placed.") % {"number": placed.number})
    return redirect(f"/orders/{placed.number}/")


def _chosen_id(request: StaffRequest, entry: Entry) -> int | None:
    """The customer whom a person has chosen of those who were suggested; None where contacts were only typed."""
    pk = primary_key("cus", entry.values["customer"])
    if pk is None or not reader_of(request.actor).is_clear:
        return None
    found = customers_visible_to(request.actor).filter(pk=pk)
    return found.values_list("pk", flat=True).first()


def _draft_id(request: StaffRequest, asked: str) -> int | None:
    """The draft that an order is made of, for those who may see it."""
    may = asked.isdecimal() and "customers.view" in request.actor.verbs
    return int(asked[:18]) if may else None


def _draft(request: StaffRequest, asked: str) -> OrderDraft | None:
    """An open draft; where contacts are masked for this person, that they saw it is written down."""
    found = OrderDraft.objects.filter(pk=_draft_id(request, asked) or 0, status="open").first()
    if found is not None:
        reveal(request, f"draft:{found.pk}")
    return found


def _from_draft(draft: OrderDraft, values: dict[str, str]) -> Entry:
    """Order entry as a letter was understood; a person looks at every field of it."""
    said = as_entry(draft.reading)
    where = (
        read_address(said["ship_to"])
        if any("\u4e00" <= c <= "\u9fff" for c in said["ship_to"])
        else None
    )
    filled = {
        "name": said["name"],
        "email": said["email"],
        "note": said["note"],
        "draft": str(draft.pk),
    }
    if where is not None:
        filled |= {name: value for name, value in as_address(where).items() if value}
    else:
        filled |= {"line1": said["ship_to"], "country": ""}
    lines = [(line["sku"], str(line["quantity"])) for line in draft.reading.get("lines", [])]
    return Entry(values | filled, lines)


def _copied(request: StaffRequest, number: str) -> Order | None:
    """The order that is entered once more, for those who may see who its customer is."""
    if not number or not reader_of(request.actor).is_clear:
        return None
    return orders_visible_to(request.actor).filter(number=number).first()


def _from_order(order: Order, values: dict[str, str]) -> Entry:
    """Order entry as an order was: the same goods to the same place, at today's prices."""
    address = shipping_address(order.pk)
    filled = {
        "copy": order.number,
        "note": order.note,
        "channel": order.channel.code,
        "customer": public_id("cus", order.customer_id) if order.customer_proof else "",
    }
    if address is not None:
        filled |= {name: getattr(address, name) for name in PARTS}
    lines = [
        (line.sku_code, str(line.quantity_ordered))
        for line in order.lines.exclude(sku=None).order_by("position")
    ]
    return Entry(values | filled, lines[:MOST_LINES])


def home_country() -> str:
    """The country that goods leave from first: most orders by phone go to people there."""
    first = Warehouse.objects.filter(is_active=True).order_by("priority", "code")
    return first.values_list("country", flat=True).first() or ""


def _channels() -> list[Channel]:
    """The desks first, then every other channel that orders can be entered for."""
    rows = Channel.objects.filter(is_active=True)
    return sorted(rows, key=lambda c: (c.kind != "desk", c.code))


def _form(
    request: StaffRequest, entry: Entry, errors: dict[str, str] | None = None, why: str = ""
) -> HttpResponse:
    channel = entry.channel()
    services = (
        ShippingService.objects.filter(is_active=True, currency=channel.currency)
        if channel
        else ShippingService.objects.none()
    )
    return render(
        request,
        "orders/desk/new.html",
        {
            "values": entry.values,
            "lines": entry.lines,
            "errors": errors or {},
            "is_chinese": entry.values["country"] in CHINESE or get_language() == "zh-hans",
            "why": why,
            "channels": [(c.code, c.name) for c in _channels()],
            "services": [(s.code, s.name) for s in services.order_by("fee")],
            "types": [("", _("Channel default")), *_types(request)],
            "payments": [(code, METHODS[code].at_desk) for code in AT_DESK],
        },
        status=422 if errors or why else 200,
    )


def _types(request: StaffRequest) -> list[tuple[str, str]]:
    """The types that this person may enter: free ones only where they may give goods away."""
    free = free_types()
    may_give = "goodwill.give" in request.actor.verbs
    return [(code, name) for code, name in order_types() if may_give or code not in free]


def _errors(refusal: DomainError) -> dict[str, str]:
    """A refusal's field errors by the form's field: "/shipping_address/city" is "city"."""
    found: dict[str, str] = {}
    for error in refusal.errors:
        parts = error.pointer.strip("/").split("/")
        field, text = parts[-1], error.detail
        if parts[0] == "lines":
            field = "lines"
            if len(parts) > 1 and parts[1].isdecimal():
                text = _("Line %(n)s: %(text)s") % {"n": int(parts[1]) + 1, "text": text}
        field = {"shipping_service": "service"}.get(field, field)
        field = "coupon" if parts[0] == "coupon_codes" else field
        found[field] = f"{found[field]} {text}" if field in found else text
    return found


@never_cache
@require_POST
@page("orders.place")
def quote(request: StaffRequest) -> HttpResponse:
    """Price, stock and promise of what is typed so far: what placing would decide, storing nothing."""
    entry = Entry.of(request)
    channel = entry.channel()
    known = set(
        Sku.objects.filter(code__in=[c for c, _n in entry.lines]).values_list("code", flat=True)
    )
    unknown = [code for code, _n in entry.lines if code not in known]  # still being typed, mostly
    entry = Entry(entry.values, [line for line in entry.lines if line[0] in known])
    context: dict[str, object] = {"lines": entry.lines, "unknown": unknown}
    if channel and entry.lines:
        address = entry.address()
        basket = Basket(
            currency=channel.currency,
            shipping_address=Address(
                name=address.name or "–",
                line1=address.line1 or "–",
                country=address.country or home_country(),
                line2=address.line2,
                city=address.city,
                region=address.region,
                postal_code=address.postal_code,
                phone=address.phone,
            ),
            lines=entry.incoming_lines(),
            shipping_service=entry.values["service"],
            customer=entry.buyer(),
            type=entry.values["type"],
            coupon_codes=entry.coupon_codes(),
        )
        chosen = _chosen_id(request, entry)
        try:
            quoted, priced, route, promised = perform(
                quote_order,
                incoming=basket.as_order(),
                channel=channel,
                chosen=Chosen(chosen) if chosen else None,
                by=request.actor,
                now=timezone.now(),
            )
            stock = {
                row["sku"]: row for row in availability(codes=[sku for sku, _n in entry.lines])
            }
            context |= {
                "currency": channel.currency,
                "because": [sentence(r) for r in priced.reasons if "promotion" in r["params"]],
                "priced": priced,
                "promised": promised,
                "short": route.short,
                "rows": [
                    (line, price, stock.get(line.sku), route.backordered.get(index, 0))
                    for index, (line, price) in enumerate(
                        zip(quoted.lines, priced.lines, strict=True)
                    )
                ],
            }
        except DomainError as refusal:
            context["why"] = " ".join(_errors(refusal).values()) or str(refusal)
    return render(request, "orders/desk/quote.html", context)
