"""Renders documents as PDF with typst and Chinese fonts."""

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

compile_typst: Any = typst.compile  # its stub cannot be called without a root
_lock = threading.Lock()  # typst's fonts are not to be shared by threads at once


def pdf(template: str, facts: dict[str, object]) -> bytes:
    """Render a document from its template in `templates/documents/` as PDF.

    facts   what it says, as JSON; `qr`, `barcode` and `picture` in it are SVG (see below)
    """
    source = Path(settings.BASE_DIR, "templates", "documents", f"{template}.typ")
    pictures: dict[str, str] = {
        n: str(facts.pop(n)) for n in ("qr", "barcode", "picture") if n in facts
    }
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


def letterhead(company: Company) -> dict[str, object]:
    """What every paper says of the company at its head: who it is, and its logo where it has one."""
    return {
        "company": {
            "name": company.name,
            "address": company.address,
            "tax_id": company.tax_id,
            "phone": company.phone,
        },
        "logo": bool(company.logo),
        "picture": logo(company),
    }


def words_of_amounts() -> dict[str, str]:
    """What papers that say amounts call their day, columns, sum and a tax id, in their reader's language."""
    return {
        "day": _("Date"),
        "sku": "SKU",
        "item": _("Item"),
        "units": _("Units"),
        "price": _("Unit price"),
        "amount": _("Amount"),
        "total": _("Total"),
        "tax_id": _("Tax id"),
    }


def logo(company: Company) -> str:
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


def qr(text: str) -> str:
    """A QR code as SVG."""
    stream = BytesIO()
    segno.make_qr(text, error="m").save(stream, kind="svg", border=0, xmldecl=False)
    return stream.getvalue().decode()


def code128(text: str) -> str:
    """A Code 128 barcode as SVG."""
    symbol = Symbol()
    symbol.symbology = Symbology.CODE128
    symbol.show_text = False
    symbol.outfile = "barcode.svg"
    symbol.output_options |= OutputOptions.BARCODE_MEMORY_FILE
    symbol.encode(text)
    symbol.print()
    return bytes(symbol.memfile or b"").decode()
