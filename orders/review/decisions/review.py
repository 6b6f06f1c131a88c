"""Decides whether an order needs review: findings, holds and its first status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from erp.reasons import reason
from orders.order.findings import known
from orders.policies.payment_methods import AWAIT_PAYMENT, method_of
from orders.review.decisions.rules import Ruled

ENGINE = "review/2"  # 1 asked no rules


LARGE_UNITS = 500  # units in one order that a person should look at


CERTAIN, DOUBTFUL = "certain", "doubtful"


@dataclass(frozen=True, slots=True)
class OrderToReview:
    currency: str
    total: Decimal
    paid: Decimal
    method: str  # prepaid, cod, on_account, unpaid
    units: int
    holds_on_doubt: bool  # the channel's policy
    customer_blocked: bool
    address_findings: tuple[str, ...] = ()
    phone_doubtful: bool = False
    blocked: tuple[str, ...] = ()  # kinds of its contacts that somebody has blocked
    unproven_terms: tuple[str, ...] = ()  # of the customer whose contact it only states
    account_not_agreed: bool = False  # on account, of somebody who may not owe
    contact_of: tuple[str, ...] = ()  # ids of others whose contact it states under another name
    doubles: str = ""  # the order of the same customer that asked for the same a little while ago
    # Of orders that a channel priced:
    unmapped: tuple[str, ...] = ()  # what nobody knows as a SKU, in the channel's words
    unpriced: tuple[str, ...] = ()  # lines that state no price
    prices_differ: tuple[str, ...] = ()  # SKUs
    amounts_differ: Decimal = Decimal(0)  # what its parts missed of its total, beyond rounding
    contact_findings: tuple[str, ...] = ()
    is_test: bool = False
    doubts: tuple[str, ...] = ()  # what its reader doubts
    # Of its money:
    untaxed: tuple[str, ...] = ()  # SKUs that no tax rate is for where they go
    below_floor: tuple[str, ...] = ()  # SKUs sold for less than they ever should be
    margin: Decimal | None = None  # in per cent of what its goods are sold for; None: not looked at
    min_margin: Decimal | None = None
    credit_left: Decimal | None = None  # before it, in the company's currency; None: no limit
    owes: Decimal = Decimal(0)  # what it adds to that, where it is on account
    is_given_away: bool = False  # for more than whoever placed it may give away alone
    # How its type and channel want it:
    short_stock: str = ""  # it lacks goods: complete, ask; "" where what is there is shipped
    choice_until: datetime | None = None  # until then its customer may choose
    always_looked_at: bool = False
    waits: tuple[tuple[str, datetime], ...] = ()  # why it rests, and until when
    risk_unknown: bool = False  # somebody scores it, and has not yet
    risk_until: datetime | None = None  # then it goes on without a score
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    status: str  # pending or confirmed
    holds: list[tuple[str, str]]  # (kind, reason code)
    until: dict[str, datetime] = field(default_factory=dict)  # which of them end by themselves
    findings: list[dict[str, Any]] = field(default_factory=list)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    counterfactual: dict[str, Any] | None = None
    asked: "OrderToReview | None" = None
    ruled: Ruled | None = None
    is_over: bool = False  # its channel had ended it: nothing holds it

    @property
    def holds_on_doubt(self) -> bool:
        return self.asked is None or self.asked.holds_on_doubt


def review(facts: OrderToReview, ruled: Ruled | None = None) -> Review:
    """Decide the review of a placed order. `ruled` is what the merchant's own rules say of it.

    A certain finding (a blocked customer, a cooling-off period) always holds. A doubtful one holds where the
    channel's policy says so, and is recorded otherwise. Payment that is still to come
    leaves the order pending without a hold: money is awaited, nobody has to decide.
    """
    ruled = ruled or Ruled()
    findings = findings_of(facts)
    holds = holds_of(findings, ruled, holds_on_doubt=facts.holds_on_doubt)
    awaits_payment = facts.method in AWAIT_PAYMENT and facts.paid < facts.total
    reasons = [reason("finding", finding=f["code"], severity=f["severity"]) for f in findings]
    reasons += ruled.reasons
    counterfactual = None
    if awaits_payment:
        due = facts.total - facts.paid
        reasons.append(reason("awaits_payment", amount=str(due), currency=facts.currency))
        counterfactual = {
            "code": "confirmed_if_paid",
            "params": {"amount": str(due), "currency": facts.currency},
        }
    if holds:
        ends = all(kind == "wait" for kind, _code in holds)
        reasons.append(reason("held_for_a_while" if ends else "held", count=len(holds)))
        counterfactual = {
            "code": "confirmed_without",
            "params": {"findings": [h[1] for h in holds]},
        }
    if not holds and not awaits_payment:
        reasons.append(reason("nothing_in_the_way", method=facts.method))
    status = "pending" if holds or awaits_payment else "confirmed"
    until = dict(facts.waits)
    until |= {
        f"rule:{rule}": facts.now + timedelta(minutes=minutes)
        for _kind, rule, minutes in ruled.holds
        if minutes and facts.now
    }
    if facts.risk_until is not None:
        until["risk_unknown"] = facts.risk_until
    if facts.short_stock == "ask" and facts.choice_until is not None:
        until["choice_open"] = facts.choice_until
    return Review(status, holds, until, findings, reasons, counterfactual, facts, ruled)


def holds_of(
    findings: Sequence[Mapping[str, Any]], ruled: Ruled, *, holds_on_doubt: bool
) -> list[tuple[str, str]]:
    """What holds an order, as (kind, code): findings, unless a rule approves the doubtful ones, then rules."""
    holds = [
        (finding["hold"], finding["code"])
        for finding in findings
        if finding["hold"]  # what is only told opens none
        and (finding["severity"] == CERTAIN or (holds_on_doubt and not ruled.approves))
    ]
    return holds + [(kind, f"rule:{rule}") for kind, rule, _minutes in ruled.holds]


def said_of(facts: OrderToReview) -> dict[str, Any]:
    """The facts that say anything: what most orders leave as it is is not kept with each."""
    return {
        field.name: value
        for field in fields(facts)
        if (value := getattr(facts, field.name)) != field.default
    }


def as_over(verdict: Review) -> Review:
    """The same judgement of an order that its channel has ended: it is not confirmed, nothing holds it."""
    return replace(
        verdict,
        status="pending",
        is_over=True,
        holds=[],
        until={},
        reasons=[*verdict.reasons, reason("over")],
        counterfactual=None,
    )


def findings_of(facts: OrderToReview) -> list[dict[str, Any]]:
    """Everything that is noticed about an order: code, how sure that is, which hold it leads to."""
    findings = []
    if facts.customer_blocked:
        findings.append(_finding("customer_blocked"))
    if facts.blocked:
        findings.append(_finding("contact_blocked", names=list(facts.blocked)))
    findings += _by_who_is_proven(facts)
    if facts.doubles:
        findings.append(_finding("possible_duplicate", names=[facts.doubles]))
    findings += [_finding(code) for code in facts.address_findings]
    findings += [_finding(code) for code in facts.contact_findings]
    if facts.unmapped:
        findings.append(_finding("unmapped_sku", names=list(facts.unmapped)))
    if facts.unpriced:
        findings.append(_finding("price_missing", names=list(facts.unpriced)))
    findings += _doubted(facts.doubts)
    if facts.is_test:
        findings.append(_finding("test_order"))
    if facts.prices_differ:
        findings.append(_finding("price_differs", names=list(facts.prices_differ)))
    if facts.amounts_differ:
        amount = str(facts.amounts_differ)
        names = [f"{amount} {facts.currency}"]
        findings.append(_finding("amounts_differ", amount=amount, names=names))
    findings += _by_its_money(facts)
    if facts.phone_doubtful:
        findings.append(_finding("phone_doubtful"))
    if facts.units > LARGE_UNITS:
        findings.append(_finding("large_order"))
    findings += _by_its_way(facts)
    if method_of(facts.method).is_paid_ahead and facts.paid > facts.total:
        findings.append(_finding("overpaid"))
    return findings


def _by_who_is_proven(facts: OrderToReview) -> list[dict[str, Any]]:
    """What it states of who ordered it, and nothing proves."""
    findings = []
    if facts.account_not_agreed:
        findings.append(_finding("account_not_agreed"))
    if facts.unproven_terms:
        findings.append(_finding("terms_not_proven", terms=list(facts.unproven_terms)))
    if facts.contact_of:
        findings.append(_finding("contact_of_another", names=list(facts.contact_of)))
    return findings


def _doubted(doubts: Sequence[str]) -> list[dict[str, Any]]:
    """What its reader doubts: codes, some with the name of what they are about ("unit_of_measure:CT")."""
    names: dict[str, list[str]] = {}
    for doubt in doubts:
        code, _colon, name = doubt.partition(":")
        names.setdefault(code, []).extend([name] if name else [])
    return [
        _finding(code, names=about) if about else _finding(code) for code, about in names.items()
    ]


def _by_its_money(facts: OrderToReview) -> list[dict[str, Any]]:
    """What it is sold for, and what its customer would owe."""
    findings = []
    if facts.untaxed:
        findings.append(_finding("tax_unknown", names=list(facts.untaxed)))
    if facts.below_floor:
        findings.append(_finding("below_floor", names=list(facts.below_floor)))
    if (
        facts.margin is not None
        and facts.min_margin is not None
        and facts.margin < facts.min_margin
    ):
        findings.append(_finding("margin_low", percent=str(facts.margin)))
    if facts.is_given_away:
        findings.append(_finding("goodwill_above_limit"))
    if facts.credit_left is not None and facts.owes > facts.credit_left:
        findings.append(
            _finding(
                "credit_exceeded",
                left=str(facts.credit_left),
                owes=str(facts.owes),
            )
        )
    return findings


def _by_its_way(facts: OrderToReview) -> list[dict[str, Any]]:
    """What its type and its channel want looked at, scored or rested."""
    findings = []
    if facts.always_looked_at:
        findings.append(_finding("type_looked_at"))
    if facts.short_stock == "complete":
        findings.append(_finding("waits_for_all"))
    elif facts.short_stock == "ask":
        findings.append(_finding("choice_open"))
    if facts.risk_unknown:
        findings.append(_finding("risk_unknown"))
    findings += [_finding(code, until=until.isoformat()) for code, until in facts.waits]
    return findings


def _finding(code: str, **params: Any) -> dict[str, Any]:
    """A finding of the catalogue, as it is kept. Raises UnknownFinding."""
    says = known(code)
    severity = CERTAIN if says.is_certain else DOUBTFUL
    found: dict[str, Any] = {"code": code, "severity": severity, "hold": says.hold}
    return found | {"params": params} if params else found
