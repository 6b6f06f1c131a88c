"""Talks to Stripe. Source: its API reference (payment_intents, refunds), webhook scheme v1."""

import hashlib
import hmac
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import quote, urlencode

import msgspec

from erp.bounds import NO_JSON
from erp.events.webhook_client import Refused as AddressRefused
from erp.events.webhook_client import ask, checked
from erp.money import is_currency, minor_unit
from erp.visible import identifier
from orders.payments.providers.shapes import Answer, ProviderMessage, Refused, Unavailable

URL = "https://api.stripe.com"


MOST_BYTES = 256 * 1024


TOLERANCE_S = 300  # how old a signature may be, as Stripe's own libraries have it


SIGNATURE = "Stripe-Signature"


# Its type of event -> what that is to us, and the field of its object that says how much.
EVENTS = {
    "payment_intent.amount_capturable_updated": ("authorised", "amount_capturable"),
    "payment_intent.succeeded": ("captured", "amount_received"),
    "payment_intent.canceled": ("voided", "amount"),
    "payment_intent.payment_failed": ("failed", "amount"),
    "charge.refunded": ("refunded", "amount_refunded"),
    "charge.dispute.created": ("disputed", "amount"),
}


def open_intent(
    *, url: str, secret: str, key: str, amount: Decimal, currency: str, order: str, later: bool
) -> Answer:
    """Ask for an intent; `later`: what is authorised is captured afterwards. Raises Unavailable, Refused."""
    said = _post(
        url,
        "/v1/payment_intents",
        secret,
        key,
        {
            "amount": _minor(amount, currency),
            "currency": currency.lower(),
            "capture_method": "manual" if later else "automatic",
            "automatic_payment_methods[enabled]": "true",
            "metadata[order]": order,
        },
    )
    return Answer(str(said.get("id", ""))[:100], str(said.get("client_secret") or "")[:200])


def capture(
    *, url: str, secret: str, key: str, intent: str, amount: Decimal, currency: str, last: bool
) -> Answer:
    """Capture part of what was authorised; unless it is the last, the rest stays authorised."""
    fields = {"amount_to_capture": _minor(amount, currency)}
    if not last:
        fields["final_capture"] = "false"
    said = _post(url, f"/v1/payment_intents/{quote(intent, '')}/capture", secret, key, fields)
    return Answer(str(said.get("id", intent)))


def void(*, url: str, secret: str, key: str, intent: str) -> Answer:
    """Give back what is authorised and not captured."""
    said = _post(url, f"/v1/payment_intents/{quote(intent, '')}/cancel", secret, key, {})
    return Answer(str(said.get("id", intent)))


def refund(
    *, url: str, secret: str, key: str, intent: str, amount: Decimal, currency: str
) -> Answer:
    """Give back what was captured, or part of it."""
    fields = {"payment_intent": intent, "amount": _minor(amount, currency)}
    return Answer(str(_post(url, "/v1/refunds", secret, key, fields).get("id", "")))


def _post(
    url: str, path: str, secret: str, key: str, fields: Mapping[str, str]
) -> dict[str, object]:
    headers = {
        "Authorization": f"Bearer {secret}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Idempotency-Key": key,
        "Stripe-Version": "2025-09-30",
    }
    try:
        target = checked((url or URL).rstrip("/") + path)
        status, _headers, body = ask(
            "POST", target, urlencode(fields).encode(), headers, MOST_BYTES
        )
    except (OSError, AddressRefused) as error:
        raise Unavailable(str(error)) from error
    said = _decoded(body)
    if status >= 500 or status in {409, 429} or said is None:
        raise Unavailable(f"it answered {status}")
    if status >= 400:
        error_ = said.get("error")
        code = error_.get("code") or error_.get("type") if isinstance(error_, dict) else ""
        raise Refused(str(code or status)[:100])
    return said


def _decoded(body: bytes) -> dict[str, object] | None:
    try:
        said = msgspec.json.decode(body)
    except NO_JSON:
        return None
    return said if isinstance(said, dict) else None


def _minor(amount: Decimal, currency: str) -> str:
    """An amount in the currency's minor units: 12.30 CNY is 1230, 123 JPY is 123."""
    return str(int(amount / minor_unit(currency)))


def is_signed(body: bytes, signature: str, secret: str, at: float) -> bool:
    """Whether a webhook's body bears a v1 signature of this secret that is not older than five minutes."""
    parts = [part.partition("=") for part in signature.split(",")]
    stamps = [value for name, _eq, value in parts if name.strip() == "t"]
    if not secret or len(stamps) != 1 or not stamps[0].isdecimal() or len(stamps[0]) > 12:
        return False
    expected = hmac.new(
        secret.encode(), f"{stamps[0]}.".encode() + body, hashlib.sha256
    ).hexdigest()
    given = [value for name, _eq, value in parts if name.strip() == "v1"]
    fits = [hmac.compare_digest(expected.encode(), value.encode()) for value in given]
    return any(fits) and abs(at - int(stamps[0])) <= TOLERANCE_S


def read(body: bytes) -> ProviderMessage | None:
    """What a webhook says; None for what is no event."""
    said = _decoded(body)
    data = said.get("data") if said else None
    thing = data.get("object") if isinstance(data, dict) else None
    key = said.get("id") if said else None
    if said is None or not isinstance(thing, dict) or not isinstance(key, str):
        return None
    kind = identifier(str(said.get("type", "")))  # of what is seen: a row can hold no U+0000
    what, field = EVENTS.get(kind, ("", ""))
    currency = str(thing.get("currency", "")).upper()
    currency = currency if is_currency(currency) else ""
    count, amount = thing.get(field), None
    if currency and isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 10**15:
        amount = Decimal(count) * minor_unit(currency)
    is_intent = thing.get("object") == "payment_intent"
    intent = thing.get("id") if is_intent else thing.get("payment_intent")
    return ProviderMessage(
        identifier(key)[:100],
        kind[:100],
        what,
        str(said.get("account") or "")[:100],
        identifier(str(intent or ""))[:100],
        amount,
        currency,
    )
