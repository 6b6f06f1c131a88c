"""Stores invoices, their lines and numbers, and invoice requests."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.currencies import CurrencyField
from erp.money import AMOUNT


class Invoice(models.Model):
    """An invoice of an order's goods, or a credit note that takes some of it back. Amounts are never negative.

    corrects   of a credit note: the newest invoice that it takes something back from
    refund     of a credit note for money that went back: the refund's number; of an invoice, the refund whose
               credit it takes back, because what it paid for was taken off the order and is credited with its line
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", pgettext_lazy("paper", "Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=11, choices=Kind)
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="invoices")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    refund = models.CharField(max_length=20, default="")
    currency = CurrencyField()
    net = models.DecimalField(**AMOUNT)
    tax = models.DecimalField(**AMOUNT)
    total = models.DecimalField(**AMOUNT)
    issued_at = models.DateTimeField()
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total=F("net") + F("tax"), net__gte=0, tax__gte=0, total__gt=0),
                name="invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(kind="invoice", corrects=None)
                | Q(kind="credit_note", corrects__isnull=False),
                name="credit_note_corrects",
            ),
        ]


class InvoiceLine(models.Model):
    """Units of an order line on an invoice, or (no line) shipping, or money that went back.

    what   "line", "shipping" or "refund"
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines")
    what = models.CharField(max_length=8)
    order_line = models.ForeignKey("orders.OrderLine", models.PROTECT, null=True)
    sku_code = models.CharField(max_length=100, default="")
    name = models.CharField(max_length=250, default="")
    quantity = models.PositiveIntegerField(default=0)
    net = models.DecimalField(**AMOUNT)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=5)
    tax = models.DecimalField(**AMOUNT)
    total = models.DecimalField(**AMOUNT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total=F("net") + F("tax"), net__gte=0, tax__gte=0),
                name="invoice_line_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(what="line", order_line__isnull=False)
                | Q(what__in=["shipping", "refund"], order_line=None),
                name="invoice_line_of_something",
            ),
        ]


class InvoiceParty(models.Model):
    """Who the invoices of an order were made out to, kept by law after its customer was erased.

    billing   the address, as `OrderAddress` has it, without phone and e-mail
    request   title and tax id, where an invoice was asked for
    Retention deletes it (the rule `invoice_parties`), that long after the order's last invoice.
    """

    order = models.OneToOneField("orders.Order", models.PROTECT, related_name="invoice_party")
    billing = models.JSONField(default=dict)
    request = models.JSONField(default=dict)
    issued_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["issued_at"], name="invoice_party_oldest")]


class InvoiceCounter(models.Model):
    """The last number given out, by kind and year. Its row is locked until the invoice is written: no gaps."""

    kind = models.CharField(max_length=11)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "year"], name="invoice_counter_once")
        ]


class InvoiceRequest(models.Model):
    """An invoice that an order's customer asked for: in whose name, for which tax id.

    Personal data: it can be erased.
    """

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("Ordinary invoice")  # 普票
        SPECIAL = "special", _("Special VAT invoice")  # 专票: needs the buyer's tax id and bank

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested quantity")
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
