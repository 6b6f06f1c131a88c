"""Shows the order page, its timeline and comments, and performs its verbs."""

from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.comments.actions import add_comment, see_mentions
from erp.comments.queries import colleagues, comments_on, unseen_mentions
from erp.messages.models import Message
from erp.once import perform
from erp.web import presence
from erp.web.pages import StaffRequest, page, take
from erp.web.verbs import offers
from erp.wiring import panels, timelines
from inventory.stock.queries import availability
from orders.customers.readers import reader_of
from orders.intake.following.queries import is_unmapped, suggested_skus
from orders.invoicing.panels import invoice_facts
from orders.order.contacts import contact_of, recipient_of
from orders.order.details import details_of
from orders.order.document import OrderFacts
from orders.order.links import tracking_url
from orders.order.models.claim import OrderClaim
from orders.order.models.order import Hold, Order, OrderLine
from orders.order.models.payment import Payment
from orders.order.queries import (
    adjustments_of,
    custom_fields_of,
    decisions_of,
    events_of,
    order_types,
)
from orders.order.states import ORDER, Flag
from orders.order.views import find
from orders.order.wording import KINDS, Step, event_group, event_icon, event_text, sentence
from orders.payments.verbs import PAY
from orders.review.rule_wording import trace
from orders.routing.queries import active_carriers


@page("orders.view")
def order_page(request: StaffRequest, number: str) -> HttpResponse:
    order = find(request, number)
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    stock = {
        row["sku"]: row
        for row in availability(codes=[line.sku_code for line in lines if line.sku_id])
    }
    holds = Hold.objects.filter(order=order, released_at=None).select_related("by").order_by("pk")
    payments = list(Payment.objects.filter(order=order).order_by("pk"))
    paid = sum((p.captured for p in payments), Decimal(0))
    facts = OrderFacts(
        order.fulfillment_status,
        order.open_holds,
        any(line.quantity_shipped for line in lines),
        any(line.quantity_backordered for line in lines),
        order.customer_proof,
    )
    due = max(Decimal(0), order.total - paid)
    without = () if due else (PAY.name,)  # more can be recorded over the API
    offered = offers("order", order, facts, request.actor, without)
    next_verb = _next_verb(order, offered.names)
    reader = reader_of(request.actor)
    may_edit = "orders.edit" in request.actor.verbs and "edit" in ORDER.verbs_from(order.status)
    context = {
        "order": order,
        "lines": [(line, stock.get(line.sku_code)) for line in lines],
        "suggested": suggested_skus([x for x in lines if is_unmapped(x)]),
        "holds": [
            (hold, event_text("hold.opened", {"reason": hold.reason} | hold.params))
            for hold in holds
        ],
        "payments": payments,
        "adjustments": adjustments_of(order.pk) if order.discount else [],
        "decisions": _explained(order),
        "offers": offered.led_by(next_verb),
        "next_verb": next_verb,
        "tracking_url": tracking_url(order.number, order.links_withdrawn),
        "panels": [panel(request, order) for panel in panels("order")],
        "due": due,
        "claim": OrderClaim.objects.filter(order=order, until__gt=timezone.now())
        .select_related("by")
        .first(),
        "may_claim": "orders.release" in request.actor.verbs
        and "hold" in ORDER.verbs_from(order.status),
        "may_edit": may_edit,
        "may_change": may_edit and order.fulfillment_status == "unfulfilled",
        "may_mark": "orders.mark" in request.actor.verbs,
        "flags": Flag.choices,
        "carriers": dict(active_carriers()),
        "custom_fields": custom_fields_of(order.metadata),
        "type_name": dict(order_types()).get(order.type, order.type),
        "details": details_of(order),
        "may_comment": "orders.note" in request.actor.verbs,
        "may_copy": "orders.place" in request.actor.verbs and reader.is_clear,
        "colleagues": colleagues(),
        **invoice_facts(order, reader, request.actor),
        **contact_of(order, reader),
        **_timeline(request, order),
    }
    subject = f"order:{order.pk}"
    if any(m.comment.subject_ref == subject for m in unseen_mentions(request.actor)):
        perform(see_mentions, subject_ref=subject, by=request.actor, now=timezone.now())
    return render(request, "orders/desk/order.html", context)


def _next_verb(order: Order, verbs: set[str]) -> str:
    """What a person most likely does next: it stands first and in colour."""
    if "release" in verbs:
        return "release"
    if "pay" in verbs and order.status == "pending":
        return "pay"
    return ""


def _explained(order: Order) -> list[dict[str, object]]:
    return [
        {
            "kind": KINDS.get(decision.kind, decision.kind),
            "code": decision.kind,
            "reasons": [sentence(reason) for reason in decision.reasons],
            "otherwise": sentence(decision.counterfactual) if decision.counterfactual else "",
            "engine": decision.engine,
            "asked": trace(decision.inputs["book"], decision.inputs["facts"])
            if decision.kind == "rules"
            else [],
            "at": decision.at,
        }
        for decision in decisions_of(order.pk)
    ]


# The timeline


GROUPS = ("people", "comments", "rules", "messages", "scans", "money")


@never_cache
@page("orders.view")
def order_timeline(request: StaffRequest, number: str) -> HttpResponse:
    """The timeline alone, narrowed to one kind of step."""
    order = find(request, number)
    return render(
        request, "orders/desk/timeline.html", {"order": order, **_timeline(request, order)}
    )


def _timeline(request: StaffRequest, order: Order) -> dict[str, object]:
    """Steps, messages, comments and scans of an order, newest first, grouped by day."""
    chosen = request.GET.get("timeline", "")
    chosen = chosen if chosen in GROUPS else ""
    steps: list[Step] = [
        {
            "at": e.at,
            "text": event_text(e.kind, e.data),
            "by": e.by.name,
            "icon": event_icon(e.kind),
            "order": (0, e.pk),
            "group": event_group(e.kind, e.by.kind),
        }
        for e in events_of(order.pk)
    ]
    for message in Message.objects.filter(subject_ref=f"order:{order.pk}").order_by("pk"):
        text = _("Message: %(subject)s (%(state)s)") % {
            "subject": message.subject,
            "state": message.get_status_display(),
        }
        steps.append(
            {
                "at": message.sent_at or message.due_at,
                "text": text,
                "by": recipient_of(message, request.actor),
                "icon": "mail",
                "order": (1, message.pk),
                "group": "messages",
            }
        )
    for comment in comments_on(f"order:{order.pk}"):
        steps.append(
            {
                "at": comment.at,
                "text": comment.text,
                "by": comment.by.name,
                "icon": "comment",
                "order": (2, comment.pk),
                "group": "comments",
                "kind": "comment",
            }
        )
    for more in timelines("order"):
        steps += more(order)
    steps = [s for s in steps if not chosen or s["group"] == chosen]
    steps.sort(key=lambda step: (step["at"], step["order"]), reverse=True)
    for step in steps:
        step["day"] = date_format(timezone.localtime(step["at"]), "DATE_FORMAT")
    names = {
        "people": _("People"),
        "comments": _("Comments"),
        "rules": _("Rules"),
        "messages": _("Messages"),
        "scans": _("Scans"),
        "money": _("Money"),
    }
    groups = [("", _("Everything")), *[(group, names[group]) for group in GROUPS]]
    return {"timeline": steps, "groups": groups, "chosen_group": chosen}


@require_POST
@page("orders.view")
def comment(request: StaffRequest, number: str) -> HttpResponse:
    """Write a comment; colleagues named with @ find it on their home page."""
    order = find(request, number)
    back = f"/orders/{order.number}/"
    return take(
        request,
        add_comment,
        _("Comment added."),
        f"{back}#timeline",
        subject_ref=f"order:{order.pk}",
        text=request.POST.get("text", ""),
        url=back,
        right="orders.note",
    )


@never_cache
@require_POST
@page("orders.view")
def look(request: StaffRequest, number: str) -> HttpResponse:
    """Record that somebody views an order; return who else does."""
    order = find(request, number)
    others = presence.look(
        f"order:{order.pk}", request.actor, is_editing=request.POST.get("editing") == "1"
    )
    return render(request, "orders/desk/presence.html", {"others": others})
