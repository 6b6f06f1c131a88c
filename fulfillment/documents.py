"""Papers that go with parcels, as PDF: packing slips and 100×150 labels, in typst."""

import base64
import json
import threading
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import segno
import typst
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image
from zint import OutputOptions, Symbol, Symbology

from erp.access.models import Company
from fulfillment.models import Parcel
from orders.documents import tracking_url
from orders.models import OrderAddress

compile_typst: Any = typst.compile
_lock = threading.Lock()  # typst's fonts are not to be shared by threads at once


def packing_slip(parcel: Parcel) -> bytes:
    """The list of what is in a parcel, for its customer (A5, PDF)."""
    return _pdf("packing_slip", _facts(parcel))


def shipping_label(parcel: Parcel) -> bytes:
    """The carrier's label, 100×150 mm (PDF): address, Code 128 and QR of the tracking number."""
    return _pdf("label", _facts(parcel))


def _facts(parcel: Parcel) -> dict[str, Any]:
    company = Company.objects.filter(pk=1).first() or Company()
    order, warehouse = parcel.order, parcel.fulfillment_order.warehouse
    address = OrderAddress.objects.filter(order=order, kind="shipping").first()
    to = [] if address is None else [
        address.name, address.line1, address.line2,
        " ".join(x for x in (address.postal_code, address.city, address.region) if x),
        address.country, address.phone,
    ]  # fmt: skip
    return {
        "company": {"name": company.name, "address": company.address, "tax_id": company.tax_id, "phone": company.phone},
        "order": order.number,
        "placed": order.placed_at.strftime("%Y-%m-%d"),
        "tracking": parcel.tracking_number,
        "carrier": parcel.carrier,
        "service": parcel.service,
        "weight": f"{(parcel.weight_g or parcel.weight_expected_g) / 1000:.2f} kg",
        "to": [line for line in to if line],
        "from": [line for line in (company.name, warehouse.line1, f"{warehouse.postal_code} {warehouse.city}", warehouse.country) if line.strip()],
        "note": order.note,
        "lines": [
            {"sku": line.order_line.sku_code, "name": line.order_line.name, "quantity": line.quantity}
            for line in parcel.lines.select_related("order_line").order_by("pk")
        ],
        "logo": bool(company.logo),
        "copy": parcel.labels_printed,
        "words": {
            "slip": _("Packing slip"), "order": _("Order"), "placed": _("Placed"), "to": _("Deliver to"), "sku": "SKU",
            "item": _("Item"), "units": _("Units"), "from": _("Sender"), "thanks": _("Thank you for your order."),
            "returns": _("Scan to follow your order or send something back."), "copy": _("Copy"),
        },
        "qr": _qr(tracking_url(order.number)),
        "barcode": _code128(parcel.tracking_number),
        "picture": _picture(company),
    }  # fmt: skip


def _pdf(template: str, facts: dict[str, Any]) -> bytes:
    source = Path(settings.BASE_DIR, "templates", "documents", f"{template}.typ")
    pictures = {name: facts.pop(name) for name in ("qr", "barcode", "picture")}
    with _lock:
        return bytes(
            compile_typst(
                source.read_bytes(),
                font_paths=[_fonts()],
                ignore_system_fonts=True,
                sys_inputs={"facts": json.dumps(facts, ensure_ascii=False), **pictures},
            )
        )


@lru_cache(maxsize=1)
def _fonts() -> str:
    return str(Path(pylopdf_fonts_zh_cn.__file__).parent)


def _picture(company: Company) -> str:
    """The company's logo as an SVG around its pixels, since inputs are text; "" without one."""
    if not company.logo:
        return ""
    with company.logo.open("rb") as stream, Image.open(stream) as picture:
        width, height = picture.size
        out = BytesIO()
        picture.convert("RGBA").save(out, "PNG")
    data = base64.b64encode(out.getvalue()).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" xlink:href="data:image/png;base64,{data}"/></svg>'
    )


def _qr(text: str) -> str:
    stream = BytesIO()
    segno.make_qr(text, error="m").save(stream, kind="svg", border=0, xmldecl=False)
    return stream.getvalue().decode()


def _code128(text: str) -> str:
    symbol = Symbol()
    symbol.symbology = Symbology.CODE128
    symbol.show_text = False
    symbol.outfile = "barcode.svg"
    symbol.output_options |= OutputOptions.BARCODE_MEMORY_FILE
    symbol.encode(text)
    symbol.print()
    return bytes(symbol.memfile or b"").decode()
