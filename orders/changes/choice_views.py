"""Shows the public page where a customer chooses about missing goods, by signed link."""

from datetime import date
from typing import TypedDict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from erp.access.models import Company
from erp.access.queries import job_actor
from erp.errors import DomainError
from erp.i18n import language_chosen
from erp.once import perform
from erp.web.pages import words_of
from erp.zones import zone_shown
from inventory.models import Sku
from inventory.purchasing.queries import arrivals_of
from inventory.stock.queries import availability
from orders.allocation.models import ChoiceOffer
from orders.changes.actions import choice
from orders.changes.actions.choice import (
    Answer,
    short_lines,
    substitutes_of,
    wanted_of_answer,
)
from orders.changes.actions.effect import Effect, preview_change
from orders.changes.change_views import amount_of
from orders.order.kept_links import forget_link, keep_link, kept_link, page_of
from orders.order.links import choice_signer, order_of_link
from orders.order.models.order import Order, OrderLine
from orders.policies.payment_methods import AWAIT_PAYMENT


@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """Lead from a message's signed link to the page of its order, which has the link no more in its address."""
    token = request.GET.get("t", "")
    order = order_of_link(choice_signer(), token, timezone.now())
    if order is None:
        return _shown(request, None, status=404)
    return keep_link(page_of("choose", order.number), {"token": token})


@never_cache
def choose_of_order(request: HttpRequest, number: str) -> HttpResponse:
    """The choices of an order that is short of something; chosen, what they come to, then done."""
    order = order_of_link(choice_signer(), kept_link(request).get("token", ""), timezone.now())
    if order is None or order.number != number:
        return forget_link(_shown(request, None, status=404), page_of("choose", number))
    language = language_chosen(request) or order.language
    if language:
        translation.activate(language)
    offer = ChoiceOffer.objects.filter(order=order).order_by("-pk").first()
    if request.method != "POST" or offer is None:
        return _shown(request, order, offer=offer)
    lines = short_lines(order)
    answer = Answer(
        request.POST.get("whole", ""),
        {line.pk: request.POST.get(f"line-{line.pk}", "keep") for line in lines},
    )
    by, now = job_actor("storefront"), timezone.now()
    try:
        if request.POST.get("verb") != "confirm":
            wanted = wanted_of_answer(answer, lines)
            effect = preview_change(order=order, wanted=wanted, by=by, now=now) if wanted else None
            return _shown(request, order, offer=offer, answer=answer, effect=effect, looked=True)
        perform(
            choice.choose,
            offer_id=offer.pk,
            answer=answer,
            total=amount_of(request.POST.get("total", "")),
            by=by,
            now=now,
        )
    except DomainError as refusal:
        return _shown(
            request,
            order,
            offer=offer,
            answer=answer,
            why=words_of(refusal),
            status=refusal.status,
        )
    return redirect(request.path)


def _shown(
    request: HttpRequest,
    order: Order | None,
    *,
    offer: ChoiceOffer | None = None,
    answer: Answer | None = None,
    effect: Effect | None = None,
    looked: bool = False,
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    is_open = offer is not None and offer.status == "open" and offer.until > timezone.now()
    lines = short_lines(order) if order is not None and is_open else []
    with zone_shown(order.channel_id if order else None):
        response = render(
            request,
            "orders/changes/choose.html",
            {
                "order": order,
                "pays_ahead": order is not None and order.payment_method in AWAIT_PAYMENT,
                "offer": offer,
                "is_open": is_open and bool(lines),
                "why": why,
                "effect": effect,
                "looked": looked,
                "rows": _rows(lines, answer),
                "whole": answer.whole if answer else "ship",
                "rest": OrderLine.objects.filter(order=order, quantity_reserved__gt=0).order_by(
                    "position"
                )
                if order
                else [],
                "given_back": -effect.changed.due if effect else 0,
                "company": Company.objects.first(),
            },
            status=status,
        )
    response["Referrer-Policy"] = "same-origin"  # without any, browsers post with Origin: null
    response["X-Robots-Tag"] = "noindex"
    return response


class ShortRow(TypedDict):
    """A short line as the page shows it: when its goods are expected, what the customer may choose."""

    line: OrderLine
    expected: date | None
    options: list[tuple[str, str]]
    chosen: str


def _rows(lines: list[OrderLine], answer: Answer | None) -> list[ShortRow]:
    """Each short line with when its goods are expected, and what may take its place and is there."""
    others = substitutes_of(lines)
    codes = {code for found in others.values() for code in found}
    free = {row["sku"]: row["available"] for row in availability(codes=sorted(codes))}
    names = {sku.code: sku.local_name for sku in Sku.objects.filter(code__in=codes)}
    rows: list[ShortRow] = []
    for line in lines:
        soonest = next(iter(arrivals_of(line.sku_id or 0)), None)
        swaps = [
            (f"swap:{code}", names[code])
            for code in others[line.pk]
            if free.get(code, 0) >= line.quantity_backordered
        ]
        rows.append(
            {
                "line": line,
                "expected": date.fromisoformat(soonest.on) if soonest and soonest.on else None,
                "options": [
                    ("keep", _("Wait for the item")),
                    *swaps,
                    ("cancel", _("Cancel the item")),
                ],
                "chosen": answer.lines.get(line.pk, "keep") if answer else "keep",
            }
        )
    return rows
