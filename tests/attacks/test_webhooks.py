"""What shops and payment providers send, with and without their signature: headers, bodies and every leaf of them."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.intake.inbox.api import SENDERS
from orders.intake.inbox.tasks import read_some
from orders.models import IncomingMessage, Order, Payment, PaymentIntent, PaymentProvider
from orders.payments.providers import ADAPTERS, stripe
from tests.attacks.attacker import Attacker
from tests.attacks.plan import some, some_of
from tests.attacks.values import BODIES, ENCODED, HEADERS, LEAVES, TEXTS
from tests.conftest import order_body
from tests.contract.operations import changed, leaves
from tests.orders.shops import WOO_ORDER, body_of, open_channel, paid, sign

pytestmark = pytest.mark.django_db
PER_LEAF = 4  # of the hostile values, in a full run: `make mutations` changes every field of what shops send
TOPICS: Mapping[str, Mapping[str, Any]] = {
    "shopify": {
        "orders/create": body_of(),
        "orders/paid": paid(),
        "orders/delete": {"id": 450789469},
        "orders/edited": {"order_edit": {"order_id": 450789469, "line_items": {"additions": []}}},
        "refunds/create": {
            "id": 5,
            "order_id": 450789469,
            "refund_line_items": [{"line_item_id": 2, "quantity": 1, "subtotal": 20.0}],
            "transactions": [{"kind": "refund", "status": "success", "amount": "22.00"}],
        },
        "order_transactions/create": {"id": 6, "order_id": 450789469, "kind": "sale"},
    },
    "woocommerce": {
        "order.created": WOO_ORDER,
        "order.updated": WOO_ORDER | {"status": "refunded", "refunds": [{"id": 1, "total": "-1"}]},
        "order.deleted": {"id": 727},
    },
}
KNOWN = {  # an order of the house that these are about, so that what follows on it is tried as well
    "shopify": ("orders/create", body_of()),
    "woocommerce": ("order.created", WOO_ORDER),
}


class Shop:
    """Sends as a shop does, and reads what was taken in: what fails its reader is a miss as well."""

    def __init__(self, kind: str, attacker: Attacker) -> None:
        self.kind, self.attacker, self.sender = kind, attacker, SENDERS[kind]
        self.client = Client(raise_request_exception=False)
        self.path = f"/api/v1/channels/{kind[:7]}/webhooks/{kind}"

    def send(self, topic: str, raw: bytes, signature: str | None = None, **headers: str) -> Any:
        said = {
            self.sender.topic: topic,
            self.sender.signature: sign(raw) if signature is None else signature,
            self.sender.origin: "https://tea.example/",
        }
        answer = self.client.post(
            self.path, raw, content_type="application/json", headers=said | headers
        )
        if answer.status_code == 200:
            while read_some():
                pass
            failed = IncomingMessage.objects.filter(cause="error").order_by("-pk").first()
            assert failed is None, failed.params if failed else ""
        return answer

    def attack(self, at: str, value: str, topic: str, raw: bytes, **headers: str) -> None:
        sent = partial(self.send, topic, raw, **headers)
        self.attacker.attack(f"{self.kind} {at}", value, sent, is_api=True)


@pytest.fixture
def shop_of(shop, system, attacker) -> Callable[[str], Shop]:
    def make(kind: str) -> Shop:
        open_channel(kind, shop, system)
        made = Shop(kind, attacker)
        topic, body = KNOWN[kind]
        assert made.send(topic, json.dumps(body).encode()).status_code == 200
        assert Order.objects.filter(channel__kind=kind).exists()
        return made

    return make


def test_every_shop_and_provider_that_is_known_is_tried():
    assert TOPICS.keys() == SENDERS.keys() == KNOWN.keys()
    assert SIGNED_BY.keys() == ADAPTERS.keys()


@pytest.mark.parametrize("kind", TOPICS)
def test_a_shop_may_say_anything(kind, shop_of, attacker: Attacker):
    shop = shop_of(kind)
    with attacker.place():
        for topic, body in TOPICS[kind].items():
            raw = json.dumps(body).encode()
            for value, make in some(BODIES, 2, f"{kind} {topic} body"):
                shop.attack(f"{topic} body", value, topic, make(raw))
            named = {"/".join(map(str, steps)): steps for steps in leaves(body)}
            for name in some_of(list(named), 8, f"{kind} {topic}"):
                at, steps = f"{topic} /{name}", named[name]
                for value, word in some(LEAVES, 1, f"{kind} {at}", full=PER_LEAF):
                    said = json.dumps(changed(body, steps, word)).encode()
                    shop.attack(at, value, topic, said)
        topic, body = KNOWN[kind]
        raw = json.dumps(body).encode()
        names = (shop.sender.topic, shop.sender.delivery, shop.sender.origin, "Content-Type")
        for name in names:
            for value, word in some(HEADERS.get(name, WORDS), 3, f"{kind} {name}:"):
                shop.attack(f"{name}:", value, topic, raw, **{name: word})


WORDS = {name: text.encode()[:8000].decode("latin-1") for name, text in TEXTS.items()}


@pytest.mark.parametrize("kind", TOPICS)
def test_what_no_shop_has_signed_is_not_kept(kind, shop_of, attacker: Attacker):
    shop = shop_of(kind)
    topic, body = KNOWN[kind]
    raw = json.dumps(body).encode()
    false = WORDS | {"another's": sign(raw, "another secret"), "of another body": sign(raw + b" ")}
    false |= {"longer": sign(raw) + "=", "cut": sign(raw)[:-1], "two": f"{sign(raw)},{sign(raw)}"}
    with attacker.place():
        for value, signature in some(false, 8, f"{kind} signature"):
            sent = partial(shop.send, topic, raw, signature)
            refused_alone(attacker, f"{kind} signature", value, sent, {400, 401})
        for value, word in some(ENCODED, 6, f"{kind} address"):
            path = f"/api/v1/channels/{word[:3000].replace('+', '%20')}/webhooks/{kind}"
            sent = partial(shop.client.post, path, raw, content_type="application/json")
            refused_alone(attacker, f"{kind} address", value, sent, {400, 401, 404, 405})
        for other in {*TOPICS, "paypal", "web"} - {kind}:
            path = f"/api/v1/channels/{kind[:7]}/webhooks/{other}"
            headers = {shop.sender.signature: sign(raw), shop.sender.topic: topic}
            sent = partial(
                shop.client.post, path, raw, content_type="application/json", headers=headers
            )
            refused_alone(attacker, f"{kind} address", other, sent, {404})


def refused_alone(
    attacker: Attacker, at: str, value: str, sent: Callable[[], Any], codes: set[int]
) -> None:
    answer = attacker.attack(at, value, sent, is_api=True)
    if answer is not None and answer.status_code not in codes:
        attacker.miss(at, value, [f"{answer.status_code}"])


# Payment providers


def by_stripe(raw: bytes, secret: str, at: str = "") -> str:
    stamp = at or str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + raw, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


SECRET = "whsec_of_ours"
# The signature of each kind of provider; the simulated one signs as Stripe does.
SIGNED_BY: Mapping[str, Callable[..., str]] = {"stripe": by_stripe, "test": by_stripe}


class Provider:
    """Sends as a payment provider does, about an intent of an order that nothing is paid of yet."""

    def __init__(self, kind: str, api: Any, channel: Any, attacker: Attacker) -> None:
        self.kind, self.attacker, self.sign = kind, attacker, SIGNED_BY[kind]
        self.client = Client(raise_request_exception=False)
        made = api.post("orders", order_body(payment={"method": "unpaid"})).json()
        order = Order.objects.get(number=made["number"])
        self.amount = order.total
        provider = PaymentProvider.objects.create(
            channel=channel, kind=kind, secret="sk", webhook_secret=SECRET, account="acct_1"
        )
        PaymentIntent.objects.create(
            order=order,
            provider=provider,
            amount=order.total,
            currency=order.currency,
            external_id="pi_1",
            status="open",
            created_at=timezone.now(),
        )

    def send(self, raw: bytes, signature: str | None = None, **headers: str) -> Any:
        signed = self.sign(raw, SECRET) if signature is None else signature
        said = {ADAPTERS[self.kind].SIGNATURE: signed}
        answer = self.client.post(
            "/api/v1/channels/web/payment-webhooks",
            raw,
            content_type="application/json",
            headers=said | headers,
        )
        taken = sum((p.captured for p in Payment.objects.all()), Decimal(0))
        assert taken <= self.amount, f"{taken} was captured of {self.amount}"
        return answer

    def attack(self, at: str, value: str, raw: bytes, **headers: str) -> None:
        sent = partial(self.send, raw, **headers)
        self.attacker.attack(f"{self.kind} {at}", value, sent, is_api=True)

    def events(self) -> Iterator[tuple[str, Any]]:
        """(type, body) of each event that something follows from, and of one that nothing does."""
        for kind, (_what, field) in {**stripe.EVENTS, "charge.updated": ("", "amount")}.items():
            thing = {"id": "pi_1", "object": "payment_intent", "currency": "cny"}
            if kind.startswith("charge"):
                thing |= {"id": "ch_1", "object": "charge", "payment_intent": "pi_1"}
            whole = thing | {field: int(self.amount * 100)}
            data = {"object": whole}
            yield kind, {"id": f"evt_{kind}", "type": kind, "account": "acct_1", "data": data}


@pytest.fixture(params=list(SIGNED_BY))
def provider(request, api, shop, attacker) -> Provider:
    return Provider(request.param, api, shop.web, attacker)


def test_a_provider_may_say_anything(provider, attacker: Attacker):
    with attacker.place():
        for kind, body in provider.events():
            raw = json.dumps(body).encode()
            for value, make in some(BODIES, 2, f"{provider.kind} {kind} body"):
                provider.attack(f"{kind} body", value, make(raw))
            for steps in leaves(body):
                at = f"{kind} /{'/'.join(map(str, steps))}"
                for value, word in some(LEAVES, 1, f"{provider.kind} {at}", full=PER_LEAF * 3):
                    provider.attack(at, value, json.dumps(changed(body, steps, word)).encode())
        for name in ("Content-Type", "Content-Length", "Idempotency-Key"):
            for value, word in some(HEADERS[name], 3, f"{provider.kind} {name}:"):
                provider.attack(f"{name}:", value, raw, **{name: word})


def test_what_no_provider_has_signed_changes_nothing(provider, attacker: Attacker):
    _kind, body = next(iter(provider.events()))
    raw = json.dumps(body).encode()
    good = provider.sign(raw, SECRET)
    false = WORDS | {
        "another's": provider.sign(raw, "whsec_of_another"),
        "of another body": provider.sign(raw + b" ", SECRET),
        "old": provider.sign(raw, SECRET, str(int(time.time()) - 3600)),
        "of a day to come": provider.sign(raw, SECRET, str(int(time.time()) + 86_400)),
        "wide digits": provider.sign(raw, SECRET, "１２"),
        "no stamp": good.partition(",")[2],
        "two stamps": f"t=1,{good}",
        "no secret": provider.sign(raw, ""),
    }
    with attacker.place():
        for value, signature in some(false, 8, f"{provider.kind} signature"):
            sent = partial(provider.send, raw, signature)
            refused_alone(attacker, f"{provider.kind} signature", value, sent, {400, 401})
        for value, word in some(ENCODED, 6, f"{provider.kind} address"):
            path = f"/api/v1/channels/{word[:3000].replace('+', '%20')}/payment-webhooks"
            headers = {ADAPTERS[provider.kind].SIGNATURE: good}
            sent = partial(
                provider.client.post, path, raw, content_type="application/json", headers=headers
            )
            refused_alone(attacker, f"{provider.kind} address", value, sent, {400, 404, 405})
