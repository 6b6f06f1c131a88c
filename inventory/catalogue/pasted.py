"""Parses lines that people type or paste: one SKU a line, its units, perhaps a price."""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid
from erp.money import written
from erp.web.pages import StaffRequest
from inventory.catalogue.codes import MOST_LINES, MOST_UNITS, skus_by_code

# A number of units with what people write around it, "12 pcs" or "× 12"; neither 1.5 nor -5.
UNITS = re.compile(r"[^0-9.\-−]*([0-9]+)[^0-9]*")


@dataclass(frozen=True)
class PastedLine:
    """A SKU, units of it, and its price where one was written."""

    sku_id: int
    code: str
    quantity: int
    price: Decimal | None = None


def pasted_lines(text: str, *, with_price: bool = False) -> list[PastedLine]:
    """Read "TEA-001 12" or, from a spreadsheet, "TEA-001<tab>12<tab>3.50", a line each.

    A barcode does for a code; commas and semicolons do for tabs. Raises Invalid naming each line
    that cannot be read.
    """
    rows = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not rows or len(rows) > MOST_LINES:
        raise Invalid(_("Name at least one SKU."))
    cells = [
        (n, re.split(r"[\t;,]+\s*|\s+(?=[\d.]+\s*$|[\d.]+\s+[\d.]+\s*$)", line)) for n, line in rows
    ]
    skus = skus_by_code(row[0].strip() for _n, row in cells)
    errors: list[FieldError] = []
    found: list[PastedLine] = []
    for n, row in cells:
        code = row[0].strip()
        counted = UNITS.fullmatch(row[1]) if len(row) > 1 else None
        units = counted[1] if counted else ""
        price, readable = _price(" ".join(row[2:]) if with_price else "")  # 1,50 is no price
        problem = ""
        if code not in skus:
            problem = _("Line %(n)s: there is no SKU %(code)s.") % {"n": n, "code": code[:60]}
        elif not units or not 1 <= int(units[:9]) <= MOST_UNITS:
            problem = _("Line %(n)s: enter the number of units.") % {"n": n}
        elif not readable:
            problem = _("Line %(n)s: the price is not a number.") % {"n": n}
        if problem:
            errors.append(FieldError(f"/lines/{n}", "malformed", problem))
        else:
            found.append(PastedLine(skus[code].pk, code, int(units), price))
    if errors:
        raise Invalid(errors=errors[:20])
    return found


def _price(text: str) -> tuple[Decimal | None, bool]:
    if not text.strip():
        return None, True
    price = written(text.strip())
    return price, price is not None and price >= 0


def whole_number(request: StaffRequest, name: str) -> int | None:
    """A number from 0 up in a form's field; None when it is empty. Raises Invalid."""

    text = request.POST.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 8:
        raise Invalid(_("“%(text)s” is not a whole number.") % {"text": text[:40]})
    return int(text)
