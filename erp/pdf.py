"""Renders documents as PDF with typst, in fonts of every script."""

import base64
import json
import logging
import re
import threading
import unicodedata
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from zint import OutputOptions, Symbol, Symbology

from erp.access.models import Company
from erp.fonts import FAMILIES, LATIN, fonts, printable
from erp.pictures import NoPicture, read_kept_picture

log = logging.getLogger(__name__)
_lock = threading.Lock()  # typst's fonts are not to be shared by threads at once
LONGEST_WORD = 18  # letters in a row that may not be broken; more would run out of the paper


def pdf(template: str, facts: dict[str, object]) -> bytes:
    """Render a document from its template in `templates/documents/` as PDF.

    facts   what it says, as JSON; `qr`, `barcode` and `picture` in it are SVG (see below)

    A letter that no font has is a box; `erp.fonts.unprintable` names it beforehand.
    """
    pictures: dict[str, str] = {
        n: str(facts.pop(n)) for n in ("qr", "barcode", "picture") if n in facts
    }
    with _lock:
        return bytes(
            _compiler().compile(
                _source("paper") + _source(template),
                sys_inputs={
                    "facts": json.dumps(_settable(facts), ensure_ascii=False),
                    "fonts": json.dumps((LATIN, *FAMILIES)),
                    "lang": (translation.get_language() or "en")[:2],
                    **pictures,
                },
            )
        )


@lru_cache(maxsize=1)
def _compiler() -> Any:
    """The compiler that every paper of this process is set by: with its fonts read, a page costs a tenth."""
    return typst.Compiler(font_paths=fonts(), ignore_system_fonts=True)


@cache
def _source(template: str) -> bytes:
    return Path(settings.BASE_DIR, "templates", "documents", f"{template}.typ").read_bytes()


def _settable(value: object) -> object:
    """Facts as they can be set: letters without a font as boxes, long words breakable."""
    if isinstance(value, dict):
        return {key: _settable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_settable(part) for part in value]
    if isinstance(value, str) and not value.startswith(("<svg", "<?xml")):
        if len(value) <= LONGEST_WORD and value.isascii() and value.isprintable():
            return value
        return _directed(_LONG_WORD.sub(lambda m: f"{m[0]}\u200b", printable(value)))
    return value


def _directed(text: str) -> str:
    """A text in its own direction, whatever the paper's: its full stop at its end, its numbers where it has them.

    A phone number in it is one: Arabic would set what a dash parts from right to left.
    """
    if text.isascii():
        return text
    first = next((d for d in map(unicodedata.bidirectional, text) if d in {"L", "R", "AL"}), "L")
    if first == "L":
        return text
    return _ISOLATE + _PHONE.sub(lambda m: f"{_LEFT_TO_RIGHT}{m[0]}{_END}", text) + _END


# Scripts without blanks between words break anywhere by themselves.
_LONG_WORD = re.compile(
    rf"[^\s\u200b\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\uffef]{{{LONGEST_WORD}}}(?=\S)"
)


_ISOLATE, _LEFT_TO_RIGHT, _END = "\u2068", "\u2066", "\u2069"
_PHONE = re.compile(r"\+?[0-9][0-9 ()/-]{5,}[0-9]")


def letterhead(company: Company) -> dict[str, object]:
    """What every paper says of the company at its head: who it is, and its logo where it has one."""
    picture = logo(company)
    return {
        "company": {
            "name": company.name,
            "address": company.address,
            "tax_id": company.tax_id,
            "phone": company.phone,
        },
        "logo": bool(picture),
        "picture": picture,
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
    """The company's logo as an SVG around its pixels, since inputs are text.

    "" without one, and where its file is gone or no picture: no paper waits for that. `has_lost_logo` tells it.
    """
    if not company.logo:
        return ""
    try:
        picture = read_kept_picture(str(company.logo.name))
    except (NoPicture, OSError) as error:
        log.warning("The logo cannot be read: %s", error)
        return ""
    data = base64.b64encode(picture.png).decode()
    width, height = picture.width, picture.height
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" xlink:href="data:image/png;base64,{data}"/></svg>'
    )


def has_lost_logo(company: Company) -> bool:
    """Tell whether the company has a logo that cannot be printed, because its file is gone or broken."""
    return bool(company.logo) and not logo(company)


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
