"""Reads the amounts, counts and moments of a file's rows; each that is none is a defect of its row."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from erp.files import RawRow
from erp.money import minor_unit
from orders.intake.files import cells, dates
from orders.intake.files.rows import (
    HELD,
    NOTED,
    REJECTED,
    Defect,
    Reading,
    Survey,
    cell_of,
    places_of,
    usual_of,
)
from orders.intake.messages.numbers import Defective
from orders.intake.messages.statements import AHEAD

ZERO = Decimal(0)


class FigureReader:
    """Reads figures as a survey of their file says they are written, and notes what is wrong with them."""

    def __init__(self, reading: Reading, surveyed: Survey) -> None:
        self.reading, self.surveyed = reading, surveyed
        self.places = places_of(reading.columns, surveyed.header)
        self.defects: list[Defect] = []

    def _defect(
        self,
        row: RawRow,
        code: str,
        severity: str,
        name: str = "",
        value: str = "",
        **params: str,
    ) -> None:
        heading = self.reading.columns.get(name, "")
        self.defects.append(Defect(row, code, severity, heading, value[:60], params))

    def _amount(
        self, row: RawRow, name: str, text: str, currency: str, exact: bool = True
    ) -> Decimal:
        if not text:
            return ZERO
        mark, usual = self.surveyed.marks.get(name, ""), self._usual(currency)
        value = cells.amount(text, mark, usual=usual)
        if not mark and cells.may_be_thousandths(text, minor_unit(currency), usual):
            value = Defective("ambiguous")
        if isinstance(value, Defective):
            is_open = value.code == "ambiguous"
            code = "amount_ambiguous" if is_open else "not_an_amount"
            self._defect(row, code, REJECTED, name, text)
            return ZERO
        if not cells.is_of(text, currency):
            self._defect(row, "other_sign", REJECTED, name, text, currency=currency)
            return ZERO
        if value < 0:
            self._defect(row, "below_zero", REJECTED, name, text)
            return ZERO
        if value != value.quantize(minor_unit(currency)):
            too_fine = exact or value != round(value, 4) or minor_unit(currency) == 1
            severity = REJECTED if too_fine else NOTED
            self._defect(row, "too_precise", severity, name, text, currency=currency)
        return value.quantize(minor_unit(currency)) if exact else round(value, 4)

    def _summed(self, rows: Sequence[RawRow], name: str, currency: str) -> Decimal:
        """An amount of the order: said once, or by each row its share."""
        cells_of = ((row, cell_of(row, self.places, name)) for row in rows)
        said = [(row, text) for row, text in cells_of if text]
        values = [self._amount(row, name, text, currency) for row, text in said]
        if len(set(values)) <= 1:
            return values[0] if values else ZERO
        return sum(values, ZERO)

    def _moment(self, row: RawRow, name: str, text: str) -> datetime | None:
        if not text:
            return None
        zone, notation = self.reading.zone, self.surveyed.notations.get(name, "")
        value = dates.moment(text, notation, zone)
        if value is None:
            value = dates.any_moment(text, zone)
            code = "not_a_date" if value is None else "other_notation"
            if value is None and dates.is_ambiguous(text, zone):
                code = "date_ambiguous"
            contradicted = notation == dates.AMBIGUOUS and dates.fits_one_order(text)
            if contradicted:  # another date of its column fits the other order only
                code = "date_ambiguous"
            if value is None or contradicted or notation != dates.AMBIGUOUS:
                self._defect(row, code, HELD, name, text)
        if value is not None and self._is_to_come(value):
            self._defect(row, "moment_to_come", REJECTED, name, text)
        return value

    def _is_to_come(self, moment: datetime) -> bool:
        """Whether a moment has not come yet anywhere: nothing that a file tells of can have happened then."""
        return self.reading.now is not None and moment > self.reading.now + AHEAD

    def _usual(self, currency: str) -> str:
        return usual_of(self.surveyed, self.reading, currency)

    def _count(self, row: RawRow, name: str, text: str, currency: str) -> int | None:
        """A number of units; None, and a defect, where a cell is none."""
        found = cells.count(text, self.surveyed.marks.get(name, ""), usual=self._usual(currency))
        if not isinstance(found, Defective):
            return found
        code = "amount_ambiguous" if found.code == "ambiguous" else "not_a_quantity"
        self._defect(row, code if text else "missing", REJECTED, name, text)
        return None
