"""Decides which promotions apply to an order, their discounts and gifts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from msgspec import Struct

from erp.reasons import reason

ZERO = Decimal(0)


HUNDRED = Decimal(100)


Rounded = Callable[[Decimal, str], Decimal]


Split = Callable[[Decimal, Sequence[Decimal], str], list[Decimal]]


class Tier(Struct, frozen=True, rename={"from_": "from"}):
    """From so much on: an amount off, or a percentage."""

    from_: Decimal
    amount: Decimal | None = None
    percent: Decimal | None = None


class Gift(Struct, frozen=True):
    sku: str
    quantity: int


class PromotionFacts(Struct, frozen=True):
    """A promotion that may apply now. Amounts are as shown to customers; see `orders.models.Promotion`.

    skus      of these only; none: of all
    coupon    the code it was asked for with, "" where it needs none
    """

    id: int
    code: str
    kind: str
    priority: int = 100
    base: str = "running"
    is_exclusive: bool = False
    stack_group: str = ""
    skus: Sequence[str] = ()
    min_amount: Decimal | None = None
    min_quantity: int | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None
    tiers: Sequence[Tier] = ()
    tiers_of: str = "amount"
    buy_quantity: int | None = None
    get_quantity: int | None = None
    gifts: Sequence[Gift] = ()
    repeats: bool = False
    cap: Decimal | None = None
    coupon: str = ""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line as its customer sees it: `amount` for all units, before any promotion."""

    sku: str
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Taken:
    """What one promotion took off one line; `line` None: off shipping. As shown."""

    promotion: PromotionFacts
    line: int | None
    amount: Decimal


@dataclass(slots=True)
class Applied:
    """What all promotions together did. `gifts` are wanted; whether there are any is for others to see."""

    taken: list[Taken] = field(default_factory=list)
    gifts: list[tuple[PromotionFacts, Gift]] = field(default_factory=list)
    reasons: list[dict[str, Any]] = field(default_factory=list)

    def off(self, line: int | None) -> Decimal:
        """What was taken off a line, or off shipping."""
        return sum((t.amount for t in self.taken if t.line == line), ZERO)


def apply(
    lines: Sequence[ShownLine],
    fee: Decimal,
    promotions: Sequence[PromotionFacts],
    *,
    currency: str,
    rounded: Rounded,
    split: Split,
) -> Applied:
    """Apply promotions by priority and code: the order in which coupons were given means nothing.

    Of one promotion asked for with two coupons, the first by name is used. No line falls below zero,
    and what is taken off several lines is spread over them to the minor unit.
    """
    done = Applied()
    left = [line.amount for line in lines]
    seen: set[int] = set()
    groups: set[str] = set()
    alone = False
    for promotion in sorted(promotions, key=lambda p: (p.priority, p.code, p.coupon)):
        if promotion.id in seen:
            continue
        seen.add(promotion.id)
        if why := _barred(promotion, alone, bool(done.taken or done.gifts), groups):
            done.reasons.append(reason(why, promotion=promotion.code))
            continue
        took = _apply_one(promotion, lines, left, fee, done, currency, rounded, split)
        if took:
            alone = alone or promotion.is_exclusive
            groups |= {promotion.stack_group} - {""}
        else:
            done.reasons.append(reason("promotion_not_reached", promotion=promotion.code))
    return done


def _barred(promotion: PromotionFacts, alone: bool, any_before: bool, groups: set[str]) -> str:
    if alone:
        return "promotion_after_exclusive"
    if promotion.is_exclusive and any_before:
        return "promotion_applies_alone"
    return "promotion_of_same_group" if promotion.stack_group in groups - {""} else ""


def _apply_one(
    promotion: PromotionFacts,
    lines: Sequence[ShownLine],
    left: list[Decimal],
    fee: Decimal,
    done: Applied,
    currency: str,
    rounded: Rounded,
    split: Split,
) -> bool:
    """Apply one promotion, if its conditions are met and it gives anything."""
    matched = [i for i, x in enumerate(lines) if not promotion.skus or x.sku in promotion.skus]
    base = [lines[i].amount if promotion.base == "list" else left[i] for i in matched]
    total, units = sum(base, ZERO), sum(lines[i].quantity for i in matched)
    times = _times(promotion, total, units)
    if not matched or not times:
        return False
    if promotion.kind == "gift":
        done.gifts += [(promotion, Gift(g.sku, g.quantity * times)) for g in promotion.gifts]
        return bool(promotion.gifts)
    if promotion.kind == "free_shipping":
        free = min(fee - done.off(None), promotion.cap if promotion.cap is not None else fee)
        if free <= 0:
            return False
        done.taken.append(Taken(promotion, None, free))
        done.reasons.append(reason("promotion_free_shipping", promotion=promotion.code))
        return True
    if promotion.kind == "buy_get":
        shares = _buy_get(promotion, lines, matched, base, currency, rounded)
        wanted = sum(shares, ZERO)
    else:
        wanted = rounded(_worth(promotion, total, units, times), currency)
        shares = split(wanted, base, currency) if wanted > 0 and total > 0 else []
    rooms = [left[i] for i in matched]
    most = min(sum(rooms, ZERO), wanted, *([promotion.cap] if promotion.cap is not None else []))
    if most <= 0:
        return False
    if most < wanted:
        shares = split(most, shares, currency)
    for i, share in zip(matched, _within(shares, rooms, currency, split), strict=True):
        if share > 0:
            left[i] -= share
            done.taken.append(Taken(promotion, i, share))
    done.reasons.append(
        reason("promotion_took_off", promotion=promotion.code, amount=f"{most.normalize():f}")
    )
    return True


def _times(promotion: PromotionFacts, total: Decimal, units: int) -> int:
    """How often its conditions are met: 0 where they are not, more than once only where it repeats."""
    if promotion.min_amount is not None and total < promotion.min_amount:
        return 0
    if promotion.min_quantity is not None and units < promotion.min_quantity:
        return 0
    if not promotion.repeats:
        return 1
    if promotion.min_amount:
        return int(total // promotion.min_amount)
    return units // promotion.min_quantity if promotion.min_quantity else 1


def _worth(promotion: PromotionFacts, total: Decimal, units: int, times: int) -> Decimal:
    """What it takes off in all, before rounding and limits."""
    if promotion.kind == "percentage":
        return total * (promotion.percent or ZERO) / HUNDRED
    if promotion.kind == "amount":
        return (promotion.amount or ZERO) * times
    reached = total if promotion.tiers_of == "amount" else Decimal(units)
    tiers = [tier for tier in promotion.tiers if reached >= tier.from_]
    if not tiers:
        return ZERO
    best = max(tiers, key=lambda tier: tier.from_)
    return best.amount if best.amount is not None else total * (best.percent or ZERO) / HUNDRED


def _buy_get(
    promotion: PromotionFacts,
    lines: Sequence[ShownLine],
    matched: Sequence[int],
    base: Sequence[Decimal],
    currency: str,
    rounded: Rounded,
) -> list[Decimal]:
    """Of every `buy` + `get` units, `get` are cheaper: the cheapest of all that match."""
    buy, get = promotion.buy_quantity or 0, promotion.get_quantity or 0
    units = sum(lines[i].quantity for i in matched)
    whole, rest = divmod(units, buy + get)
    free = whole * get + max(0, rest - buy)
    shares = [ZERO] * len(matched)
    each = [amount / lines[i].quantity for i, amount in zip(matched, base, strict=True)]
    for n in sorted(range(len(matched)), key=lambda n: (each[n], matched[n])):
        taken = min(free, lines[matched[n]].quantity)
        shares[n] = rounded(each[n] * taken * (promotion.percent or ZERO) / HUNDRED, currency)
        free -= taken
    return shares


def _within(
    shares: Sequence[Decimal], rooms: Sequence[Decimal], currency: str, split: Split
) -> list[Decimal]:
    """The shares, none above its room: what is too much for one goes to those that have room."""
    kept = [min(share, room) for share, room in zip(shares, rooms, strict=True)]
    over = sum(shares, ZERO) - sum(kept, ZERO)
    if over <= 0:
        return kept
    free = [room - share for room, share in zip(rooms, kept, strict=True)]
    return [k + more for k, more in zip(kept, split(over, free, currency), strict=True)]
