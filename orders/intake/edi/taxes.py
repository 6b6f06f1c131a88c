"""Settles the taxes of a purchase order's lines and carriage: their own, or their share of the whole's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol

import msgspec

from erp.money import minor_unit, rounded, split
from orders.intake.messages.foreign_json import Unreadable
from orders.placement.incoming import ForeignLine

ZERO, HUNDRED = Decimal(0), Decimal(100)

# Categories (UN/EDIFACT 5305, UBL's too) that nothing is due in, and those with a rate above nought.
NOTHING_DUE = frozenset({"E", "Z", "O", "AE", "G", "K", "AB"})
RATED = frozenset({"S", "H", "AA"})


@dataclass(slots=True)
class Said:
    """One tax of something, as it is stated: by its rate in percent, its amount, or both.

    kind   of which several add up; of one kind another rate is another reading
    basis  what it is of, where that is stated
    """

    rate: Decimal | None = None
    amount: Decimal | None = None
    category: str = ""
    kind: str = ""
    basis: Decimal | None = None

    @property
    def due(self) -> Decimal | None:
        """Its amount; None where that depends on what it is of."""
        if self.amount is None and self.rate is not None and self.basis is not None:
            return self.basis * self.rate / HUNDRED
        return self.amount

    @property
    def percent(self) -> Decimal | None:
        """Its rate, nought where its category says so."""
        is_none = self.rate is None and not self.amount and self.category in NOTHING_DUE
        return ZERO if is_none else self.rate

    def contradicts_itself(self, slack: Decimal) -> bool:
        """Whether its category, its rate and its amount cannot all be so."""
        if self.category in NOTHING_DUE and (self.rate or self.amount):
            return True
        if self.category in RATED and (self.rate == 0 or (self.rate is None and self.amount == 0)):
            return True
        if self.amount is None or self.rate is None or self.basis is None:
            return False
        return differs_from_share(self.amount, self.rate, [self.basis], slack)


def differs_from_share(
    amount: Decimal, percent: Decimal, bases: Iterable[Decimal], slack: Decimal
) -> bool:
    """Whether an amount is no such share of any of these, beyond what rounding both comes to."""
    exponent = percent.as_tuple().exponent
    written = (
        Decimal(1).scaleb(exponent) / 2 if isinstance(exponent, int) and exponent < 0 else ZERO
    )
    return not any(
        abs(amount - base * percent / HUNDRED) <= slack + abs(base) * written / HUNDRED
        for base in bases
    )


class Taxed(Protocol):
    """What taxes are stated of. `tax` is what all of them come to, where that is stated by itself."""

    tax: Decimal | None
    tax_rate: Decimal | None
    taxes: list[Said]


def settle(thing: Taxed, slack: Decimal, *, is_told: bool) -> bool:
    """Settle what is stated of a thing's taxes as its `tax` or `tax_rate`; whether to doubt them.

    is_told  its tax is told elsewhere, so that one without rate and amount leaves nothing open
    Of two readings the dearer one is kept. Raises Unreadable below nought.
    """
    said = thing.taxes
    below = any(min(each.rate or ZERO, each.amount or ZERO) < 0 for each in said)
    if below or (thing.tax or ZERO) < 0:
        raise Unreadable("price_below_zero", line="–")
    counted = [(each.kind, each.rate, due) for each in said if (due := each.due) is not None]
    rates = {(each.kind, each.percent) for each in said if each.percent is not None}
    of_all, amount = thing.tax, sum((due for *_which, due in counted), ZERO)
    is_doubtful = any(each.contradicts_itself(slack) for each in said)
    is_doubtful |= len(set(counted)) < len(counted)  # once more, or another one?
    if counted or of_all is not None:
        is_doubtful |= bool(counted) and of_all is not None and abs(of_all - amount) > slack
        is_doubtful |= of_all is None and _leaves_out(said)
        is_doubtful |= bool(of_all) and bool(said) and all(x.category in NOTHING_DUE for x in said)
        thing.tax = max(of_all or ZERO, amount)
        has_basis = any(each.basis is not None for each in said)
        thing.tax_rate = None if len(rates) != 1 or has_basis else next(iter(rates))[1]
        return is_doubtful
    highest: dict[str, Decimal] = {}
    for kind, rate in rates:
        highest[kind] = max(highest.get(kind, ZERO), rate or ZERO)
    thing.tax_rate = sum(highest.values(), ZERO) if rates else None
    is_open = bool(said) and not rates and not is_told
    return is_doubtful or is_open or len(highest) < len(rates)


def _leaves_out(said: Sequence[Said]) -> bool:
    """Whether, beside taxes with amounts, there is one at a rate of which none is stated."""
    counted = [each for each in said if each.due is not None]
    rates = {each.rate for each in said if each.rate is not None}
    kinds, counted_rates = {each.kind for each in counted}, {each.rate for each in counted}
    left = [each for each in said if each.due is None and each.rate]
    return any(
        each.rate not in counted_rates and (len(rates) > 1 or each.kind not in kinds)
        for each in left
    )


class WholeTax(NamedTuple):
    """What a purchase order says of tax, but for its lines.

    amount, rate  of the whole; None where not stated
    charged       tax that is stated as a charge: often the same in other words
    of_carriage   what the carriage's tax is by itself
    carriage_open of the carriage, what no tax is told of
    taken_off     tax of what is taken off the whole
    untaxed       which lines say that nothing is due on them
    """

    amount: Decimal | None
    rate: Decimal | None
    charged: Decimal = ZERO
    of_carriage: Decimal = ZERO
    carriage_open: Decimal = ZERO
    taken_off: Decimal = ZERO
    untaxed: frozenset[int] = frozenset()


def taxed(
    lines: Sequence[ForeignLine], shipping: Decimal, whole: WholeTax, currency: str
) -> tuple[list[ForeignLine], Decimal, bool]:
    """Lines with a tax of the whole, where they state none of their own, the carriage's tax, and whether to doubt it.

    Doubtful is a tax of the whole that is not what its parts say theirs are. Raises Unreadable below nought.
    """
    tax = whole.amount
    if tax is not None and tax < 0:
        raise Unreadable("price_below_zero", line="–")
    if whole.charged and whole.charged != tax:
        tax = (tax or ZERO) + whole.charged
    own = [*(line.tax for line in lines), whole.of_carriage]
    nets = [*(line.subtotal - line.discount for line in lines), shipping]
    is_doubtful = False
    if tax is None and whole.rate is not None:
        left = [ZERO if own[n] or n in whole.untaxed else net for n, net in enumerate(nets[:-1])]
        by_rate = [
            rounded(net * whole.rate / HUNDRED, currency) for net in (*left, whole.carriage_open)
        ]
        taxes = [one + rated for one, rated in zip(own, by_rate, strict=True)]
    elif any(own):
        taxes = own = _lessened(own, lines, whole.taken_off, currency)
        if tax is not None:
            goods = any(line.tax for line in lines if not line.is_service)
            is_extra = [*(not line.tax and (line.is_service or not goods) for line in lines)]
            is_extra.append(goods or not whole.of_carriage)
            extras = [net if extra else ZERO for net, extra in zip(nets, is_extra, strict=True)]
            taxes, is_doubtful = _with_extras(own, extras, tax, currency)
    else:
        taxes = split(tax, nets, currency) if tax else own
        if tax and whole.rate is not None:
            slack = minor_unit(currency) * (1 + len(nets)) / 2
            bases = [sum(nets, ZERO), sum(nets[:-1], ZERO)]
            is_doubtful = differs_from_share(tax, whole.rate, bases, slack)
    found = [
        msgspec.structs.replace(line, tax=share) for line, share in zip(lines, taxes, strict=False)
    ]
    return found, taxes[-1], is_doubtful


def _lessened(
    own: list[Decimal], lines: Sequence[ForeignLine], tax: Decimal, currency: str
) -> list[Decimal]:
    """The taxes of the parts, those of goods less what is not due of what is taken off the whole."""
    goods = [*(ZERO if line.is_service else line.tax for line in lines), ZERO]
    if not tax or not any(goods):
        return own
    shares = split(rounded(min(tax, sum(goods, ZERO)), currency), goods, currency)
    return [one - min(share, one) for one, share in zip(own, shares, strict=True)]


def _with_extras(
    own: list[Decimal], extras: Sequence[Decimal], tax: Decimal, currency: str
) -> tuple[list[Decimal], bool]:
    """The taxes of the parts: what the whole's is more than the goods' is of charges and carriage, else doubtful."""
    missing = tax - sum(own, ZERO)
    if abs(missing) <= minor_unit(currency) * (1 + len(own)) / 2:
        return own, False
    if not 0 < missing <= sum(extras, ZERO) / 3:
        return own, True
    shares = split(rounded(missing, currency), extras, currency)
    return [one + share for one, share in zip(own, shares, strict=True)], False
