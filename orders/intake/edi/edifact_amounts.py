"""Reads amounts, taxes, allowances and charges of a UN/EDIFACT message."""

from decimal import Decimal

from orders.intake.edi.allowances import Allowance
from orders.intake.edi.edifact_segments import Segment, at
from orders.intake.edi.notation import MessageNumbers
from orders.intake.edi.purchases import Item, Purchase
from orders.intake.edi.taxes import Said

# Of code list 5025 the amounts that are of the whole order.
TOTALS = frozenset({"9", "77", "86", "128"})


# Other sums of the whole: its goods, what is taken off and charged, and both.
SUMS = {"79": "goods", "260": "off", "259": "charged", "131": "extra", "125": "net"}
TAX_OF_ALL = frozenset({"124", "150", "176"})
OF_AN_ALLOWANCE = frozenset({"8", "23", "204"})
BASIS = "25"  # of an allowance or charge
PAID = frozenset({"11", "12", "113"})  # ahead: what nobody here has seen
OF_A_TAX = frozenset({"125", "56"})  # what a tax is of


class Extras:
    """Reads amounts, taxes, allowances and charges: of the whole, or of the line that they follow.

    What describes an allowance (ALC) or a tax (TAX) follows it directly.
    """

    def __init__(self, purchase: Purchase, numbers: MessageNumbers) -> None:
        self.purchase, self.numbers = purchase, numbers
        self.about: Purchase | Item | None = purchase
        self.allowance: Allowance | None = None
        self.rate: Decimal | None = None
        self.count: Decimal | None = None
        self.tax: Said | None = None  # the one that is being told
        self.is_tax = False

    def take(self, segment: Segment) -> bool:
        """Read a segment where it is one of these; whether it was."""
        tag = segment[0][0]
        if tag == "ALC":
            self._begin(segment)
        elif tag == "TAX":
            self._tax(segment)
        elif tag == "MOA":
            self._amount(at(segment, 1), at(segment, 1, 1))
        elif self.allowance is not None and tag in {"PCD", "RTE", "QTY", "RNG"}:
            self._detail(self.allowance, segment)
        else:
            if tag in {"LIN", "UNS"}:
                self.about = None if tag == "LIN" else self.purchase
            self.allowance, self.tax, self.is_tax = None, None, False
            return False
        return True

    @property
    def _of(self) -> Purchase | Item:
        return self.purchase.items[-1] if self.about is None else self.about

    def _begin(self, segment: Segment) -> None:
        is_charge = {"A": False, "C": True}.get(at(segment, 1))
        self.allowance, self.rate, self.count = None, None, None
        self.tax, self.is_tax = None, False
        if at(segment, 1) == "N":  # neither, it says
            return
        self.allowance = Allowance(
            is_charge=is_charge,
            code=at(segment, 5) or at(segment, 2, 1),
            name=at(segment, 5, 3),
            settled=at(segment, 3),
        )
        self._of.allowances.append(self.allowance)

    def _detail(self, allowance: Allowance, segment: Segment) -> None:
        tag, written = segment[0][0], at(segment, 1, 1)
        value = self.numbers.read(written, f"ALC {tag}") if written else None
        if tag == "PCD":
            allowance.percent = value
        elif tag == "RTE":
            per = at(segment, 1, 2)
            basis = self.numbers.read(per, "ALC RTE") if per else Decimal(1)
            self.rate = value / basis if value is not None and basis > 0 else None
        elif tag == "QTY":
            self.count = value
        if tag in {"RTE", "QTY"} and self.rate is not None and self.count is not None:
            allowance.by_count = self.rate * self.count

    def _tax(self, segment: Segment) -> None:
        """A tax that is charged; what is told about one for information is none."""
        self.tax, self.is_tax = None, at(segment, 1) == "7"
        if self.is_tax:
            rate = at(segment, 5, 3)
            self.tax = Said(
                rate=self.numbers.read(rate, "TAX") if rate else None,
                category=at(segment, 6).upper(),
            )
            (self.allowance or self._of).taxes.append(self.tax)

    def _amount(self, kind: str, written: str) -> None:
        if not written:
            return
        what, of = f"MOA {kind}", self._of
        value = self.numbers.read(written, what)
        if kind in OF_AN_ALLOWANCE:
            if self.allowance is None:  # it says not whether it is taken off or charged
                self.purchase.doubt(f"allowance_unclear:{what}")
            else:
                self.allowance.amount = value
        elif kind == BASIS and self.allowance is not None and not self.is_tax:
            self.allowance.basis = value
        elif kind in TAX_OF_ALL:
            self._tax_amount(of, value)
        elif kind in OF_A_TAX and self.tax is not None:
            self.tax.basis = value
        elif kind in PAID:
            self._paid(what, value)
        elif isinstance(of, Item):
            of.amount = value if kind == "203" else of.amount
        elif kind in TOTALS:
            of.totals.append(value)
        elif kind in SUMS and not self.is_tax:
            of.state_sum(SUMS[kind], value)

    def _paid(self, what: str, value: Decimal) -> None:
        if value:
            self.purchase.doubt(f"allowance_unclear:{what}")

    def _tax_amount(self, of: Purchase | Item, value: Decimal) -> None:
        """One tax of several rates adds up; the tax of all is what they come to."""
        if self.tax is not None:
            if self.tax.amount not in {None, value}:
                self.purchase.doubt("tax_differs")
            self.tax.amount = max(value, self.tax.amount or value)
        elif of.tax is None:
            of.tax = value
        elif of.tax != value:
            self.purchase.doubt("tax_differs")
