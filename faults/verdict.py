"""Compares what clients were promised with what the database holds and what the receivers got."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from faults import history, stock_history
from faults.journal import Operation
from faults.stock_history import COMES, Level


@dataclass(frozen=True)
class Found:
    """What was found when everything had come to rest.

    orders          numbers by external id: the key under which each was placed
    payments        captures by reference
    refunds         (number, status) by the key under which it was proposed, kept in its note
    receipts        documents of goods that came, or were counted otherwise, by reference
    returns         announcements of returns, by the key in their note
    shipments       public ids of parcels that have left
    lines           of each order: what is cancelled and shipped by SKU, and its status, as the API says
    money           of each order: what is paid and refunded, in cents
    unplanned       confirmed orders of which no warehouse knows
    events          of each receiver, the webhook ids that it has to get
    taken           of each receiver, how often it took each
    differing       webhook ids that came with two bodies
    broken_laws     what `manage.py audit` says is broken
    parked          events, messages and webhooks that were given up
    mails           how many mails are marked as sent, and how many came
    """

    orders: Mapping[str, Sequence[str]]
    payments: Mapping[str, int]
    refunds: Mapping[str, Sequence[tuple[str, str]]]
    receipts: Mapping[str, int]
    returns: Mapping[str, int]
    shipments: Mapping[str, int]
    lines: Mapping[str, Mapping[str, Any]]
    money: Mapping[str, Mapping[str, int]]
    before: Mapping[str, Level]
    after: Mapping[str, Level]
    unplanned: Sequence[str] = ()
    events: Mapping[str, Sequence[str]] = field(default_factory=dict)
    taken: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    differing: Sequence[str] = ()
    broken_laws: Sequence[str] = ()
    parked: int = 0
    mails: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Verdict:
    """What is wrong; each in words."""

    lost: list[str]
    doubled: list[str]
    anomalies: list[str]
    undelivered: list[str]
    broken_laws: list[str]

    @property
    def is_good(self) -> bool:
        return not any(vars(self).values())

    def told(self) -> list[str]:
        """Every finding, with its kind before it."""
        return [f"{kind}: {text}" for kind, texts in vars(self).items() for text in texts]


def judge(operations: Sequence[Operation], found: Found) -> Verdict:
    """Judge a run by its journal and what was found after it."""
    lost, doubled = compared(operations, found)
    at_end = [*operations, *_last_reads(operations, found)]
    anomalies = history.anomalies(at_end)
    anomalies += stock_history.anomalies(operations, found.before, found.after)
    anomalies += [
        f"{op.kind} {op.key}: a repeated call was answered otherwise: {op.said}"
        for op in operations
        if "differs" in op.said or "refused_again" in op.said
    ]
    anomalies += unchecked(operations, found)
    undelivered = _undelivered(found)
    return Verdict(lost, doubled, anomalies, undelivered, list(found.broken_laws))


def compared(operations: Sequence[Operation], found: Found) -> tuple[list[str], list[str]]:
    """What was acknowledged and is not there, and what is there twice or was refused."""
    lost: list[str] = []
    doubled: list[str] = []
    for op in operations:
        there = _there(op, found)
        if there is None:
            continue
        if op.happened and not there:
            lost.append(f"{op.kind} {op.key} of order {op.order or '–'}")
        if there > (1 if op.is_possible else 0):
            doubled.append(
                f"{op.kind} {op.key} of order {op.order or '–'}: {there} times, {op.outcome}"
            )
    lost += _unlisted(operations, found)
    known = {op.key for op in operations if op.is_placing}
    doubled += [f"place {key}: nobody asked for it" for key in sorted(set(found.orders) - known)]
    parcels = Counter(pk for op in operations for pk in op.said.get("shipments", ()))
    doubled += [f"shipment {pk} was answered to two keys" for pk, n in parcels.items() if n > 1]
    return lost, doubled


def _there(op: Operation, found: Found) -> int | None:
    """How often an operation's effect is there; None where it cannot be told by itself."""
    if op.is_placing:
        numbers = found.orders.get(op.key, ())
        return len(numbers) if not op.happened or op.said["number"] in numbers else 0
    if op.kind == "pay":
        return found.payments.get(f"pay_{op.key}", 0)
    if op.kind in COMES:
        return found.receipts.get(op.key, 0)
    if op.kind == "return":
        return found.returns.get(op.key, 0)
    if op.kind == "propose":
        return len(found.refunds.get(op.key, ()))
    if op.kind == "ship" and op.happened:
        return int(all(found.shipments.get(pk) for pk in op.said["shipments"]))
    if op.kind == "complete" and op.happened:
        return sum((op.asked["refund"], "completed") in rows for rows in found.refunds.values())
    if op.kind == "approve" and op.happened:
        rows = [row for rows in found.refunds.values() for row in rows]
        return len([1 for number, at in rows if number == op.asked["refund"] and at != "proposed"])
    return None


def _unlisted(operations: Sequence[Operation], found: Found) -> list[str]:
    """Orders that were acknowledged, and that the API's list or the books do not have at the end."""
    numbers = {op.order for op in operations if op.is_placing and op.happened}
    return [
        f"order {number} is not {where}"
        for where, there in (("listed", found.lines), ("in the books", found.money))
        for number in sorted(numbers - set(there))
    ]


def unchecked(operations: Sequence[Operation], found: Found) -> list[str]:
    """Kinds whose successes nobody compared with anything: they would be acknowledged whatever had happened."""
    done = [op for op in operations if op.happened]
    placed = {op.order for op in done if op.is_placing}
    blind = Counter(
        op.kind
        for op in done
        if _there(op, found) is None
        and not history.is_judged(op, placed)
        and op.kind not in stock_history.JUDGED
    )
    counts = Counter(op.kind for op in done)
    return [
        f"{kind}: {n} of {counts[kind]} successes were never checked"
        for kind, n in sorted(blind.items())
    ]


def _last_reads(operations: Sequence[Operation], found: Found) -> list[Operation]:
    """What is there at the end, as reads after everything: the history has to explain them too."""
    numbers = {op.order for op in operations if op.order}
    last = max((op.ended_at for op in operations if op.outcome != "unknown"), default=0.0) + 1
    reads = []
    for n, number in enumerate(sorted(numbers)):
        for kind, said in (("read", found.lines.get(number)), ("books", found.money.get(number))):
            if said is not None:
                reads.append(
                    Operation(
                        -2 * n - (kind == "books") - 1,
                        kind,
                        "",
                        {"order": number},
                        last,
                        last + 1,
                        "ok",
                        said,
                    )
                )
    return reads


def _undelivered(found: Found) -> list[str]:
    texts = [
        f"order {number} is confirmed, and no warehouse knows of it" for number in found.unplanned
    ]
    for name, ids in sorted(found.events.items()):
        missing = [pk for pk in ids if not found.taken.get(name, {}).get(pk)]
        if missing:
            texts.append(f"{len(missing)} of {len(ids)} events never reached {name}: {missing[:3]}")
    texts += [f"webhook {pk} came with two bodies" for pk in found.differing]
    sent, came = found.mails
    if came < sent:
        texts.append(f"{sent} mails are marked as sent, {came} came")
    if found.parked:
        texts.append(f"{found.parked} events, messages or webhooks were given up")
    return texts
