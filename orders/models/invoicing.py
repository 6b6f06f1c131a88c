"""What a customer wants on an invoice (发票): asked with the order or afterwards, issued by whoever keeps the books."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class InvoiceRequest(models.Model):
    """An invoice that an order's customer asked for: in whose name, for which tax id. Personal data: it can be erased."""

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("Ordinary invoice")  # 普票
        SPECIAL = "special", _("Special VAT invoice")  # 专票: needs the buyer's tax id and bank

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Asked for")
        ISSUED = "issued", _("Issued")

    order = models.OneToOneField("orders.Order", models.CASCADE, related_name="invoice_request")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ORDINARY)
    title = models.CharField(max_length=200)  # 抬头
    tax_id = models.CharField(max_length=40, default="")  # 税号
    email = models.CharField(max_length=254, default="")  # where it is sent; "": as the order
    registered_address = models.CharField(max_length=250, default="")
    registered_phone = models.CharField(max_length=40, default="")
    bank = models.CharField(max_length=120, default="")
    bank_account = models.CharField(max_length=60, default="")
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    invoice_number = models.CharField(max_length=60, default="")
    requested_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="issued", issued_at__isnull=False) & ~Q(invoice_number="")
                | Q(status="requested", issued_at=None),
                name="invoice_issued_under_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(kind="special") | ~Q(tax_id=""), name="special_invoice_has_tax_id"
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                condition=Q(status="requested"),
                name="invoice_to_issue",
            )
        ]
