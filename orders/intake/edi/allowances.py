"""Settles what partners take off goods and charge on top: by the standards' codes, or doubted by its name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from erp.money import minor_unit, rounded
from orders.intake.edi.taxes import Said, differs_from_share

ZERO, HUNDRED = Decimal(0), Decimal(100)

# In the codes of X12 (element 1300 and, before it, 150), and of UN/EDIFACT 5189 (used by UBL) and 7161. A code that
# is none of these is doubted: "other" (F050) says nothing, and a list of all would take in what is settled elsewhere.
DISCOUNTS = frozenset(
    {"A260", "B720", "C000", "C310", "C320", "D170", "F800", "F810", "F910", "H000", "I170", "I530"}
    | {"41", "42", "60", "62", "63", "64", "65", "66", "67", "68", "70", "71"}
    | {"88", "95", "100", "102", "103", "104", "105"}
    | {"DI", "TD", "QD", "RAA"}
)
CARRIAGE = frozenset({"C040", "D240", "G821", "G830", "FC", "DL"})
CHARGES = frozenset({"D500", "H090", "PC", "HD", "SH", "IN", "ABL"})
TAXES = frozenset({f"H{n}0" for n in range(70, 86)})
ROUNDING = "rounding"  # a total is rounded to what is paid in cash
# How it is settled (X12 element 331, EDIFACT 4471): with the order itself, or not told.
WITH_THE_ORDER = frozenset({"", "2", "02", "6", "06"})


@dataclass(slots=True)
class Allowance:
    """Something taken off or charged on top, as it is written.

    is_charge  None: its message does not say so in a word that is known
    amount     in the order's currency; else `percent` of what it is about, or of its `basis`
    factor     UBL's: in percent or, as its specification has it, a share of one
    by_count   what its rate times its quantity comes to
    tax        of it, where that is stated; else by its rate, in percent
    """

    is_charge: bool | None
    code: str = ""
    name: str = ""
    settled: str = ""
    amount: Decimal | None = None
    percent: Decimal | None = None
    factor: Decimal | None = None
    basis: Decimal | None = None
    by_count: Decimal | None = None
    tax: Decimal | None = None
    tax_rate: Decimal | None = None
    taxes: list[Said] = field(default_factory=list)

    @property
    def called(self) -> str:
        """What a person calls it by."""
        return (self.code or self.name or "–")[:20]

    def tax_on(self, amount: Decimal, otherwise: Decimal | None) -> Decimal:
        """The tax of it: its own, else by its own rate, else by that of what it is about."""
        if self.tax is not None:
            return self.tax
        rate = otherwise if self.tax_rate is None else self.tax_rate
        return amount * (rate or ZERO) / HUNDRED

    @property
    def written(self) -> Decimal | None:
        """Its amount, as it is written or as its rate and quantity come to."""
        return self.by_count if self.amount is None else self.amount

    @property
    def is_agreed(self) -> bool:
        """Whether its code says what it is for."""
        if self.code == ROUNDING:
            return (self.amount or ZERO) <= 1
        known = CARRIAGE | CHARGES | TAXES if self.is_charge else DISCOUNTS
        return self.code in known


@dataclass(slots=True)
class Settled:
    """What allowances and charges come to: off the goods, on top of them, as carriage, as tax."""

    off: Decimal = ZERO
    rounded_off: Decimal = ZERO  # of that
    off_tax: Decimal = ZERO  # tax of what is taken off, where it is stated with that
    charges: list[tuple[Allowance, Decimal, Decimal]] = field(default_factory=list)  # with its tax
    carriage: Decimal = ZERO
    carriage_tax: Decimal = ZERO
    carriage_open: Decimal = ZERO  # of the carriage, what no tax is told of
    tax: Decimal = ZERO
    doubts: list[str] = field(default_factory=list)

    def add_carriage(self, other: "Settled") -> None:
        self.carriage += other.carriage
        self.carriage_tax += other.carriage_tax
        self.carriage_open += other.carriage_open

    @property
    def net(self) -> Decimal:
        """What they change the goods' net amount by."""
        return sum((amount for _each, amount, _tax in self.charges), self.carriage) - self.off


def settled(
    given: Iterable[Allowance], worth: Decimal, currency: str, tax_rate: Decimal | None = None
) -> Settled:
    """What allowances and charges about something that is worth `worth` come to.

    tax_rate  in percent, of what they are about: theirs where they state none

    What names no amount, or is not settled with the order, is left out and doubted; what has an amount
    and no code of the standards is taken as it says, and doubted.
    """
    rows, found = list(given), Settled()
    shares = sum(1 for each in rows if each.written is None)
    for each in rows:
        amount = (
            _amount_of(each, worth, currency) if shares < 2 or each.written is not None else None
        )
        if amount == 0:
            continue
        is_plain = each.is_charge is not None and each.settled in WITH_THE_ORDER
        if amount is None or amount < 0 or not is_plain:
            found.doubts.append(f"allowance_unclear:{each.called}")
            continue
        if not each.is_agreed or _contradicts_itself(each, amount, worth, found, currency):
            found.doubts.append(f"allowance_unclear:{each.called}")
        if _taxed_otherwise(each, amount, currency):
            found.doubts.append("tax_differs")
        is_open = each.tax is None and each.tax_rate is None and tax_rate is None
        found.carriage_open += amount if is_open and each.code in CARRIAGE and each.is_charge else 0
        _book(found, each, amount, each.tax_on(amount, tax_rate))
    if found.off > worth:
        found.doubts.append("allowance_unclear:>100%")
        found.off = worth
    return found


def _amount_of(each: Allowance, worth: Decimal, currency: str) -> Decimal | None:
    """Its amount, else its share of what it is about; None where it states neither."""
    if each.written is not None:
        return each.written
    if each.percent is None:
        return None
    return rounded(_first(each.basis, worth) * each.percent / HUNDRED, currency)


def _first(stated: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if stated is None else stated


def _contradicts_itself(
    each: Allowance, amount: Decimal, worth: Decimal, found: Settled, currency: str
) -> bool:
    """Whether its amount is not what its percentage, or its rate, says, beyond rounding.

    A share may be of what the ones before it have left.
    """
    slack = minor_unit(currency)
    if each.by_count is not None and abs(amount - each.by_count) > slack:
        return True
    bases = [worth, worth + found.net] if each.basis is None else [each.basis]
    readings = [x for x in (each.percent, each.factor) if x is not None]
    if each.factor is not None:
        readings.append(each.factor * HUNDRED)
    return bool(readings) and all(
        differs_from_share(amount, percent, bases, slack) for percent in readings
    )


def _taxed_otherwise(each: Allowance, amount: Decimal, currency: str) -> bool:
    """Whether the amount of its tax is not what the rate of that says, beyond rounding."""
    if each.tax is None or each.tax_rate is None:
        return False
    return differs_from_share(each.tax, each.tax_rate, [amount], minor_unit(currency))


def _book(found: Settled, each: Allowance, amount: Decimal, tax: Decimal) -> None:
    if not each.is_charge:
        found.off += amount
        found.off_tax += each.tax_on(amount, None)
        found.rounded_off += amount if each.code == ROUNDING else ZERO
    elif each.code in TAXES:
        found.tax += amount
    elif each.code in CARRIAGE:
        found.carriage += amount
        found.carriage_tax += tax
    else:
        found.charges.append((each, amount, ZERO if each.code == ROUNDING else tax))
