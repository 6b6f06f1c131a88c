"""Has a few clients place, pay, cancel, ship and refund orders at once, on each other's orders too."""

import random
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from faults.client import Client
from faults.journal import REFUNDS, WRITES, Journal
from faults.seed import PLENTY, SCARCE, SKUS, Keys

CLIENTS = 4
KEPT = 15  # orders that clients go on with: few enough that they meet
PAUSE_S = 0.01
HOME = {
    "name": "Fault",
    "line1": "1 Road",
    "line2": "",
    "city": "上海市",
    "region": "上海",
    "postal_code": "200040",
    "country": "CN",
    "phone": "+8613812345678",
}
# What a client does next, and how often in a hundred.
MIX = {
    "place": 30,
    "bulk": 5,
    "ship": 17,
    "cancel": 11,
    "pay": 10,
    "refund": 8,
    "return": 3,
    "receive": 3,
    "adjust": 3,
    "read": 7,
    "levels": 3,
}
# What comes of an action, in the journal: those of which an action is made up.
KINDS_OF = {"refund": REFUNDS}
MANY = (15, 45)  # orders of one call
FEW = 0.1  # of them ask for what is scarce: or most would be refused
CROWDED_PAUSE_S = 0.2
GOES_ON = 2  # of them that clients go on with: the others only have to be there


def kinds_of(mix: Mapping[str, int]) -> frozenset[str]:
    """The kinds of operation that a load of a mix asks for."""
    return frozenset(kind for name in mix for kind in KINDS_OF.get(name, {name}))


class Orders:
    """The newest orders, known to all clients."""

    def __init__(self) -> None:
        self._newest: deque[Mapping[str, Any]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def add(self, order: Mapping[str, Any]) -> None:
        with self._lock:
            self._newest.append(order)

    def some(self) -> Mapping[str, Any] | None:
        """One of them; of two that are met the newer one, where most is still open."""
        with self._lock:
            return random.choice(self._newest) if self._newest else None


class Load:
    """Clients that go on until they are told to stop.

    mix          what a client does next, and how often
    is_crowded   whether so much waits behind the orders that placing many at once would only let it grow
    placed       how many orders were acknowledged, and `acknowledged` how many operations that changed something
    """

    def __init__(
        self, port: int, journal: Journal, keys: Keys, mix: Mapping[str, int] = MIX
    ) -> None:
        self.port, self.journal, self.keys, self.mix = port, journal, keys, mix
        self.orders, self.shipped = Orders(), Orders()
        self.is_crowded = False
        self.acknowledged = self.placed = 0
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._shop, args=(n,), daemon=True) for n in range(CLIENTS)
        ]
        self.errors: list[str] = []

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each client end what it has begun: unknown only what it loses patience with."""
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
        if any(thread.is_alive() for thread in self._threads):
            self.errors.append("a client did not end")

    def _shop(self, _number: int) -> None:
        client = Client(self.port, self.journal)
        kinds, weights = list(self.mix), list(self.mix.values())
        while not self._stop.is_set():
            (kind,) = random.choices(kinds, weights)
            try:
                getattr(self, f"_{kind}")(client)
            except Exception as error:
                self.errors.append(f"{kind}: {type(error).__name__}: {error}")
                return
            time.sleep(PAUSE_S)
        client.hang_up()

    def _do(
        self,
        client: Client,
        kind: str,
        path: str,
        body: object,
        asked: Mapping[str, Any],
        read: Callable[[Any], Mapping[str, Any]],
        key: str = "",
        secret: str = "",
    ) -> Mapping[str, Any] | None:
        outcome, said = client.perform(
            kind, path, body, asked, read, secret=secret or self.keys.shop, key=key
        )
        if outcome == "ok" and kind in WRITES:
            self.acknowledged += 1
            self.placed += kind == "place"
        return said if outcome == "ok" else None

    def _place(self, client: Client) -> None:
        key, body, asked = _wanted()
        said = self._do(client, "place", "orders", body, asked, placed, key)
        if said is not None:
            self.orders.add(said)

    def _bulk(self, client: Client) -> None:
        """Place many in one call; each is an operation of its own, by its external id."""
        if self.is_crowded:
            time.sleep(CROWDED_PAUSE_S)
            return
        wanted = [_wanted(FEW) for _n in range(random.randint(*MANY))]
        body = {"orders": [order for _key, order, _asked in wanted]}
        named = [(key, asked | {"nth": n}) for n, (key, _order, asked) in enumerate(wanted)]
        said = client.perform_all(
            "bulk", "orders/bulk", body, named, placed_each, secret=self.keys.shop
        )
        self.acknowledged += len(said)
        self.placed += len(said)
        for order in said[:GOES_ON]:
            self.orders.add(order)

    def _pay(self, client: Client) -> None:
        order = self.orders.some()
        if order is None or order["is_paid"]:
            return
        key = uuid.uuid4().hex
        amount = {"amount": _amount(order["total"]), "currency": "CNY"}
        self._do(
            client,
            "pay",
            f"orders/{order['number']}/payments",
            {"method": "transfer", "reference": f"pay_{key}", "amount": amount},
            {"order": order["number"], "cents": order["total"]},
            _status,
            key,
        )

    def _cancel(self, client: Client) -> None:
        order = self.orders.some()
        if order is None:
            return
        units: dict[str, int] | None = None
        body: dict[str, object] = {"reason": "changed mind"}
        if random.random() < 0.3:
            sku = random.choice(sorted(order["units"]))
            units = {sku: 1}
            body["lines"] = [{"line": order["lines"][sku], "quantity": 1}]
        asked = {"order": order["number"], "units": units}
        self._do(client, "cancel", f"orders/{order['number']}/cancel", body, asked, lines_of)

    def _ship(self, client: Client) -> None:
        order = self.orders.some()
        if order is None:
            return
        units: dict[str, int] | None = None
        body: dict[str, object] = {"order": order["number"]}
        if random.random() < 0.25:
            units = {random.choice(sorted(order["units"])): 1}
            body["lines"] = [{"sku": sku, "quantity": count} for sku, count in units.items()]
        asked = {"order": order["number"], "units": units}
        said = self._do(client, "ship", "shipments", body, asked, _parcels)
        if said is not None:
            self.shipped.add(asked | {"units": said["units"]})

    def _return(self, client: Client) -> None:
        """Announce that a unit comes back; of some orders more than once, until nothing is left to come."""
        order = self.shipped.some()
        if order is None:
            return
        key, sku = uuid.uuid4().hex, random.choice(sorted(order["units"]))
        body = {
            "order": order["order"],
            "lines": [{"sku": sku, "quantity": 1}],
            "note": key,
        }
        asked = {"order": order["order"], "units": {sku: 1}}
        self._do(client, "return", "returns", body, asked, _nothing, key)

    def _refund(self, client: Client) -> None:
        """Propose by one key, approve by another, note as paid out; each is an operation of its own."""
        order = self.orders.some()
        if order is None:
            return
        # Two fit, a third does not, and no number of them is the whole: that would call off what has not shipped.
        cents = order["total"] * 2 // 5
        asked = {"order": order["number"], "cents": cents}
        body = {
            "order": order["number"],
            "amount": {"amount": _amount(cents), "currency": "CNY"},
            "reason": "goodwill",
            "note": "",
        }
        key = uuid.uuid4().hex
        body["note"] = key
        said = self._do(client, "propose", "refunds", body, asked, _refunded, key)
        for kind in ("approve", "complete"):
            if said is None:
                return
            path = f"refunds/{said['refund']}/{kind}"
            about = asked | {"refund": said["refund"]}
            said = self._do(client, kind, path, {}, about, _refunded, secret=self.keys.approver)

    def _adjust(self, client: Client) -> None:
        key, sku = uuid.uuid4().hex, random.choice(PLENTY)
        units = {sku: random.choice((-3, -2, -1, 1, 2, 3))}
        body = {
            "warehouse": random.choice("AB"),
            "lines": [{"sku": sku, "quantity": units[sku]}],
            "reason": key,
        }
        self._do(client, "adjust", "stock/adjustments", body, {"units": units}, _nothing, key)

    def _receive(self, client: Client) -> None:
        key, sku = uuid.uuid4().hex, random.choice(SCARCE)
        units = {sku: random.randint(2, 6)}
        body = {
            "warehouse": random.choice("AB"),
            "lines": [{"sku": sku, "quantity": units[sku]}],
            "reference": key,
        }
        self._do(client, "receive", "stock/receipts", body, {"units": units}, _nothing, key)

    def _read(self, client: Client) -> None:
        order = self.orders.some()
        if order is not None:
            asked = {"order": order["number"]}
            client.look("read", f"orders/{order['number']}", asked, lines_of, secret=self.keys.shop)

    def _levels(self, client: Client) -> None:
        read_levels(client, self.keys.shop, SCARCE)


def read_levels(client: Client, secret: str, skus: tuple[str, ...] = SKUS) -> Mapping[str, Any]:
    """What the API says is on hand and reserved, by SKU."""
    path = f"availability?sku={','.join(skus)}"
    said = client.look("levels", path, {"skus": skus}, _levels, secret=secret)
    return {} if said is None else said["levels"]


def _wanted(scarce: float = 0.3) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """An order to place: its external id, its body, and what the journal keeps of it."""
    key, units, is_paid = uuid.uuid4().hex, _basket(scarce), random.random() < 0.7
    payment = {"method": "prepaid", "reference": f"pay_{key}"} if is_paid else {"method": "unpaid"}
    email = f"{key}@example.com" if random.random() < 0.1 else ""
    phone = "" if email else f"+86138{random.randrange(10**8):08}"
    body = {
        "external_id": key,
        "currency": "CNY",
        "customer": {"name": "Fault", "email": email, "phone": phone},
        "shipping_address": HOME,
        "billing_address": None,
        "lines": [{"sku": sku, "quantity": count} for sku, count in units.items()],
        "coupon_codes": [],
        "shipping_service": "standard",
        "payment": payment,
        "note": "",
        "metadata": {},
    }
    return key, body, {"units": units, "is_paid": is_paid}


def _basket(scarce: float) -> dict[str, int]:
    """One or two SKUs, of a share of baskets a scarce one."""
    hot = [random.choice(SCARCE)] if random.random() < scarce else []
    chosen = [*hot, *random.sample(PLENTY, random.randint(1, 2))][:2]
    return {sku: random.randint(1, 3) for sku in chosen}


def _amount(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


def _cents(amount: Mapping[str, Any]) -> int:
    return int(Decimal(amount["amount"]) * 100)


# What the journal keeps of answers.


def placed(document: Any) -> dict[str, Any]:
    """Of an order that was placed."""
    return {
        "number": document["number"],
        "status": document["status"],
        "units": {line["sku"]: line["quantity_ordered"] for line in document["lines"]},
        "lines": {line["sku"]: line["id"] for line in document["lines"]},
        "total": _cents(document["totals"]["total"]),
        "is_paid": document["payment_status"] == "paid",
    }


def placed_each(document: Any) -> list[tuple[str, dict[str, Any]]]:
    """How each of many orders came out, in the order in which they were sent."""
    return [
        ("ok", placed(row["order"]))
        if "order" in row
        else ("fail", {"code": row["problem"].get("code", "")})
        for row in document["data"]
    ]


def lines_of(document: Any) -> dict[str, Any]:
    """Of an order that was read, or changed."""
    return {
        "number": document["number"],
        "status": document["status"],
        "cancelled": {line["sku"]: line["quantity_cancelled"] for line in document["lines"]},
        "shipped": {line["sku"]: line["quantity_shipped"] for line in document["lines"]},
    }


def _status(document: Any) -> dict[str, Any]:
    return (
        {"number": document["number"], "status": document["status"]} if "number" in document else {}
    )


def _parcels(document: Any) -> dict[str, Any]:
    units: dict[str, int] = {}
    for shipment in document["shipments"]:
        for line in shipment["lines"]:
            units[line["sku"]] = units.get(line["sku"], 0) + line["quantity"]
    return {"units": units, "shipments": [shipment["id"] for shipment in document["shipments"]]}


def _refunded(document: Any) -> dict[str, Any]:
    return {"refund": document["number"], "refund_status": document["status"]}


def _nothing(_document: Any) -> dict[str, Any]:
    return {}


def _levels(document: Any) -> dict[str, Any]:
    return {"levels": {row["sku"]: [row["on_hand"], row["reserved"]] for row in document["data"]}}
