"""Edits an order in place, and reveals masked contacts."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.errors import Invalid
from erp.once import perform
from erp.web.pages import StaffRequest, page
from orders.changes.actions.edit import ADDRESS_FIELDS, Clash, EditConflict, edit_order
from orders.customers.readers import ShownAddress, reader_of
from orders.customers.views import reveal as revealed_by
from orders.invoicing.panels import invoice_facts
from orders.order.contacts import contact_of
from orders.order.models.order import Order
from orders.order.states import ORDER
from orders.order.views import find
from orders.order.wording import FIELD_NAMES


@never_cache
@require_POST
@page("customers.reveal")
def reveal(request: StaffRequest, number: str) -> HttpResponse:
    """Reveal the contact and address, or in whose name the invoice is wanted, and log who asked."""
    order = find(request, number)
    reader = revealed_by(request, f"order:{order.pk}", request.POST.get("part", "")[:20])
    if request.POST.get("part") == "invoice":
        facts = invoice_facts(order, reader, request.actor)
        return render(request, "orders/invoicing/invoice.html", {"order": order, **facts})
    context = {
        "order": order,
        "may_edit": "orders.edit" in request.actor.verbs
        and "edit" in ORDER.verbs_from(order.status),
        **contact_of(order, reader),
    }
    return render(request, "orders/desk/address.html", context)


def _fields(order: Order, address: ShownAddress | None, part: str) -> dict[str, str]:
    if part == "note":
        return {"note": order.note}
    return {f: getattr(address, f, "") for f in ADDRESS_FIELDS}


@never_cache
@page("orders.edit")
def edit_part(request: StaffRequest, number: str, part: str) -> HttpResponse:
    """Change a part of an order in place: "address" or "note". Errors stay beside their fields.

    A field that somebody else changed meanwhile is shown with both values, and nothing is saved.
    """
    if part not in {"address", "note"}:
        raise Http404
    order = find(request, number)
    reader = reader_of(request.actor)
    subject = f"order:{order.pk}"
    if part == "address" and not reader.is_clear and "show" not in request.GET:
        if not reader.may_reveal:
            raise Http404
        # What is changed has to be seen, and who looks is written down.
        is_look = request.method != "POST"
        reader = revealed_by(request, subject, "edit") if is_look else reader.revealed()
    contact = contact_of(order, reader)
    context: dict[str, object] = {"order": order, "part": part, "may_edit": True, **contact}
    current = _fields(order, contact["address"], part)
    if request.method != "POST":
        if "show" in request.GET:
            return render(request, f"orders/desk/{part}.html", context)
        return _form(request, context, current, current)
    was = {f: request.POST.get(f"was-{f}", "") for f in current}
    wanted = {f: _unified(request.POST.get(f, "")).strip() for f in current}
    was = {f: _unified(text) for f, text in was.items()}
    try:
        perform(
            edit_order,
            order_id=order.pk,
            was=was,
            wanted=wanted,
            by=request.actor,
            now=timezone.now(),
        )
    except EditConflict as clash:
        if part == "address":
            revealed_by(request, subject, "edit")  # what somebody else has written is shown
        seen = was | {c.field: c.theirs for c in clash.clashes}
        return _form(
            request,
            context,
            seen,
            wanted,
            clashes={c.field: c for c in clash.clashes},
            why=str(clash),
            status=409,
        )
    except Invalid as wrong:
        errors = {error.pointer.strip("/"): error.detail for error in wrong.errors}
        return _form(request, context, was, wanted, errors=errors, status=422)
    order.refresh_from_db()
    return render(
        request,
        f"orders/desk/{part}.html",
        {**context, **contact_of(order, reader_of(request.actor))},
    )


def _form(
    request: StaffRequest,
    context: dict[str, object],
    was: dict[str, str],
    values: dict[str, str],
    *,
    clashes: dict[str, Clash] | None = None,
    errors: dict[str, str] | None = None,
    why: str = "",
    status: int = 200,
) -> HttpResponse:

    fields = [
        {
            "name": f,
            "label": FIELD_NAMES[f],
            "was": was[f],
            "value": value,
            "clash": (clashes or {}).get(f),
            "error": (errors or {}).get(f, ""),
            "type": {"email": "email", "phone": "tel", "note": "textarea"}.get(f, "text"),
        }
        for f, value in values.items()
    ]
    return render(
        request,
        "orders/changes/edit_form.html",
        context | {"fields": fields, "why": why},
        status=status,
    )


def _unified(text: str) -> str:
    """Line ends as we keep them: browsers send CRLF."""
    return text.replace("\r\n", "\n")
