"""Prints a parcel's documents as PDF: packing slips and 100×150 labels, in typst."""

from collections.abc import Callable

from django.utils import translation
from django.utils.translation import gettext as _

from erp.access.queries import own_company
from erp.fonts import unprintable
from erp.names import country_name
from erp.pdf import code128, letterhead, pdf, qr
from erp.zones import day_of, zone_shown
from fulfillment.planning.models import Parcel
from orders.customers.readers import THEMSELVES, Reader, ShownAddress
from orders.models import Order
from orders.order.links import tracking_url
from orders.order.queries import shipping_address


def packing_slip(parcel: Parcel, reader: Reader = THEMSELVES) -> bytes:
    """The list of what is in a parcel, for its customer (A5, PDF), as its reader may see it."""
    with zone_shown(parcel.order.channel_id):
        language = translation.get_language() or "en"
        facts = _facts(parcel, lambda code: country_name(code, language), reader)
        return pdf("packing_slip", facts)


def shipping_label(parcel: Parcel) -> bytes:
    """The carrier's label, 100×150 mm (PDF): address, Code 128 and QR of the tracking number.

    There is none with a mask: a parcel would not arrive.
    """
    with zone_shown(parcel.order.channel_id):
        home = parcel.fulfillment_order.warehouse.country
        return pdf("label", _facts(parcel, lambda code: _abroad(code, home), THEMSELVES))


def letters_without_font(order: Order) -> list[str]:
    """The letters of an order's papers that no font of ours has: they are boxes there, so somebody is told before."""
    address = THEMSELVES.address(shipping_address(order.pk))
    names = order.lines.values_list("name", flat=True)
    said = [*_address(address, str), order.print_remark, order.note, *names]
    return unprintable("".join(said))


def _abroad(code: str, home: str) -> str:
    """The country on a label: none at home, else in English and capitals, as the UPU asks."""
    return "" if code == home else country_name(code, "en").upper()


def _facts(parcel: Parcel, country: Callable[[str], str], reader: Reader) -> dict[str, object]:
    company = own_company()
    order, warehouse = parcel.order, parcel.fulfillment_order.warehouse
    address = reader.address(shipping_address(order.pk))
    place = f"{warehouse.postal_code} {warehouse.city}"
    # A parcel that comes back from abroad needs it, and so does a carrier's scanner anywhere.
    home = country_name(warehouse.country, "en").upper()
    sender = (company.name, warehouse.line1, place, country(warehouse.country) or home)
    return {
        **letterhead(company),
        "order": order.number,
        "placed": day_of(order.placed_at),
        "tracking": parcel.tracking_number,
        "carrier": parcel.carrier,
        "service": parcel.service,
        "weight": f"{(parcel.weight_g or parcel.weight_expected_g) / 1000:.2f} kg",
        "to": _address(address, country),
        "from": [line for line in sender if line.strip()],
        "note": "\n".join(text for text in (order.print_remark, order.note) if text),
        "lines": [
            {
                "sku": line.order_line.sku_code,
                "name": line.order_line.name,
                "quantity": line.quantity,
            }
            for line in parcel.lines.select_related("order_line").order_by("pk")
        ],
        "copy": parcel.labels_printed,
        "words": _words(),
        "qr": qr(tracking_url(order.number, order.links_withdrawn)),
        "barcode": code128(parcel.tracking_number),
    }


def _address(to: ShownAddress | None, country: Callable[[str], str]) -> list[str]:
    if to is None:
        return []
    place = " ".join(x for x in (to.postal_code, to.city, to.region) if x)
    return [x for x in (to.name, to.line1, to.line2, place, country(to.country), to.phone) if x]


def _words() -> dict[str, str]:
    return {
        "slip": _("Packing slip"),
        "order": _("Order"),
        "placed": _("Placed"),
        "to": _("Deliver to"),
        "sku": "SKU",
        "item": _("Item"),
        "units": _("Units"),
        "from": _("Sender"),
        "thanks": _("Thank you for your order."),
        "returns": _("Scan to follow your order or send something back."),
        "copy": _("Copy"),
    }
