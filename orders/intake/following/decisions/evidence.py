"""Says what a finding about a channel's order is about: the same code about something else is another finding.

A code that was raised once stayed silent for ever: goods that a channel took off an order after a first change of
it had been looked at were shipped all the same.
"""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from orders.order.findings import FINDINGS

# What a finding is about, as it is kept: numbers in words that the law compares, the rest as a digest.
Evidence = Mapping[str, Any]
CHARGED = ("lines", "shipping", "shipping_tax", "total")
ADDRESS = ("name", "line1", "line2", "city", "region", "postal_code", "country")
MONEY_BACK = frozenset({"refunded_on_channel", "state_contradicts", "overpaid"})
# Facts that are so or are not: a channel that says them again says nothing new.
FACTS = frozenset(
    {"cancelled_on_channel", "shipped_on_channel", "deleted_on_channel", "change_requested"}
)


def digest(value: object) -> str:
    """A short fingerprint of a value, whatever the order of its keys."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()[:16]


def charged(said: Mapping[str, Any]) -> list[object]:
    """What a channel's order charges for, and how much: lines, shipping and total of its newest whole."""
    return [said[name] for name in CHARGED]


def articles(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Which article each line of a channel's order is of, by the channel's ids of lines."""
    return sorted((line["key"], line.get("code", "")) for line in said["lines"])


# What is asked beside the newest whole: of rival versions, contact, currency, merged orders and refunds.
ASIDE = frozenset(
    {
        "versions_differ",
        "date_changed",
        "address_changed",
        "currency_changed",
        "merged_source_changed",
        "ordered_again",
        "refunded_beyond_payment",
    }
)


def is_of_goods(code: str) -> bool:
    """Whether a finding is about lines and amounts of the newest whole."""
    return code not in FACTS | MONEY_BACK | ASIDE and not is_of_address(code)


def is_of_address(code: str) -> bool:
    """Whether a finding is about the address."""
    known = FINDINGS.get(code)
    return known is not None and known.hold == "address"


def about(
    code: str, names: Sequence[str], *, said: Mapping[str, Any] | None, given_back: Decimal
) -> dict[str, Any]:
    """What a finding is about.

    said        the newest whole of the order
    given_back  money that its channel says it has given back
    """
    found: dict[str, Any] = {"names": list(names)} if names else {}
    if said is None or code in FACTS:
        return found
    if code in MONEY_BACK:
        return found | {"refunded": f"{given_back.normalize():f}", "total": said["total"]}
    if is_of_address(code):
        address = said["shipping_address"]
        return found | {"address": digest([address.get(name, "") for name in ADDRESS])}
    return found | {
        "goods": digest(charged(said)),
        "units": sum(line["quantity"] for line in said["lines"]),
        "total": said["total"],
        "tax": said.get("stated_tax"),
    }
