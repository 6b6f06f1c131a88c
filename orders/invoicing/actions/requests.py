"""Records customers' invoice requests and the invoices issued for them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, FieldError, Invalid
from erp.events.record import record_event
from orders.customers.invoice_details import InvoiceWish, invoice_findings
from orders.invoicing.models import InvoiceRequest
from orders.order.actions.timeline import append_event, lock_order


@transaction.atomic(savepoint=False)
def request_invoice(
    *, order_id: int, wish: InvoiceWish, by: Actor, now: datetime
) -> InvoiceRequest:
    """Record an order's invoice request, replacing an earlier one.

    Raises Invalid naming each field, Conflict where it has been issued.
    """
    require(by, "orders.note")
    order = lock_order(order_id)
    wrong = invoice_findings(wish)
    if wrong:
        raise Invalid(errors=[FieldError(f"/{name}", code, text) for name, code, text in wrong])
    before = InvoiceRequest.objects.select_for_update().filter(order=order).first()
    if before is not None and before.status == "issued":
        raise Conflict(_("The invoice has already been issued; correct it with a credit note."))
    request = before or InvoiceRequest(order=order)
    for name in InvoiceWish.__struct_fields__:
        setattr(request, name, getattr(wish, name).strip())
    request.requested_at = now
    request.save()
    append_event(
        order_id=order.pk, kind="invoice.requested", by=by, now=now, data={"kind": wish.kind}
    )
    return request


@transaction.atomic(savepoint=False)
def note_invoice(*, order_id: int, number: str, by: Actor, now: datetime) -> InvoiceRequest:
    """Record a requested invoice as issued, with its number. Raises Conflict, Invalid."""
    require(by, "orders.pay")
    order = lock_order(order_id)
    request = InvoiceRequest.objects.select_for_update().filter(order=order).first()
    if request is None:
        raise Conflict(_("No invoice has been requested for this order."))
    if not number.strip():
        raise Invalid(_("Enter the invoice number."))
    if request.status == "issued" and request.invoice_number == number.strip():
        return request
    if request.status == "issued":
        raise Conflict(_("The invoice has already been issued; correct it with a credit note."))
    request.status, request.invoice_number, request.issued_at = (
        "issued",
        number.strip()[:60],
        now,
    )
    request.save()
    append_event(
        order_id=order.pk,
        kind="invoice.issued",
        by=by,
        now=now,
        data={"number": request.invoice_number},
    )
    record_event(
        "invoice.issued",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )
    return request
