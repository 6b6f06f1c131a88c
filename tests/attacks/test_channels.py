"""A key of one channel reaches nothing of another's: by path, body, filter, cursor or list."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from erp.access.models import Channel
from orders.models import ChannelPolicy
from tests.attacks.attacker import Attacker
from tests.attacks.plan import some
from tests.attacks.test_operations import encoded, good, send
from tests.conftest import order_body
from tests.contract.good import NOT_NOW
from tests.contract.operations import (
    OPERATIONS,
    WITH_BODIES,
    Operation,
    at_place,
    changed,
    filled,
    leaves,
)
from tests.contract.world import MAKERS, World

pytestmark = pytest.mark.django_db

CANARY = "Quetzalcoatl"
FEED = "https://93.184.216.34/quetzal-feed"
# Goods and whom they are bought of: what every channel of the company shares. The documents of them have one name in
# both worlds, so that a name of the victim's in a body is of what is theirs alone.
SHARED = {"skus", "suppliers", "purchase-orders", "transfers", "counts", "documents"}
# Their routes, each by itself: as a beginning of paths, "stock" hid the stock feeds and listings of channels.
SHARED_PATHS = {
    "addresses/divisions",
    "addresses/parse",
    "analytics",
    "products",
    "purchase-orders",
    "purchase-orders/{number}",
    "purchase-suggestions",
    "purchase-suggestions/order",
    "skus",
    "skus/{code}",
    "stock/adjustments",
    "stock/bins",
    "stock/counts",
    "stock/counts/{number}",
    "stock/documents",
    "stock/documents/{document}",
    "stock/levels",
    "stock/lots",
    "stock/movements",
    "stock/moves",
    "stock/policies",
    "stock/receipts",
    "stock/splits",
    "stock/transfers",
    "stock/transfers/{number}",
    "stock/valuation",
    "stock/vendor-returns",
    "stock/write-offs",
    "suppliers",
    "suppliers/{code}",
}


class Channels:
    """A victim with a document of every kind, and a key of another channel with as many of its own."""

    def __init__(self, make_client: Any, shop: Any) -> None:
        policy = ChannelPolicy.objects.get(channel=shop.web)
        other = Channel.objects.create(
            code="other", name="Other", kind="storefront", currency="CNY"
        )
        ChannelPolicy.objects.create(channel=other, price_list=policy.price_list, review="record")
        self.victim, self.thief = World(make_client()), World(make_client(channel=other))
        self.thief.made["channels"] = other.code
        self.victim.buyer = order_body()["customer"] | {
            "name": CANARY,
            "email": "q@quetzal.example",
        }
        for noun in MAKERS:
            if noun.partition(" ")[0] not in {"drafts", "work"} and " " not in noun:
                self.victim.named(noun, "")
        for noun in SHARED:
            self.thief.made[noun] = self.victim.named(noun, "")
        number = self.thief.post("orders", order_body())["number"]
        parcel = {"order": number, "tracking_number": "T-1"}
        self.thief.made["shipped"] = {"order": number} | self.thief.post("shipments", parcel)
        self.thief.made["drafts"] = "drf_x"  # letters come to the victim's channel alone
        code = self.victim.channel
        self.victim.post("stock/feeds", {"channel": code, "url": FEED})
        self.victim.post("stock/listings", {"channel": code, "skus": ["TEA-001"]})
        self.victim.post("allotments", {"channel": code, "kind": "cap", "value": 9_000})

    def secrets(self) -> list[bytes]:
        """What stands in the victim's documents, and in nobody else's."""
        told = [CANARY, "q@quetzal.example", self.victim.order["id"], FEED]
        return [one.encode() for one in (*told, f'"channel":"{self.victim.channel}"')]

    def ids(self) -> set[str]:
        """What the victim's documents are called."""
        found = {str(name) for noun, name in self.victim.made.items() if isinstance(name, str)}
        order = self.victim.order
        return found | {
            self.victim.channel,
            order["id"],
            order["number"],
            order["external_id"],
            CANARY,
            "q@quetzal.example",
        }


@pytest.fixture
def channels(make_client, shop) -> Channels:
    return Channels(make_client, shop)


def is_bound(one: Operation) -> bool:
    """Whether what stands there is a channel's own; a verb stands where its document does."""
    return resource_of(one) not in SHARED_PATHS


def resource_of(one: Operation) -> str:
    return re.sub(r"(/\{\w+\})/[\w-]+$", r"\1", one.path.removeprefix("/api/v1/"))


def test_what_is_shared_is_there():
    assert {resource_of(one) for one in OPERATIONS} >= SHARED_PATHS


def test_no_list_shows_another_channels_documents(channels):
    lists = [o for o in OPERATIONS if o.method == "get" and "cursor" in o.in_query]
    for one in [o for o in lists if is_bound(o) and not o.in_path]:
        shown = send(channels.thief, one, one.path)
        assert shown.status_code == 200, one.name
        assert [s for s in channels.secrets() if s in shown.content] == [], one.name


def test_another_channels_documents_are_not_there(channels, attacker: Attacker):
    for one in [o for o in OPERATIONS if is_bound(o) and o.in_path]:
        theirs = filled(one.path, channels.victim.named)
        if theirs == filled(one.path, lambda _noun, _verb: "x"):
            continue
        body = encoded(good(one, channels.victim))
        with attacker.place():
            answer = attacker.attack(
                one.name,
                "another channel's",
                partial(send, channels.thief, one, theirs, body),
                is_api=True,
            )
            # What no key may do is refused before it is looked for.
            refused = {404} if answer is None or NOT_NOW.get(one.name) != 403 else {403, 404}
            if answer is not None and answer.status_code not in refused:
                attacker.miss(one.name, "another channel's", [f"{answer.status_code}"])


def test_another_channels_documents_cannot_be_named_in_a_body(channels, attacker: Attacker):
    for one in WITH_BODIES:
        own, theirs = good(one, channels.thief), good(one, channels.victim)
        path = filled(one.path, channels.thief.named)
        with attacker.place():
            for steps, said in crossed(own, theirs, channels.ids()):
                at = f"{one.name} /{'/'.join(map(str, steps))}"
                answer = attacker.attack(
                    at,
                    "another channel's",
                    partial(send, channels.thief, one, path, encoded(said)),
                    is_api=True,
                )
                if answer is not None and answer.status_code < 400:
                    attacker.miss(
                        at, "another channel's", [f"{answer.status_code} {answer.content!r}"]
                    )


def crossed(own: Any, theirs: Any, ids: set[str]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The thief's body with one name of the victim's in it."""
    for steps in leaves(own):
        try:
            said = at_place(theirs, steps)
        except (KeyError, IndexError):
            continue
        named = said if isinstance(said, list) else [said]
        if said != at_place(own, steps) and any(isinstance(n, str) and n in ids for n in named):
            yield steps, changed(own, steps, said)


def test_no_filter_shows_another_channels_documents(channels, attacker: Attacker):
    secrets = channels.secrets()
    ids = {name: name for name in sorted(channels.ids())}
    for one in [o for o in OPERATIONS if o.method == "get" and is_bound(o) and not o.in_path]:
        for name in one.in_query:
            for value, word in some(ids, 1, f"{one.name} ?{name} ids"):
                address = f"{one.path}?{quote(name)}={quote(word)}"
                answer = attacker.attack(
                    f"{one.name} ?{name}",
                    value,
                    partial(send, channels.thief, one, address),
                    is_api=True,
                )
                found = [
                    s
                    for s in secrets
                    if answer is not None and s in answer.content and s.decode() != word
                ]
                if found:
                    attacker.miss(f"{one.name} ?{name}", value, [f"shows {found}"])


def test_another_channels_cursor_shows_nothing_of_it(channels, attacker: Attacker):
    for _n in range(2):
        channels.victim.post("orders", order_body(customer=channels.victim.buyer))
    for one in [o for o in OPERATIONS if "cursor" in o.in_query and is_bound(o) and not o.in_path]:
        page = send(channels.victim, one, f"{one.path}?limit=1").json()
        if not page["next_cursor"]:
            continue
        address = f"{one.path}?cursor={page['next_cursor']}"
        answer = attacker.attack(
            f"{one.name} ?cursor",
            "another channel's",
            partial(send, channels.thief, one, address),
            is_api=True,
        )
        if answer is not None and CANARY.encode() in answer.content:
            attacker.miss(f"{one.name} ?cursor", "another channel's", ["shows it"])
