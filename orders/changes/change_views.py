"""Shows the change form of a placed order, with a preview before it is applied."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypedDict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from erp.errors import DomainError, FieldError, Invalid
from erp.money import written
from erp.once import perform
from erp.web.pages import StaffRequest, page, words_of
from inventory.models import Warehouse
from orders.changes.actions.change import change_order
from orders.changes.actions.effect import Effect, Wanted, preview_change
from orders.order.models.order import Order, OrderLine
from orders.order.views import find
from orders.order.wording import sentence
from orders.routing.models.carriers import ShippingService

BLANK_ROWS = 3


@never_cache
@page("orders.edit")
def change(request: StaffRequest, number: str) -> HttpResponse:
    """The form; asked to look, with what the change comes to; confirmed, it is done as it was shown."""
    order = find(request, number)
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    said = _said(request, order, lines)
    if request.method != "POST":
        return _page(request, order, lines, said)
    if wrong := said["wrong"]:
        return _page(request, order, lines, said, why=wrong, status=422)
    wanted, asked = said["wanted"], request.POST
    try:
        if asked.get("verb") != "confirm":
            effect = preview_change(
                order=order, wanted=wanted, by=request.actor, now=timezone.now()
            )
            return _page(request, order, lines, said, effect=effect)
        perform(
            change_order,
            order_id=order.pk,
            wanted=wanted,
            reason=said["reason"],
            total=amount_of(asked.get("total", "")),
            version=_version(asked.get("version", "")),
            by=request.actor,
            now=timezone.now(),
        )
    except DomainError as refusal:
        return _page(request, order, lines, said, why=words_of(refusal), status=refusal.status)
    messages.success(request, _("Changed."), extra_tags=f"/orders/{order.number}/undo_change/")
    return redirect(f"/orders/{order.number}/")


class Said(TypedDict):
    """What the form says, and what it asks for; `wrong` where it cannot be read."""

    units: Mapping[int, int | str]
    added: list[tuple[str, int | None]]
    service: str
    reason: str
    wrong: str
    wanted: Wanted


def _said(request: StaffRequest, order: Order, lines: list[OrderLine]) -> Said:
    """What the form says: units by line, new lines, service, reason; `wrong` where it cannot be read."""
    asked = request.POST
    now = {line.pk: line.quantity_ordered - line.quantity_cancelled for line in lines}
    if request.method != "POST":
        return {
            "units": now,
            "added": [],
            "service": order.shipping_service,
            "reason": "",
            "wrong": "",
            "wanted": Wanted({}),
        }
    texts = {line.pk: asked.get(f"units-{line.pk}", "").strip() for line in lines}
    units = {pk: _whole(text) if text else now[pk] for pk, text in texts.items()}
    pairs = zip(asked.getlist("sku"), asked.getlist("quantity"), strict=False)
    added = [
        (sku.strip().upper(), _whole(quantity or "1")) for sku, quantity in pairs if sku.strip()
    ]
    wrong = ""
    if None in units.values() or any(quantity is None for _sku, quantity in added):
        wrong = _("A quantity is a whole number.")
    service = asked.get("service", "")
    return {
        "units": texts,
        "added": added,
        "service": service,
        "reason": asked.get("reason", ""),
        "wrong": wrong,
        "wanted": Wanted(
            units={pk: n for pk, n in units.items() if n is not None and n != now[pk]},
            added=[(sku, n or 0) for sku, n in added],
            service=service if service != order.shipping_service else "",
        ),
    }


def _page(
    request: StaffRequest,
    order: Order,
    lines: list[OrderLine],
    said: Said,
    *,
    effect: Effect | None = None,
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    services = ShippingService.objects.filter(is_active=True, currency=order.currency)
    context = {
        "order": order,
        "why": why,
        "effect": effect,
        "lines": [(line, said["units"][line.pk]) for line in lines],
        "added": [*said["added"], *[("", "")] * BLANK_ROWS],
        "service": said["service"],
        "services": services.order_by("code").values_list("code", "name"),
        "reason": said["reason"],
        "reasons": [sentence(reason) for reason in effect.changed.reasons] if effect else [],
        "given_back": -effect.changed.due if effect else 0,
        "warehouses": [
            ("", _("Automatic routing")),
            *Warehouse.objects.filter(is_active=True)
            .order_by("priority", "pk")
            .values_list("code", "name"),
        ],
    }
    return render(request, "orders/changes/change.html", context, status=status)


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 8 else None


def _version(text: str) -> int | None:
    """The version of the order that a form was shown with.

    Raises Invalid for what is none: it is no leave to skip it.
    """
    found = _whole(text)
    if text.strip() and found is None:
        detail = _("The form could not be read; reload the page.")
        raise Invalid(errors=[FieldError("/version", "malformed", detail)])
    return found


def amount_of(text: str) -> Decimal | None:
    """The amount that a form was shown with; None where it carries none. Raises Invalid for what is no amount."""
    if not text.strip():
        return None
    found = written(text.strip())
    if found is None:
        detail = _("An amount such as 12.50.")
        raise Invalid(errors=[FieldError("/total", "malformed", detail)])
    return found
