"""What is told of what happened holds exactly what the documentation says, in the feed and in a webhook."""

import json
import re

import pytest
from django.utils import timezone

from erp.events.feed import webhook_body
from erp.events.models import Event
from erp.ids import primary_key
from tests.architecture import guards
from tests.conftest import order_body, settle
from tests.contract.world import MAKERS, World
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = (guards.ROOT / "docs/events.md").read_text()
ROW = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \| \w+ \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
DOCUMENTED = {topic: re.findall(r"`([a-z_]+\??)`", names) for topic, names in ROW.findall(PAGE)}
ORDER = {"id", "number", "external_id"}


def check(event):
    """An event of the feed is of a type that is documented, and holds what stands there."""
    assert event.keys() == {"object", "id", "type", "created_at", "data"}
    assert event["object"] == "event"
    names = DOCUMENTED[event["type"]]
    needed = {name for name in names if not name.endswith("?")}
    held = set(event["data"])
    assert needed <= held <= {name.rstrip("?") for name in names}, event
    if "order" in held:
        assert event["data"]["order"].keys() == ORDER, event


@pytest.fixture
def everything(api):
    """Lives of every kind of document, over HTTP."""
    world = World(api)
    for noun in MAKERS:
        world.named(*noun.split(" ", 1)) if " " in noun else world.named(noun, "")
    number = MAKERS["returns inspect"](world)  # another one, that has come
    line = {"line": world.made["returns line"], "quantity": 1, "condition": "good"}
    body = {"lines": [line | {"disposition": "restock"}], "warehouse": "east"}
    world.post(f"returns/{number}/inspect", body)
    placed = world.post("orders", order_body())["number"]
    world.post(f"orders/{placed}/hold", {"kind": "review", "reason": "x"})
    world.post(f"orders/{placed}/release", {})
    world.post(f"orders/{placed}/marks", {"flag": "red"})
    world.post(f"orders/{placed}/cancel", {"reason": "customer"})
    shipped = world.post("orders", order_body())["number"]
    run_relay()
    parcel = world.post("shipments", {"order": shipped})["tracking_number"]
    for state in ("out_for_delivery", "delivered"):
        event = {"state": state, "at": timezone.now().isoformat(), "id": state}
        world.post(f"tracking/{parcel}", {"events": [event]})
    refund = world.named("refunds", "")
    for verb in ("approve", "complete"):
        api.post(f"refunds/{refund}/{verb}", {})
    run_relay()
    return api


def test_the_feed_and_a_webhook_hold_what_the_documentation_says(everything):
    settle()
    seen, cursor = set(), ""
    while True:
        page = everything.get("events", **({"after": cursor} if cursor else {})).json()
        assert page.keys() == {"data", "has_more", "next_cursor"}
        for event in page["data"]:
            check(event)
            seen.add(event["type"])
            posted = json.loads(webhook_body(Event.objects.get(pk=primary_key("evt", event["id"]))))
            assert posted.keys() == {"id", "type", "timestamp", "data"}
            assert (posted["id"], posted["type"]) == (event["id"], event["type"])
            assert (posted["timestamp"], posted["data"]) == (event["created_at"], event["data"])
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert len(seen) > 18, sorted(seen)
    nouns = {topic.partition(".")[0] for topic in seen}
    assert nouns >= {"order", "shipment", "return", "refund", "stock", "payment"}
