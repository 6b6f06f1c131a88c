"""Settles what partners take off goods and charge on top: by the standards' codes, or doubted by its name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from erp.money import rounded

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
    amount     in the order's currency; else `percent` of what it is about
    tax        of it, where that is stated
    """

    is_charge: bool | None
    code: str = ""
    name: str = ""
    settled: str = ""
    amount: Decimal | None = None
    percent: Decimal | None = None
    tax: Decimal = ZERO

    @property
    def called(self) -> str:
        """What a person calls it by."""
        return (self.code or self.name or "–")[:20]

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
    charges: list[tuple[Allowance, Decimal]] = field(default_factory=list)
    carriage: Decimal = ZERO
    carriage_tax: Decimal = ZERO
    tax: Decimal = ZERO
    doubts: list[str] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        """What they change the goods' net amount by."""
        return sum((amount for _each, amount in self.charges), self.carriage) - self.off


def settled(given: Iterable[Allowance], worth: Decimal, currency: str) -> Settled:
    """What allowances and charges about something that is worth `worth` come to.

    What names no amount, or is not settled with the order, is left out and doubted; what has an amount
    and no code of the standards is taken as it says, and doubted.
    """
    rows, found = list(given), Settled()
    shares = sum(1 for each in rows if each.amount is None)
    for each in rows:
        amount = (
            _amount_of(each, worth, currency) if shares < 2 or each.amount is not None else None
        )
        if amount == 0:
            continue
        is_plain = each.is_charge is not None and each.settled in WITH_THE_ORDER
        if amount is None or amount < 0 or each.tax < 0 or not is_plain:
            found.doubts.append(f"allowance_unclear:{each.called}")
            continue
        if not each.is_agreed:
            found.doubts.append(f"allowance_unclear:{each.called}")
        _book(found, each, amount)
    if found.off > worth:
        found.doubts.append("allowance_unclear:>100%")
        found.off = worth
    return found


def _amount_of(each: Allowance, worth: Decimal, currency: str) -> Decimal | None:
    """Its amount, else its share of what it is about; None where it states neither."""
    if each.amount is not None:
        return each.amount
    if each.percent is None:
        return None
    return rounded(worth * each.percent / HUNDRED, currency)


def _book(found: Settled, each: Allowance, amount: Decimal) -> None:
    if not each.is_charge:
        found.off += amount
        found.rounded_off += amount if each.code == ROUNDING else ZERO
    elif each.code in TAXES:
        found.tax += amount
    elif each.code in CARRIAGE:
        found.carriage += amount
        found.carriage_tax += each.tax
    else:
        found.charges.append((each, amount))
