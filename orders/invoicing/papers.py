"""Prints order confirmations, invoices and credit notes as PDF."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from erp.access.queries import own_company
from erp.money import shown
from erp.names import country_name
from erp.papers import Paper
from erp.pdf import code128, letterhead, pdf, words_of_amounts
from erp.zones import day_of, zone_shown
from orders.customers.readers import THEMSELVES, Reader, ShownAddress, ShownInvoiceDetails
from orders.invoicing.models import Invoice, InvoiceLine, InvoiceRequest
from orders.order.models.order import Order, OrderAddress, OrderLine


def confirmation(order: Order, reader: Reader = THEMSELVES) -> bytes:
    """The confirmation of an order in its customer's language: lines, tax, totals, address, promise (A4, PDF).

    reader   as whom it is read: its customer, or somebody who sees contacts masked
    """
    return _print(_read([order])[order.pk], reader)


def confirmations_attached(pks: Sequence[int]) -> dict[int, Paper]:
    """Confirmations as e-mails bring them, by order."""
    told = _read(list(Order.objects.filter(pk__in=pks)))
    return {
        pk: Paper(f"{rows.order.number}.pdf", partial(_print, rows, THEMSELVES))
        for pk, rows in told.items()
    }


class _Rows(NamedTuple):
    """What a confirmation is made of."""

    order: Order
    lines: Sequence[OrderLine]
    addresses: Sequence[OrderAddress]
    wish: InvoiceRequest | None


def _read(orders: Sequence[Order]) -> dict[int, _Rows]:
    """What the confirmations of orders are made of, by order."""
    lines: dict[int, list[OrderLine]] = {order.pk: [] for order in orders}
    addresses: dict[int, list[OrderAddress]] = {order.pk: [] for order in orders}
    for line in OrderLine.objects.filter(order__in=orders).order_by("position"):
        lines[line.order_id].append(line)
    for at in OrderAddress.objects.filter(order__in=orders):
        addresses[at.order_id].append(at)
    wishes = {wish.order_id: wish for wish in InvoiceRequest.objects.filter(order__in=orders)}
    return {
        order.pk: _Rows(order, lines[order.pk], addresses[order.pk], wishes.get(order.pk))
        for order in orders
    }


def _print(told: _Rows, reader: Reader) -> bytes:
    order = told.order
    with translation.override(order.language or "en"), zone_shown(order.channel_id):
        return pdf("confirmation", _facts(told, reader))


def invoice(paper: Invoice, reader: Reader = THEMSELVES) -> bytes:
    """An invoice or a credit note in its customer's language (A4, PDF). Its buyer is as the order has them now."""
    order = paper.order
    with translation.override(order.language or "en"), zone_shown(order.channel_id):
        return pdf("invoice", _invoice_facts(paper, reader))


def _invoice_facts(paper: Invoice, reader: Reader) -> dict[str, object]:
    company = own_company()
    order, language = paper.order, translation.get_language() or "en"
    rows = _read([order])[order.pk]
    _at, bill = _addresses(rows, reader)
    wish = reader.invoice_details(rows.wish)

    def price(amount: Decimal) -> str:
        return shown(amount, order.currency, language)

    rates: dict[str, Decimal] = {}
    lines = []
    for line in paper.lines.order_by("pk"):
        if not line.total:
            continue
        rate = _rate(line)
        rates[rate] = rates.get(rate, Decimal(0)) + line.tax
        lines.append(_invoice_line(line, rate, price))
    return {
        **letterhead(company),
        "number": paper.number,
        "order": order.number,
        "day": day_of(paper.issued_at),
        "corrects": paper.corrects.number if paper.corrects else "",
        "to": _bill_to(wish) + _address(bill, named=False) if wish else _address(bill),
        "lines": lines,
        "barcode": code128(paper.number),
        "sums": [
            {"what": _("Net"), "amount": price(paper.net)},
            *(
                {"what": f"{_('Tax')} {rate}".strip(), "amount": price(tax)}
                for rate, tax in sorted(rates.items())
                if tax
            ),
        ],
        "total": price(paper.total),
        "state": str(order.get_payment_status_display()),
        "words": _invoice_words(is_invoice=paper.kind == Invoice.Kind.INVOICE),
    }


def _rate(line: InvoiceLine) -> str:
    """The tax rate as it is printed; of money that went back none: its tax is a share of all rates."""
    return "" if line.what == "refund" else f"{(line.tax_rate * 100).normalize():f} %"


def _invoice_line(
    line: InvoiceLine, rate: str, price: Callable[[Decimal], str]
) -> dict[str, object]:
    name = {
        "shipping": f"{_('Shipping fee')} ({line.name})",
        "refund": f"{_('Refund')} {line.name}",
    }.get(line.what, line.name)
    if line.what == "refund" and line.invoice.kind == Invoice.Kind.INVOICE:
        # Its units are credited by their line: see the credit note of the same day.
        name = _("Reversed credit for refund %(number)s") % {"number": line.name}
    return {
        "sku": line.sku_code,
        "name": name,
        "quantity": f"{line.quantity:,}" if line.quantity else "",
        "unit": price(line.net / line.quantity) if line.quantity else "",
        "net": price(line.net),
        "rate": rate,
        "total": price(line.total),
    }


def _invoice_words(*, is_invoice: bool) -> dict[str, str]:
    return {
        **words_of_amounts(),
        "title": pgettext("paper", "Invoice") if is_invoice else _("Credit note"),
        "to": _("Bill to"),
        "order": _("Order"),
        "corrects": _("Corrects"),
        "unit": _("Net unit price"),
        "net": _("Net"),
        "state": _("Payment"),
        "rate": _("Tax rate"),
    }


def _facts(told: _Rows, reader: Reader) -> dict[str, object]:
    company, order = own_company(), told.order
    language = translation.get_language() or "en"
    at, bill = _addresses(told, reader)
    wish = reader.invoice_details(told.wish)

    def price(amount: Decimal) -> str:
        return shown(amount, order.currency, language)

    sums = [
        (_("Subtotal without tax"), order.subtotal),
        (_("Discount without tax"), -order.discount),
        (_("Shipping fee"), order.shipping),
        (_("Tax"), order.tax),
    ]
    return {
        **letterhead(company),
        "number": order.number,
        "day": day_of(order.placed_at),
        "expected": " – ".join(
            date_format(day, "DATE_FORMAT") for day in (order.deliver_from, order.deliver_by) if day
        ),
        "to": _address(bill),
        "deliver": _address(at),
        "note": order.note,
        "total": price(order.total),
        "sums": [{"what": str(what), "amount": price(amount)} for what, amount in sums if amount],
        "invoice": _bill_to(wish) if wish else [],
        "lines": [
            {
                "sku": line.sku_code,
                "name": line.name,
                "quantity": f"{line.quantity_ordered - line.quantity_cancelled:,}",
                "price": price(line.unit_price),
                "total": price(line.total),
            }
            for line in told.lines
            if line.quantity_ordered > line.quantity_cancelled
        ],
        "words": _confirmation_words(is_taxed=bool(order.tax)),
        "barcode": code128(order.number),
    }


def _confirmation_words(*, is_taxed: bool) -> dict[str, str]:
    return {
        **words_of_amounts(),
        "title": _("Order confirmation"),
        "amount": _("Amount with tax") if is_taxed else _("Amount"),
        "to": _("Bill to"),
        "deliver": _("Deliver to"),
        "expected": _("Expected"),
        "invoice": _("Invoice to"),
    }


def _bill_to(wish: ShownInvoiceDetails) -> list[str]:
    return [x for x in (wish.title, wish.tax_id) if x]


def _addresses(told: _Rows, reader: Reader) -> tuple[ShownAddress | None, ShownAddress | None]:
    """Where an order goes, and where its paper does: there as well, where nothing else is said."""
    found = {at.kind: reader.address(at) for at in told.addresses}
    at = found.get("shipping")
    return at, found.get("billing") or at


def _address(at: ShownAddress | None, *, named: bool = True) -> list[str]:
    if at is None:
        return []
    language = translation.get_language() or "en"
    place = f"{at.postal_code} {at.city} {at.region}".strip()
    return [
        x
        for x in (
            at.name if named else "",
            at.line1,
            at.line2,
            place,
            country_name(at.country, language),
        )
        if x
    ]
