"""Resolves a scan: a SKU by code or barcode, a bin, or a GS1 label with lot and expiry."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date

import biip
from django.utils.translation import gettext as _

from erp.errors import Invalid
from erp.visible import identifier
from inventory.catalogue.codes import MOST_LINES
from inventory.catalogue.models import Barcode, Sku
from inventory.stock.models.levels import SerialUnit
from inventory.stock.models.places import Place, Warehouse

GROUP_SEPARATOR = "\x1d"


@dataclass(frozen=True)
class Label:
    """What a barcode says by itself. `code` is what names the thing; the rest may be empty."""

    code: str
    lot: str = ""
    expires_on: date | None = None
    serial: str = ""
    units: int = 0

    def __post_init__(self) -> None:
        """Keep of what names things what can be seen."""
        for name in ("code", "lot", "serial"):
            object.__setattr__(self, name, identifier(getattr(self, name)))


def read_label(text: str) -> Label:
    """Read a scan: a GS1 element string becomes its parts, anything else its own text.

    GS1 is what begins with a symbology identifier (]C1, ]d2 …), with a bracketed AI, or with AI 01
    and more than a GTIN behind it (GS1 General Specifications, 7.8).
    """
    text = text.strip()
    raw = text
    if re.match(r"\(\d{2,4}\)", raw):
        raw = re.sub(r"\((\d{2,4})\)", GROUP_SEPARATOR + r"\1", raw).lstrip(GROUP_SEPARATOR)
    looks = raw.startswith("]") or raw != text or re.fullmatch(r"0[12]\d{14}.+", raw)
    if not looks:
        return Label(text)
    try:
        message = biip.parse(raw).gs1_message
    except (
        biip.ParseError,
        IndexError,
        ValueError,
    ):  # of "]" and "]Y:" biip 5.2 reads past the end
        return Label(text)
    if message is None:
        return Label(text)
    label = Label(text)
    for element in message.element_strings:
        ai = element.ai.ai
        if ai in {"01", "02"}:
            label = replace(label, code=element.value)
        elif ai == "10":
            label = replace(label, lot=element.value)
        elif ai == "17" and element.date:
            label = replace(label, expires_on=element.date)
        elif ai == "21":
            label = replace(label, serial=element.value)
        elif ai in {"30", "37"} and element.value.isdecimal():
            label = replace(label, units=int(element.value))
    return label


@dataclass(frozen=True)
class Found:
    """What a scan means in a warehouse: `kind` is sku, bin or unknown."""

    kind: str
    text: str
    sku: Sku | None = None
    place: Place | None = None
    units: int = 1
    label: Label = Label("")


def find_scanned(text: str, warehouse: Warehouse) -> Found:
    """Resolve a scan in a warehouse: one of its bins, a SKU or a serial number."""
    label = read_label(text)
    place = Place.objects.filter(warehouse=warehouse, code=text.strip(), is_active=True).first()
    if place is not None:
        return Found("bin", text, place=place)
    spellings = {label.code, label.code.lstrip("0")}
    if label.code.isdecimal():
        spellings |= {label.code.zfill(n) for n in (8, 12, 13, 14)}
    sku = Sku.objects.filter(code=label.code).first()
    if sku is None:
        sku = Sku.objects.filter(barcode__in=spellings - {""}).first()
    units = label.units or 1
    if sku is None:
        barcode = Barcode.objects.filter(code__in=spellings).select_related("sku").first()
        if barcode is not None:
            sku, units = barcode.sku, units * barcode.units
    if sku is None:
        piece = SerialUnit.objects.filter(code=label.code).select_related("sku").first()
        if piece is not None:
            sku, label = piece.sku, replace(label, serial=piece.code)
    if sku is None or sku.is_service:
        return Found("unknown", text)
    return Found("sku", text, sku=sku, units=units, label=label)


@dataclass(frozen=True)
class Row:
    """What was scanned so far of one SKU, lot and bin. Kept in the page until it is posted."""

    sku: str
    name: str
    units: int | None  # None: expected, not counted yet
    lot: str = ""
    expires_on: str = ""
    serials: tuple[str, ...] = ()
    bin: str = ""

    def __post_init__(self) -> None:
        """Keep of a lot and of serial numbers what can be seen."""
        object.__setattr__(self, "lot", identifier(self.lot))
        object.__setattr__(self, "serials", tuple(map(identifier, self.serials)))


def rows_of(text: str) -> list[Row]:
    """Rows as the page sent them back. Raises Invalid."""
    try:
        given = json.loads(text or "[]")
        rows = [
            Row(
                str(r["sku"])[:60],
                str(r["name"])[:250],
                _units(r["units"]),
                str(r.get("lot", ""))[:60],
                str(r.get("expires_on", ""))[:10],
                tuple(str(s)[:80] for s in r.get("serials", ())),
                str(r.get("bin", ""))[:30],
            )
            for r in given
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(_("The scan could not be read; scan again.")) from error
    if len(rows) > MOST_LINES or any(not 0 <= (row.units or 0) <= 10_000_000 for row in rows):
        raise Invalid(_("The scan could not be read; scan again."))
    return rows


def _units(given: str | int | None) -> int | None:
    return None if given is None else int(given)


def as_text(rows: list[Row]) -> str:
    """Rows as the page keeps them."""
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False)


def counted_in(rows: list[Row], found: Found, bin_code: str = "") -> list[Row]:
    """Rows with one more scan: added to the row of the same SKU, lot and bin, or a new one first."""
    assert found.sku is not None
    label = found.label
    new = Row(
        found.sku.code,
        found.sku.name,
        found.units,
        label.lot,
        label.expires_on.isoformat() if label.expires_on else "",
        (label.serial,) if label.serial else (),
        bin_code,
    )
    for n, row in enumerate(rows):
        if (row.sku, row.lot, row.bin) == (new.sku, new.lot, new.bin):
            if label.serial and label.serial in row.serials:
                return rows  # the same piece twice is one piece
            grown = replace(
                row,
                units=(row.units or 0) + found.units,
                serials=row.serials + new.serials,
                expires_on=row.expires_on or new.expires_on,
            )
            return [grown, *rows[:n], *rows[n + 1 :]]
    return [new, *rows]


def shown(rows: list[Row], form: Mapping[str, str]) -> list[Row]:
    """Rows with the units that somebody corrected by hand: fields `units-0`, `units-1` …"""
    corrected = []
    for n, row in enumerate(rows):
        text = str(form.get(f"units-{n}", "" if row.units is None else row.units)).strip()
        units = int(text) if text.isdecimal() and len(text) < 8 else row.units
        corrected.append(replace(row, units=units))
    return corrected
