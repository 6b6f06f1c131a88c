"""Prints purchase orders as PDF."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from django.utils import translation
from django.utils.translation import gettext as _

from erp.access.queries import own_company
from erp.money import shown, shown_price
from erp.names import country_name, name_in
from erp.papers import Paper
from erp.pdf import code128, letterhead, pdf, words_of_amounts
from erp.zones import day_of, zone_shown
from inventory.purchasing.decisions import sum_of_line
from inventory.purchasing.models import PurchaseOrder, Supplier
from inventory.stock.models.places import Warehouse


def purchase_order(purchase: PurchaseOrder) -> bytes:
    """A purchase order for its supplier, in the supplier's language (A4, PDF)."""
    with translation.override(purchase.supplier.language or "en"), zone_shown():
        return pdf("purchase_order", _facts(purchase))


def purchases_attached(pks: Sequence[int]) -> dict[int, Paper]:
    """Purchase orders as e-mails bring them, by id."""
    purchases = PurchaseOrder.objects.select_related("supplier", "warehouse").in_bulk(pks)
    return {
        pk: Paper(f"{purchase.number}.pdf", partial(purchase_order, purchase))
        for pk, purchase in purchases.items()
    }


def _facts(purchase: PurchaseOrder) -> dict[str, object]:
    company = own_company()
    language = translation.get_language() or "en"

    def price(amount: Decimal) -> str:
        return shown(amount, purchase.currency, language)

    return {
        **letterhead(company),
        "number": purchase.number,
        "day": day_of(purchase.sent_at or purchase.created_at),
        "expected": purchase.expected_on.isoformat() if purchase.expected_on else "",
        "to": _supplier(purchase.supplier),
        "deliver": _warehouse(purchase.warehouse),
        "terms": purchase.supplier.payment_terms,
        "note": purchase.note,
        "total": price(purchase.total),
        "lines": [
            {
                "sku": line.sku.code,
                "theirs": line.supplier_sku,
                "name": name_in(language, line.sku.name, line.sku.translations),
                "quantity": f"{line.quantity:,}",
                "price": shown_price(line.unit_price, purchase.currency, language),
                "total": price(sum_of_line(line.unit_price, line.quantity, purchase.currency)),
            }
            for line in purchase.lines.select_related("sku").order_by("pk")
        ],
        "words": _words(),
        "barcode": code128(purchase.number),
    }


def _supplier(supplier: Supplier) -> list[str]:
    known = (
        supplier.name,
        supplier.address,
        _country(supplier.country),
        supplier.phone,
        supplier.email,
    )
    return [x for x in known if x]


def _warehouse(warehouse: Warehouse) -> list[str]:
    place = f"{warehouse.postal_code} {warehouse.city}".strip()
    known = (warehouse.name, warehouse.line1, place, _country(warehouse.country), warehouse.phone)
    return [x for x in known if x]


def _country(code: str) -> str:
    return country_name(code, translation.get_language() or "en")


def _words() -> dict[str, str]:
    return {
        **words_of_amounts(),
        "title": _("Purchase order"),
        "to": _("Supplier"),
        "deliver": _("Deliver to"),
        "expected": _("Expected"),
        "terms": _("Payment terms"),
    }
