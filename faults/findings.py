"""Gathers what there is after a run: in the database, by the API, at the receivers, by the product's own laws."""

import contextlib
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from erp.ids import public_id
from faults.client import Client
from faults.journal import Journal, Operation
from faults.load import lines_of, read_levels
from faults.stock_history import Level
from faults.verdict import Found
from faults.world import NotWhole, World

ORDERS = "SELECT external_id, number FROM orders_order WHERE id > %s"
PAYMENTS = """
SELECT e.reference, count(*) FROM orders_paymentevent e JOIN orders_payment p ON p.id = e.payment_id
WHERE e.kind = 'capture' AND p.order_id > %s GROUP BY 1
"""
REFUNDS = "SELECT note, number, status FROM returns_refund WHERE order_id > %s AND note <> ''"
RECEIPTS = "SELECT reason, count(*) FROM inventory_stockdocument WHERE reason <> '' GROUP BY 1"
RETURNS = "SELECT note, count(*) FROM returns_returnauthorization WHERE order_id > %s GROUP BY 1"
SHIPMENTS = "SELECT id FROM fulfillment_parcel WHERE order_id > %s AND shipped_at IS NOT NULL"
MONEY = """
SELECT o.number, coalesce(sum(p.captured), 0) * 100, coalesce(sum(p.refunded), 0) * 100
FROM orders_order o LEFT JOIN orders_payment p ON p.order_id = o.id WHERE o.id > %s GROUP BY 1
"""
UNPLANNED = """
SELECT o.number FROM orders_order o WHERE o.id > %s AND o.status = 'confirmed'
  AND NOT EXISTS (SELECT 1 FROM fulfillment_fulfillmentorder f WHERE f.order_id = o.id)
"""
EVENTS = """
SELECT v.id FROM erp_event v JOIN erp_webhookendpoint e ON e.channel_id = v.channel_id
WHERE e.id = %s AND v.id > %s AND (cardinality(e.topics) = 0 OR v.topic = ANY (e.topics))
"""
PARKED = """
SELECT (SELECT count(*) FROM erp_eventdelivery WHERE status = 'parked')
     + (SELECT count(*) FROM erp_message WHERE status = 'failed')
     + (SELECT count(*) FROM erp_webhookdelivery d JOIN erp_webhookendpoint e ON e.id = d.endpoint_id
        WHERE d.status = 'failed' AND e.url NOT LIKE '%/dead')
"""
SENT = "SELECT count(*) FROM erp_message WHERE status = 'sent' AND medium = 'email'"
MARKS = "SELECT (SELECT coalesce(max(id), 0) FROM orders_order), (SELECT coalesce(max(id), 0) FROM erp_event)"


PATIENCE_S = 60.0


class Marks:
    """Where a run begins: what is there already is another run's."""

    def __init__(self, world: World) -> None:
        ((self.order, self.event),) = world.rows(MARKS)
        self.parked = int(world.rows(PARKED)[0][0])
        self.before = levels_now(world)
        if any(level.reserved > level.on_hand for level in self.before.values()):
            raise NotWhole("more is reserved than is on hand, before anything was done")


def gathered(world: World, marks: Marks, operations: Sequence[Operation]) -> Found:
    """Gather everything that a run is judged by."""
    orders: dict[str, list[str]] = defaultdict(list)
    for key, number in world.rows(ORDERS, [marks.order]):
        orders[key].append(number)
    refunds: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for note, number, status in world.rows(REFUNDS, [marks.order]):
        refunds[note].append((number, status))
    hearing = [receiver for receiver in world.receivers.all if receiver.name != "dead"]
    return Found(
        orders=orders,
        payments=dict(world.rows(PAYMENTS, [marks.order])),
        refunds=refunds,
        receipts=dict(world.rows(RECEIPTS)),
        returns=dict(world.rows(RETURNS, [marks.order])),
        shipments={public_id("shp", pk): 1 for (pk,) in world.rows(SHIPMENTS, [marks.order])},
        lines=lines_now(world, {op.order for op in operations if op.order}),
        money={
            number: {"paid": int(paid), "refunded": int(refunded)}
            for number, paid, refunded in world.rows(MONEY, [marks.order])
        },
        before=marks.before,
        after=levels_now(world),
        unplanned=[number for (number,) in world.rows(UNPLANNED, [marks.order])],
        events={r.name: events_of(world, r.name, marks.event) for r in hearing},
        taken={r.name: dict(r.taken) for r in hearing},
        differing=sorted(pk for r in world.receivers.all for pk in r.differing),
        broken_laws=broken_laws(world),
        parked=int(world.rows(PARKED)[0][0]) - marks.parked,
        mails=(int(world.rows(SENT)[0][0]), len(world.mail.mails)),
    )


def events_of(world: World, receiver: str, after: int) -> list[str]:
    """The webhook ids that a receiver has to get for what happened after an event."""
    rows = world.rows(EVENTS, [world.endpoints[receiver], after])
    return [public_id("evt", pk) for (pk,) in rows]


def levels_now(world: World) -> dict[str, Level]:
    """What the API says of every SKU, when nobody changes anything. Raises NotWhole where it does not answer."""
    deadline = time.monotonic() + PATIENCE_S
    with _reader(world) as client:
        while not (said := read_levels(client, world.keys.shop)):
            if time.monotonic() > deadline:
                raise NotWhole("the API does not say what is in stock")
            time.sleep(1)
    return {sku: Level(*level) for sku, level in said.items()}


def lines_now(world: World, numbers: set[str]) -> dict[str, Mapping[str, Any]]:
    """The lines and statuses of orders, by the list of the API, the newest first."""
    found: dict[str, Mapping[str, Any]] = {}
    path = "orders?limit=100"
    while numbers - set(found):
        page = world.ask("GET", path)
        for document in page["data"]:
            if document["number"] in numbers:
                found[document["number"]] = lines_of(document)
        if not page["has_more"]:
            return found
        path = f"orders?limit=100&cursor={page['next_cursor']}"
    return found


def broken_laws(world: World) -> list[str]:
    """What the product's own laws find broken that was not before."""
    done = world.manage_quietly("audit", "--json")
    try:
        laws = json.loads(done.stdout)["laws"]
    except ValueError:
        return [f"audit failed: {(done.stdout + done.stderr)[-500:]}"]
    broken = [law for law in laws if law["breaches"] and law["code"] not in world.broken]
    world.broken |= {law["code"] for law in broken}
    return [f"{law['code']}: {law['rows'][:2]}" for law in broken]


@contextlib.contextmanager
def _reader(world: World) -> Iterator[Client]:
    journal = Journal(world.folder / "reads")
    client = Client(world.port, journal)
    try:
        yield client
    finally:
        client.hang_up()
        journal.close()
