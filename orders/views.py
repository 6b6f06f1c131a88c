"""Orders and customers in the dashboard."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Count, Max
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from erp.errors import NotFound
from erp.ids import primary_key, public_id
from erp.messages.models import Message
from erp.templatetags.show import ago, money, pill
from erp.web.lists import Column, ListPage, Tab, show_list
from erp.web.pages import StaffRequest, page, take
from erp.wiring import panels
from inventory.queries import availability
from orders import actions, queries
from orders.documents import allowed_actions, tracking_url
from orders.explaining import KINDS, event_icon, event_text, sentence
from orders.models import Customer, CustomerIdentity, Hold, Order, OrderLine, Payment
from orders.states import HoldKind

ORDERS = ListPage(
    title=gettext_lazy("Orders"),
    columns=(
        Column(gettext_lazy("Order"), lambda o: o.number, main=True),
        Column(gettext_lazy("Customer"), lambda o: format_html("{}<span class='two'>{}</span>", o.customer.name or "–", o.channel.name)),
        Column(gettext_lazy("Order"), lambda o: pill(o.status, o.get_status_display())),
        Column(gettext_lazy("Payment"), lambda o: pill(o.payment_status, o.get_payment_status_display())),
        Column(gettext_lazy("Shipping"), lambda o: pill(o.fulfillment_status, o.get_fulfillment_status_display())),
        Column(gettext_lazy("Holds"), lambda o: pill("hold", _("On hold")) if o.open_holds else ""),
        Column(gettext_lazy("Placed"), lambda o: ago(o.placed_at)),
        Column(gettext_lazy("Total"), lambda o: money(o.total, o.currency), numeric=True),
    ),
    order=("-placed_at", "-id"),
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("To ship"), "status=confirmed&fulfillment_status=unfulfilled"),
        Tab(gettext_lazy("On hold"), "hold=1"),
        Tab(gettext_lazy("Waiting for payment"), "status=pending"),
        Tab(gettext_lazy("Short of stock"), "short=1"),
        Tab(gettext_lazy("Late"), "late=1"),
        Tab(gettext_lazy("Cancelled"), "status=cancelled"),
    ),
    filters={
        "status": gettext_lazy("Order"),
        "payment_status": gettext_lazy("Payment"),
        "fulfillment_status": gettext_lazy("Shipping"),
        "channel": gettext_lazy("Channel"),
        "sku": "SKU",
        "q": gettext_lazy("Search"),
    },
    search=gettext_lazy("Number, name, e-mail, phone or SKU"),
    find=queries.found,
    empty=gettext_lazy("No order here. They arrive by the API, from shops, by phone and from files."),
    link=lambda o: f"/orders/{o.number}/",
)  # fmt: skip

CUSTOMERS = ListPage(
    title=gettext_lazy("Customers"),
    columns=(
        Column(gettext_lazy("Name"), lambda c: c.name or "–", main=True),
        Column(gettext_lazy("Known by"), lambda c: ", ".join(i.value for i in c.identities.all()[:2])),
        Column(gettext_lazy("Orders"), lambda c: c.shown_orders, numeric=True),
        Column(gettext_lazy("Last order"), lambda c: ago(c.shown_last)),
    ),
    order=("-id",),
    filters={"q": gettext_lazy("Search")},
    search=gettext_lazy("Name, e-mail or phone"),
    find=queries.customers_found,
    empty=gettext_lazy("Customers appear with their first order."),
    link=lambda c: f"/customers/{public_id('cus', c.pk)}/",
)  # fmt: skip


@page("orders.view")
def order_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, ORDERS, _filtered(request).select_related("customer", "channel"))


def _filtered(request: StaffRequest) -> Any:
    orders = queries.orders_visible_to(request.actor)
    for name in ("status", "payment_status", "fulfillment_status", "return_status"):
        if request.GET.get(name):
            orders = orders.filter(**{name: request.GET[name]})
    if request.GET.get("channel"):
        orders = queries.on_channel(orders, request.GET["channel"])
    if request.GET.get("hold"):
        orders = orders.filter(open_holds__gt=0, status__in=["pending", "confirmed"])
    if request.GET.get("late"):
        orders = queries.overdue(orders, timezone.now())
    if request.GET.get("short"):
        waiting = OrderLine.objects.filter(quantity_backordered__gt=0).values("order_id")
        orders = orders.filter(status="confirmed", pk__in=waiting)
    return orders


@page("orders.view")
def review_queue(request: StaffRequest) -> HttpResponse:
    """Every order on hold, with the reason in words and the ways on beside it."""
    holds = (
        Hold.objects.filter(released_at=None, order__status__in=["pending", "confirmed"])
        .select_related("order__customer", "order__channel", "by")
        .order_by("opened_at", "pk")[:100]
    )
    rows = [(hold, event_text("hold.opened", {"reason": hold.reason})) for hold in holds]
    return render(request, "orders/review.html", {"rows": rows})


@page("orders.view")
def order_page(request: StaffRequest, number: str) -> HttpResponse:
    order = _order(request, number)
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    stock = {row["sku"]: row for row in availability(codes=[line.sku_code for line in lines])}
    shipped = any(line.quantity_shipped for line in lines)
    holds = (
        Hold.objects.filter(order=order, released_at=None).select_related("by").order_by("pk")
    )
    context = {
        "order": order,
        "lines": [(line, stock.get(line.sku_code)) for line in lines],
        "holds": [(hold, event_text("hold.opened", {"reason": hold.reason})) for hold in holds],
        "addresses": order.addresses.all(),
        "payments": Payment.objects.filter(order=order).order_by("pk"),
        "decisions": _explained(order),
        "timeline": _timeline(order),
        "verbs": allowed_actions(
            {"status": order.status, "open_holds": order.open_holds}, shipped, request.actor
        ),
        "hold_kinds": HoldKind.choices,
        "tracking_url": tracking_url(order.number),
        "panels": [panel(request, order) for panel in panels("order")],
        "due": max(
            Decimal(0),
            order.total - sum((p.captured for p in order.payments.all()), Decimal(0)),
        ),
    }
    return render(request, "orders/order.html", context)


def _explained(order: Order) -> list[dict[str, Any]]:
    return [
        {
            "kind": KINDS.get(decision.kind, decision.kind),
            "reasons": [sentence(reason) for reason in decision.reasons],
            "otherwise": sentence(decision.counterfactual) if decision.counterfactual else "",
            "engine": decision.engine,
            "at": decision.at,
        }
        for decision in queries.decisions_of(order.pk)
    ]


def _timeline(order: Order) -> list[dict[str, Any]]:
    """Steps and messages of an order, newest first."""
    steps = [
        {
            "at": e.at,
            "text": event_text(e.kind, e.data),
            "by": e.by.name,
            "icon": event_icon(e.kind),
            "id": e.pk,
        }
        for e in queries.events_of(order.pk)
    ]
    for message in Message.objects.filter(subject_ref=f"order:{order.pk}").order_by("pk"):
        when = message.sent_at or message.due_at
        text = _("Message: %(subject)s (%(state)s)") % {
            "subject": message.subject,
            "state": message.get_status_display(),
        }
        steps.append(
            {"at": when, "text": text, "by": message.recipient, "icon": "mail", "id": 0}
        )
    return sorted(steps, key=lambda step: (step["at"], step["id"]), reverse=True)


def _order(request: StaffRequest, number: str) -> Order:
    try:
        order = queries.find_order(request.actor, number)
    except NotFound:
        raise Http404 from None
    return (
        queries.orders_visible_to(request.actor)
        .select_related("customer", "channel")
        .get(pk=order.pk)
    )


@require_POST
@page("orders.view")
def take_verb(request: StaffRequest, number: str, verb: str) -> HttpResponse:
    """One verb on one order, from its button."""
    order = _order(request, number)
    verbs: dict[str, tuple[Callable[..., Any], dict[str, Any], str]] = {
        "hold": (
            actions.hold_order,
            {"kind": request.POST.get("kind", ""), "reason": request.POST.get("reason", "")},
            _("On hold."),
        ),
        "release": (
            actions.release_order,
            {"hold_id": primary_key("hold", request.POST.get("hold", ""))},
            _("Released."),
        ),
        "cancel": (
            actions.cancel_order,
            {"reason": request.POST.get("reason", "")},
            _("Cancelled; its stock is free again."),
        ),
        "note": (actions.add_note, {"text": request.POST.get("text", "")}, _("Noted.")),
        "pay": (actions.record_payment, _payment(request, order), _("Payment recorded.")),
    }
    if verb not in verbs:
        raise Http404
    action, arguments, done = verbs[verb]
    back = request.POST.get("back") or f"/orders/{order.number}/"
    if not back.startswith("/") or back.startswith("//"):
        back = "/orders/"
    return take(request, action, done, back, order_id=order.pk, **arguments)


def _payment(request: StaffRequest, order: Order) -> dict[str, Any]:
    try:
        amount = Decimal(request.POST.get("amount", "0") or "0")
    except InvalidOperation:
        amount = Decimal(0)
    return {
        "method": "manual",
        "reference": request.POST.get("reference", ""),
        "amount": amount,
        "currency": order.currency,
    }


@page("customers.view")
def customer_list(request: StaffRequest) -> HttpResponse:
    customers = Customer.objects.filter(merged_into=None)

    def prepare(rows: list[Customer]) -> None:
        totals = {
            row["customer"]: row
            for row in Order.objects.filter(customer__in=rows)
            .values("customer")
            .annotate(orders=Count("pk"), last=Max("placed_at"))
            .order_by()
        }
        for row in rows:
            total = totals.get(row.pk, {"orders": 0, "last": None})
            row.shown_orders, row.shown_last = total["orders"], total["last"]  # type: ignore[attr-defined]

    return show_list(
        request, CUSTOMERS, customers.prefetch_related("identities"), prepare=prepare
    )


@page("customers.view")
def customer_page(request: StaffRequest, customer: str) -> HttpResponse:
    row = Customer.objects.filter(pk=primary_key("cus", customer) or 0).first()
    if row is None:
        raise Http404
    orders = (
        queries.orders_visible_to(request.actor).filter(customer=row).select_related("channel")
    )
    return render(
        request,
        "orders/customer.html",
        {
            "customer": row,
            "identities": CustomerIdentity.objects.filter(customer=row).order_by("kind"),
            "orders": orders.order_by("-placed_at", "-id")[:50],
        },
    )
