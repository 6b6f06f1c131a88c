"""Reads carriers' remittance rows: which order was paid, and what is wrong."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from erp.files import RawRow
from erp.money import minor_unit
from orders.intake.files import cells, dates
from orders.intake.files.columns import Field
from orders.intake.files.rows import (
    NOTED,
    REJECTED,
    Defect,
    Reading,
    Survey,
    cell_of,
    check_digits,
    places_of,
    usual_of,
)
from orders.intake.messages.numbers import Defective
from orders.intake.messages.statements import AHEAD

ZERO = Decimal(0)


FIELDS = (
    Field(
        "remittance",
        _("Remittance"),
        ("remittance ref", "remittance id", "remittance", "settlement id", "结算单号", "回款单号"),
        needed=True,
        longest=60,
        digits=True,
    ),
    Field(
        "paid_on",
        _("Paid on"),
        ("remittance date", "settlement date", "paid on", "回款日期", "结算日期"),
        "moment",
    ),
    Field(
        "tracking",
        _("Tracking number"),
        ("waybill", "awb", "awb number", "tracking number", "运单号", "快递单号"),
        longest=60,
        digits=True,
    ),
    Field(
        "order",
        _("Order number"),
        ("order id", "order number", "order no", "reference", "订单号"),
        needed=True,
        longest=60,
        digits=True,
    ),
    Field("kind", _("Kind of row"), ("row type", "type", "类型"), longest=40),
    Field(
        "delivered_on", _("Delivered on"), ("delivery date", "delivered on", "签收日期"), "moment"
    ),
    Field(
        "amount",
        _("Cash on delivery"),
        ("cod amount", "collected amount", "代收金额", "代收货款"),
        "amount",
        needed=True,
    ),
    Field("freight", _("Freight"), ("freight charge", "freight", "运费"), "amount"),
    Field(
        "handling",
        _("Handling fee"),
        ("cod handling fee", "cod fee", "cod charge", "handling fee", "代收手续费"),
        "amount",
    ),
    Field("return_charge", _("Charge for returns"), ("rto charge", "return charge"), "amount"),
    Field("tax", _("Tax on charges"), ("gst", "tax", "vat", "税额"), "amount"),
)


BY_NAME = {field.name: field for field in FIELDS}


PAID_KINDS = frozenset({"", "cod", "代收", "代收货款"})


CHARGES = ("freight", "handling", "return_charge", "tax")


@dataclass(frozen=True)
class Remitted:
    """Money of one order that a carrier paid out. `reference` is its own for ever."""

    row: RawRow
    order: str
    reference: str
    amount: Decimal
    charges: Decimal
    paid_on: datetime | None


class RemittanceReader:
    """Reads one row after the other; a row that stands above already is known by it."""

    def __init__(self, reading: Reading, surveyed: Survey) -> None:
        self.reading, self.surveyed = reading, surveyed
        self.places = places_of(reading.columns, surveyed.header, BY_NAME)
        self.seen: Counter[tuple[str, ...]] = Counter()

    def read(self, row: RawRow) -> tuple[Remitted | None, list[Defect]]:
        """What a row says, and what is wrong with it. None: it cannot be taken."""
        found: list[Defect] = []

        def wrong(code: str, severity: str, name: str = "", value: str = "", **params: str) -> None:
            heading = self.reading.columns.get(name, "")
            found.append(Defect(row, code, severity, heading, value[:60], params))

        width = len(self.surveyed.header)
        if len(row.cells) != width:
            code = "too_few_columns" if len(row.cells) < width else "too_many_columns"
            wrong(code, REJECTED, n=str(len(row.cells)), of=str(width))
            return None, found
        self.seen[row.cells] += 1
        if self.seen[row.cells] > 1:
            wrong("row_repeated", REJECTED)
            return None, found
        said = {name: cell_of(row, self.places, name, BY_NAME) for name in self.places}
        for name in check_digits(said, BY_NAME):
            wrong("digits_lost", REJECTED, name, said[name])
        for name, field in BY_NAME.items():
            if field.needed and not said.get(name):
                wrong("missing", REJECTED, name)
            elif len(said.get(name, "")) > field.longest:
                wrong("too_long", REJECTED, name, n=str(field.longest))
        if said.get("kind", "").casefold() not in PAID_KINDS:
            wrong("kind_unknown", REJECTED, "kind", said["kind"])
        amounts = {
            name: self._amount(name, said.get(name, ""), wrong) for name in ("amount", *CHARGES)
        }
        moments = {
            name: self._moment(name, said.get(name, ""), wrong)
            for name in ("paid_on", "delivered_on")
        }
        if any(defect.severity == REJECTED for defect in found):
            return None, found
        unit = said.get("tracking") or said["order"]
        return Remitted(
            row=row,
            order=said["order"],
            reference=f"{said['remittance']}:{unit}",
            amount=amounts["amount"],
            charges=sum((amounts[name] for name in CHARGES), ZERO),
            paid_on=moments["paid_on"],
        ), found

    def _amount(self, name: str, text: str, wrong: Callable[..., None]) -> Decimal:
        if not text:
            return ZERO
        currency = self.reading.currency
        usual = usual_of(self.surveyed, self.reading)
        value = cells.amount(text, self.surveyed.marks.get(name, ""), usual=usual)
        if isinstance(value, Defective):
            is_open = value.code == "ambiguous"
            wrong("amount_ambiguous" if is_open else "not_an_amount", REJECTED, name, text)
        elif not cells.is_of(text, currency):
            wrong("other_sign", REJECTED, name, text, currency=currency)
        elif value < 0:
            wrong("below_zero", REJECTED, name, text)
        elif value != value.quantize(minor_unit(currency)):
            wrong("too_precise", REJECTED, name, text, currency=currency)
        elif value == 0 and name == "amount":
            wrong("nothing_paid", REJECTED, name, text)
        else:
            return value
        return ZERO

    def _moment(self, name: str, text: str, wrong: Callable[..., None]) -> datetime | None:
        if not text:
            return None
        value = dates.moment(text, self.surveyed.notations.get(name, ""), self.reading.zone)
        if value is None:
            value = dates.any_moment(text, self.reading.zone)
            wrong("not_a_date" if value is None else "other_notation", NOTED, name, text)
        if value is not None and self.reading.now and value > self.reading.now + AHEAD:
            wrong("moment_to_come", REJECTED, name, text)
        return value
