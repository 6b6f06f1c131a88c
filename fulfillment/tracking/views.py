"""Shows customers the public tracking page of their order."""

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from erp.access.models import Company
from erp.api.rates import client_address, within
from fulfillment.planning.models import Parcel
from fulfillment.tracking.decisions import Known, is_proof
from orders.changes.actions.merge import merged_into
from orders.models import CustomerIdentity, Order, OrderAddress
from orders.order.document import tracking_signer

# Of finding an order without its link, in a minute: from one address, and of one order from anywhere.
TRIES_FROM_ADDRESS, TRIES_OF_ORDER = 10, 30


# Public tracking


@never_cache
def track(request: HttpRequest) -> HttpResponse:
    """Show an order's tracking: by a message's signed link, or by number and contact.

    A wrong number and a wrong address give the same answer, and guessing is slow.
    """
    token = request.GET.get("t", "")
    order, asked, status = None, False, 200
    if token:
        asked = True
        try:
            number = tracking_signer().unsign(token)
        except signing.BadSignature:
            number = ""
        order = Order.objects.filter(number=number).first()
    elif request.method == "POST":
        asked = True
        number = request.POST.get("number", "").strip().upper()
        if within(f"track:{client_address(request)}", TRIES_FROM_ADDRESS) and within(
            f"track:{number[:40]}", TRIES_OF_ORDER
        ):
            order = _known_to(
                number,
                request.POST.get("contact", "").strip(),
                request.POST.get("name", "").strip(),
            )
        else:
            status = 429
        if order is not None:
            return redirect(f"/track/?t={tracking_signer().sign(order.number)}")
    if order is not None and order.status == "merged":
        order = merged_into(order) or order  # its goods come with the other's
    language = request.COOKIES.get("django_language") or (order.language if order else "")
    if language:
        translation.activate(language)
    response = render(
        request,
        "fulfillment/tracking/track.html",
        _tracked(order) | {"asked": asked, "too_often": status == 429},
        status=404 if asked and not order and status == 200 else status,
    )
    response["Referrer-Policy"] = "same-origin"  # without any, browsers post with Origin: null
    response["X-Robots-Tag"] = "noindex"
    return response


def _known_to(number: str, contact: str, name: str) -> Order | None:
    """The order of a number, for somebody who proves to be its customer."""
    if not (number + contact + name).isprintable():
        return None
    order = Order.objects.filter(number=number).first()
    if order is None:
        return None
    address = OrderAddress.objects.filter(order=order, kind="shipping").first()
    contacts: dict[str, set[str]] = {"email": set(), "phone": set()}
    for kind, value in CustomerIdentity.objects.filter(
        customer_id=order.customer_id, kind__in=list(contacts)
    ).values_list("kind", "value"):
        contacts[kind].add(value)
    if address:
        contacts["email"].add(address.email)
        contacts["phone"].add(address.phone)
    known = Known(
        frozenset(contacts["email"]),
        frozenset(contacts["phone"]),
        address.postal_code if address else "",
        address.name if address else "",
    )
    return order if is_proof(contact, name, known) else None


STEPS = (
    gettext_lazy("Confirmed"),
    gettext_lazy("Shipped"),
    gettext_lazy("On its way"),
    gettext_lazy("Delivered"),
)


def _tracked(order: Order | None) -> dict[str, object]:
    if order is None:
        return {"order": None}
    parcels = list(
        Parcel.objects.filter(order=order, shipped_at__isnull=False)
        .prefetch_related("lines__order_line")
        .order_by("pk")
    )
    events = [
        (parcel, sorted(parcel.tracking.all(), key=lambda e: (e.at, e.pk), reverse=True))
        for parcel in parcels
    ]
    reached = 1 if order.status in {"confirmed", "completed"} else 0
    if parcels:
        reached = 2
    if any(
        p.status in {"in_transit", "out_for_delivery", "ready_for_pickup", "delivery_failed"}
        for p in parcels
    ):
        reached = 3
    if order.delivered_at:
        reached = 4
    return {
        "order": order,
        "lines": order.lines.order_by("position"),
        "parcels": events,
        "steps": [(label, index < reached) for index, label in enumerate(STEPS)],
        "company": Company.objects.filter(pk=1).first(),
    }
