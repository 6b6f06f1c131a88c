"""Shows customers the public tracking page of their order."""

from collections.abc import Mapping
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from erp.access.models import Company
from erp.access.queries import job_actor
from erp.client_address import client_address, network_of
from erp.i18n import language_chosen
from erp.once import perform
from erp.rates import within
from erp.visible import code_key
from erp.zones import zone_shown
from fulfillment.planning.models import Parcel
from fulfillment.tracking.decisions import Known, is_proof
from fulfillment.tracking.states import RANKS
from orders.changes.actions.merge import contact_of, merged_into
from orders.customers.readers import MASKED
from orders.models import Order, OrderAddress, OrderLine
from orders.order.actions.whose import confirm_contact
from orders.order.identities import has_reader
from orders.order.kept_links import forget_link, keep_link, kept_link, page_of
from orders.order.links import (
    is_contact,
    order_of_link,
    orders_followed,
    tracking_signer,
    tracking_token,
)

# Of finding an order without its link, in a minute: from one address, and of one order from anywhere.
TRIES_FROM_ADDRESS, TRIES_OF_ORDER = 10, 30


# Public tracking


@never_cache
def track(request: HttpRequest) -> HttpResponse:
    """Lead to an order's page: by a message's signed link, or by number and contact.

    A link is taken off the address bar at once: whoever shares the page, or reads the browser's history, has none.
    A wrong number and a wrong address give the same answer, and guessing is slow.
    """
    link = Link(request.GET.get("t", ""), request.GET.get("c", ""))
    order, status = None, 200
    if request.method == "POST":
        order, status = _searched(request)
        if order is not None:
            link = Link(tracking_token(order.number, order.links_withdrawn), "")
    elif link:
        order, status = order_of_link(tracking_signer(), link.token, timezone.now()), 404
    if order is not None:
        return keep_link(page_of("track", order.number), link._asdict())
    is_dead = request.method != "POST" and bool(link)
    return _shown(request, None, status=status, more={"has_link": is_dead})


@never_cache
def track_order(request: HttpRequest, number: str) -> HttpResponse:
    """The page of one order, for a browser that keeps its link; others come to where orders are found."""
    link = _kept(request)
    if not link or "another" in request.GET:
        return forget_link(redirect("/track/"), page_of("track", number))
    order = order_of_link(tracking_signer(), link.token, timezone.now())
    if order is None or order.number != number:
        gone = _shown(request, None, status=404, more={"has_link": True})
        return forget_link(gone, page_of("track", number))
    if request.POST.get("verb") == "confirm":
        return _confirmed(order, link.signature)
    contact = _contact_of(order, link.signature)
    if order.status == "merged":
        order = _followed(order)
    return _shown(request, order, more={"path": page_of("track", number)} | contact)


def _shown(
    request: HttpRequest, order: Order | None, *, status: int = 200, more: Mapping[str, object]
) -> HttpResponse:
    """The page of an order, or where orders are found. `more` is of its template's context."""
    language = language_chosen(request) or (order.language if order else "")
    if language:
        translation.activate(language)
    with zone_shown(order.channel_id if order else None):
        response = render(
            request,
            "fulfillment/tracking/track.html",
            {**_tracked(order), "status": status, **more},
            status=status,
        )
    response["Referrer-Policy"] = "same-origin"  # without any, browsers post with Origin: null
    response["X-Robots-Tag"] = "noindex"
    return response


class Link(NamedTuple):
    """What a message's link says: which order, and to which address it went."""

    token: str
    signature: str

    def __bool__(self) -> bool:
        return bool(self.token)


def _kept(request: HttpRequest) -> Link:
    said = kept_link(request)
    return Link(said.get("token", ""), said.get("signature", ""))


def _searched(request: HttpRequest) -> tuple[Order | None, int]:
    """The order that a form asks for, and the status of the answer: 404, and 429 where somebody may be guessing."""
    number = code_key(request.POST.get("number", ""))
    from_here = within(f"track:{network_of(client_address(request))}", TRIES_FROM_ADDRESS)
    if not from_here or not within(f"track:{number[:40]}", TRIES_OF_ORDER):
        return None, 429
    contact, name = request.POST.get("contact", "").strip(), request.POST.get("name", "").strip()
    order = _known_to(number, contact, name)
    return order, 200 if order is not None else 404


def _known_to(number: str, contact: str, name: str) -> Order | None:
    """The order of a number, for somebody who proves to be its customer by what it states itself.

    What else is known of its customer proves nothing: whoever stated a stranger's phone in an order of their own had
    their e-mail address open the stranger's orders.
    """
    if not (number + contact + name).isprintable():
        return None
    order = orders_followed(timezone.now()).filter(number=number).first()
    if order is None:
        return None
    stated = list(OrderAddress.objects.filter(order=order).order_by("pk"))
    to = next((address for address in stated if address.kind == "shipping"), None)
    known = Known(
        frozenset(address.email for address in stated),
        frozenset(address.phone for address in stated),
        to.postal_code if to else "",
        to.name if to else "",
    )
    return order if is_proof(contact, name, known) else None


def _followed(order: Order) -> Order:
    """Where the goods of a merged order are, for its own customer: the other order, where it states the same contact.

    Orders of one customer share a contact, which anybody can state.
    """
    target = merged_into(order)
    if target is None:
        return order
    ours, theirs = (
        contact_of(OrderAddress.objects.filter(order=one, kind="shipping").first())
        for one in (order, target)
    )
    return target if ours == theirs else order


def _contact_of(order: Order | None, signature: str) -> dict[str, object]:
    """What a message's link offers its reader: to say that the address is theirs, where nothing proves that yet."""
    email = _linked_email(order, signature)
    if order is None or not email:
        return {"contact": ""}
    is_proven = bool(order.customer_proof) or has_reader(order.pk)
    return {"contact": MASKED.email(email), "is_proven": is_proven}


def _linked_email(order: Order | None, signature: str) -> str:
    """The address that a message about an order went to; "" where the link is not from one."""
    if order is None or not signature:
        return ""
    at = OrderAddress.objects.filter(order=order, kind="shipping").first()
    withdrawn = order.links_withdrawn
    return at.email if at and is_contact(order.number, withdrawn, at.email, signature) else ""


def _confirmed(order: Order, signature: str) -> HttpResponse:
    """Take in that the reader of a message placed its order. Programs that follow links post nothing."""
    if email := _linked_email(order, signature):
        by, now = job_actor("storefront"), timezone.now()
        perform(confirm_contact, order_id=order.pk, email=email, by=by, now=now)
    return redirect(page_of("track", order.number))


STEPS = (
    gettext_lazy("Confirmed"),
    gettext_lazy("Shipped"),
    gettext_lazy("On its way"),
    gettext_lazy("Delivered"),
)


def _tracked(order: Order | None) -> dict[str, object]:
    company = Company.objects.filter(pk=1).first()
    if order is None:
        return {"order": None, "company": company}
    parcels = list(
        Parcel.objects.filter(order=order, shipped_at__isnull=False)
        .prefetch_related("lines__order_line", "tracking")
        .order_by("pk")
    )
    reached = _reached(order, {parcel.status for parcel in parcels})
    return {
        "order": order,
        "lines": _still_ordered(order),
        "parcels": [(parcel, _entries(parcel)) for parcel in parcels],
        "steps": [(label, index < reached) for index, label in enumerate(STEPS)],
        "is_expected": any(parcel.status not in GONE for parcel in parcels) or not parcels,
        "company": company,
    }


def _still_ordered(order: Order) -> list[OrderLine]:
    """The lines with units that are not cancelled; all of them of an order that is cancelled whole."""
    lines = list(order.lines.order_by("position"))
    return [line for line in lines if line.quantity_open] or lines


# What says nothing of a way yet; and what no promise is made of any more.
NOT_MOVED = frozenset({"shipped", "pending", "unknown"})
GONE = frozenset({"delivered", "return_to_sender", "returned", "cancelled"})


def _reached(order: Order, statuses: set[str]) -> int:
    """How many of the steps an order has made."""
    if order.delivered_at:
        return 4
    if statuses - NOT_MOVED:
        return 3
    if statuses:
        return 2
    return 1 if order.status in {"confirmed", "completed"} else 0


def _entries(parcel: Parcel) -> list[dict[str, object]]:
    """What happened to a parcel, the newest first, and among it that we handed it over."""
    entries: list[dict[str, object]] = [
        {
            "at": event.at,
            "rank": RANKS[event.state],
            "text": event.get_state_display(),
            "place": event.place,
            "description": event.description,
        }
        for event in parcel.tracking.all()
    ]
    entries.append({"at": parcel.shipped_at, "rank": -1, "text": _("Handed to the carrier")})
    return sorted(entries, key=lambda e: (e["at"], e["rank"]), reverse=True)
