"""Requests MaxMind minFraud scores. Source: its API documentation, version 2.0."""

import base64
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypedDict

import msgspec

from erp.bounds import NO_JSON
from erp.events.webhook_client import Refused as AddressRefused
from erp.events.webhook_client import ask, checked
from erp.visible import identifier

URL = "https://minfraud.maxmind.com/minfraud/v2.0/score"


MOST_BYTES = 256 * 1024


ADVICE = {"accept": "accept", "manual_review": "review", "reject": "decline"}


class Unavailable(Exception):
    """It did not answer as it should. `is_final`: asking again changes nothing."""

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        self.is_final = is_final
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider says of an order: its id of the answer, 0 to 100, its advice, its words."""

    reference: str
    score: Decimal
    recommendation: str
    reasons: tuple[str, ...]


class Party(TypedDict, total=False):
    """Where an order goes, or its bill."""

    first_name: str
    address: str
    address_2: str
    city: str
    region: str
    postal: str
    country: str
    phone_number: str


class Item(TypedDict):
    """A line of an order."""

    item_id: str
    quantity: int
    price: float


class OrderFacts(TypedDict):
    """What is told of an order; `placed_at` is RFC 3339."""

    number: str
    placed_at: str
    amount: Decimal
    currency: str
    email: str
    ip_address: str
    shipping: Party
    billing: Party
    lines: list[Item]


def score_order(order: OrderFacts, *, url: str, account: str, secret: str) -> Answer:
    """Ask for the score of an order.

    order   {"number", "placed_at" (RFC 3339), "amount", "currency", "email", "ip_address",
            "shipping", "billing": {"first_name", "address", "city", "region", "postal",
            "country", "phone_number"}, "lines": [{"item_id", "quantity", "price"}]}
    Raises Unavailable.
    """
    said = msgspec.json.encode(_request(order))
    token = base64.b64encode(f"{account}:{secret}".encode()).decode()
    headers = {
        "Authorization": f"Basic {token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    try:
        status, _headers, body = ask("POST", checked(url or URL), said, headers, MOST_BYTES)
    except (OSError, AddressRefused) as error:
        raise Unavailable(str(error)) from error
    if status != 200:
        raise Unavailable(
            f"it answered {status}: {_error(body)}",
            is_final=400 <= status < 500 and status != 429,
        )
    return answer_of(body)


def _request(order: OrderFacts) -> dict[str, object]:
    email = str(order["email"])
    said: dict[str, object] = {
        "event": {
            "transaction_id": order["number"],
            "time": order["placed_at"],
            "type": "purchase",
        },
        "order": {"amount": float(order["amount"]), "currency": order["currency"]},
        "shipping": {k: v for k, v in order["shipping"].items() if v},
        "shopping_cart": [dict(line) for line in order["lines"]],
    }
    if order.get("billing"):
        said["billing"] = {k: v for k, v in order["billing"].items() if v}
    if "@" in email:
        said["email"] = {"address": email, "domain": email.rpartition("@")[2]}
    if order.get("ip_address"):
        said["device"] = {"ip_address": order["ip_address"]}
    return said


def _error(body: bytes) -> str:
    try:
        return str(msgspec.json.decode(body)["code"])[:80]
    except (*NO_JSON, KeyError, TypeError):
        return "no reason"


def answer_of(body: bytes) -> Answer:
    """What a successful answer says. Raises Unavailable where it says no score."""
    try:
        said = msgspec.json.decode(body)
        score = Decimal(str(said["risk_score"]))
        reference = identifier(str(said["id"]))
    except (*NO_JSON, KeyError, TypeError, InvalidOperation) as error:
        raise Unavailable("its answer has no score") from error
    if not score.is_finite() or not 0 <= score <= 100:
        raise Unavailable("its score is not between 0 and 100")
    disposition = said.get("disposition") if isinstance(said.get("disposition"), dict) else {}
    factors = said.get("risk_score_reasons")
    reasons = [
        str(each.get("reason") or each.get("code"))[:200]
        for group in _listed(factors)
        if isinstance(group, dict)
        for each in _listed(group.get("reasons"))
        if isinstance(each, dict)
    ]
    advice = ADVICE.get(str(disposition.get("action", "")), "")
    return Answer(reference[:100], score, advice, tuple(reasons[:20]))


def _listed(value: object) -> list[object]:
    """What should be a list; nothing where it is something else."""
    return value if isinstance(value, list) else []
