"""Shows on an order's page its invoices, and in whose name one is wanted."""

from erp.access.models import Actor
from orders.customers.readers import Reader
from orders.invoicing.models import Invoice, InvoiceRequest
from orders.order.models.order import Order


def invoice_facts(order: Order, reader: Reader, actor: Actor) -> dict[str, object]:
    """The context of `templates/orders/invoicing/invoice.html`.

    Who sees the details masked does not change them: the form would send the mask back.
    """
    asked = InvoiceRequest.objects.filter(order=order).first()
    details = reader.invoice_details(asked)
    may_ask = "orders.note" in actor.verbs and reader.knows_customers
    return {
        "invoice": asked,
        "invoice_details": details,
        "may_reveal_invoice": details is not None and reader.may_reveal,
        "may_ask_invoice": may_ask
        and (asked is None or (reader.is_clear and asked.status != "issued")),
        "may_invoice": "orders.pay" in actor.verbs,
        "invoices": Invoice.objects.filter(order=order).order_by("pk"),
        "may_issue": "orders.pay" in actor.verbs and order.status in {"confirmed", "completed"},
    }
