"""Builds the lines of an order from the rows of a file, and shares its discount and tax among them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from erp.files import RawRow
from erp.money import minor_unit, split
from orders.intake.files import cells
from orders.intake.files.columns import BY_NAME, Field
from orders.intake.files.figures import FigureReader
from orders.intake.files.headings import plain
from orders.intake.files.packs import MAYBE_UNITS, packed
from orders.intake.files.rows import HELD, NOTED, REJECTED, cell_of, check_digits
from orders.intake.messages.totals import spread_discount
from orders.intake.messages.units import pieces_in
from orders.placement.incoming import ForeignLine

ZERO = Decimal(0)


class LineReader(FigureReader):
    """Reads one line of an order from each of its rows."""

    def _line(self, row: RawRow, rows: Sequence[RawRow], place: int) -> ForeignLine | None:
        given = {
            name: cell_of(row, self.places, name) for name in self.places if not BY_NAME[name].whole
        }
        currency = self._currency(rows)
        counted = self._count(row, "quantity", given.get("quantity", ""), currency)
        in_one = self._pieces_in_one(row, given, currency)
        if counted is None or in_one is None:
            return None
        quantity = counted * in_one
        for name in check_digits(given, BY_NAME):
            self._defect(row, "digits_lost", HELD, name, given[name])
        for name in ("sku", "listing", "product"):
            if name in given:
                given[name] = self._shortened(row, BY_NAME[name], given[name])
        if not (given.get("sku") or given.get("listing") or given.get("product")):
            self._defect(row, "goods_missing", REJECTED, "sku")
            return None
        if "sku" in self.places and not given.get("sku"):
            self._defect(row, "missing", HELD, "sku")
        price = self._amount(row, "unit_price", given.get("unit_price", ""), currency, False)
        total = self._amount(row, "line_total", given.get("line_total", ""), currency)
        is_priced = bool(given.get("unit_price") or given.get("line_total"))
        worth = price * counted
        if not given.get("unit_price"):
            worth = total
        elif given.get("line_total") and abs(worth - total) > minor_unit(currency):
            self._defect(row, "line_differs", HELD, "line_total", given["line_total"])
        subtotal = total if given.get("line_total") else worth
        off = self._amount(row, "line_discount", given.get("line_discount", ""), currency)
        if off > subtotal:
            self._defect(row, "line_differs", HELD, "line_discount", given["line_discount"])
        return ForeignLine(
            sku=given.get("sku", ""),
            code=given.get("sku", "") or given.get("listing", ""),
            listing=given.get("listing", ""),
            name=given.get("product", ""),
            key=str(place),
            quantity=quantity,
            unit_price=round(worth / quantity, 4),
            subtotal=subtotal,
            discount=min(subtotal, off),
            tax=self._amount(row, "line_tax", given.get("line_tax", ""), currency),
            is_unpriced=not is_priced,
        )

    def _pieces_in_one(self, row: RawRow, given: Mapping[str, str], currency: str) -> int | None:
        """How many pieces one of a row's unit is; a unit that nobody can count holds its order."""
        pack = None
        if given.get("pack"):
            pack = self._count(row, "pack", given["pack"], currency)
            if pack is None:
                return None
        said = packed(given.get("unit", "") if self._counts_in_units() else "")
        stated = None if pack is None else Decimal(pack)
        if stated and said.pieces and stated != said.pieces:
            self._defect(row, "unit_of_measure", HELD, "unit", given["unit"])
        found = pieces_in(said.unit, stated or said.pieces)
        if found is None:
            self._defect(row, "unit_of_measure", HELD, "unit", given["unit"])
        return int(found or 1)

    def _counts_in_units(self) -> bool:
        """Whether the column of units holds some; under "Unit" may stand anything else."""
        heading = plain(self.reading.columns.get("unit", ""))
        return self.surveyed.has_units or heading not in MAYBE_UNITS.split("|")

    def _currency(self, rows: Sequence[RawRow]) -> str:
        text = next((t for row in rows if (t := cell_of(row, self.places, "currency"))), "")
        return cells.currency(text) or self.reading.currency

    def _shortened(self, row: RawRow, of: Field, text: str) -> str:
        if len(text) > of.longest:
            severity = NOTED if of.name in {"note", "product"} else HELD
            severity = REJECTED if of.needed else severity
            self._defect(row, "too_long", severity, of.name, n=str(of.longest))
        return text if len(text) <= of.longest else text[: of.longest]


def priced(
    lines: list[ForeignLine],
    subtotal: Decimal | None,
    sums: Mapping[str, Decimal],
    currency: str,
) -> list[ForeignLine]:
    """Lines with their shares of the order's discount and tax.

    Some channels state the goods' sum after discounts: then only what it lacks was taken off.
    """
    worth = sum((line.subtotal - line.discount for line in lines), ZERO)
    discount = sums["discount"]
    if subtotal is not None and discount and subtotal == worth:
        discount = ZERO
    if discount:
        lines = spread_discount(lines, discount, currency)
    if sums["tax"] and not any(line.tax for line in lines):
        shares = split(sums["tax"], [line.subtotal - line.discount for line in lines], currency)
        lines = [
            msgspec.structs.replace(line, tax=share)
            for line, share in zip(lines, shares, strict=True)
        ]
    return lines
