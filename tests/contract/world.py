"""What stands behind the names in paths, made over the API: each test needs a few, and asks for those alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from orders.intake.inbox.tasks import read_some
from tests.conftest import order_body
from tests.orders.intake.mail.test_letters import LETTER, mail
from tests.relay import run_relay

CNY = {"amount": "1.00", "currency": "CNY"}


class World:
    """Documents by the part of a path that they stand behind, each made when it is first asked for."""

    def __init__(self, api: Any) -> None:
        self.api, self.made = api, dict[str, Any]()
        self.buyer = order_body()["customer"]

    def named(self, noun: str, path: str) -> str:
        """The name of a document of this noun, as far as one is known; else "x"."""
        make = MAKERS.get(f"{noun} {path}") or MAKERS.get(noun)
        return str(self.get(noun, make)) if make else "x"

    def get(self, noun: str, make: "Callable[[World], Any]") -> Any:
        if noun not in self.made:
            self.made[noun] = make(self)
        return self.made[noun]

    def post(self, path: str, body: Any) -> Any:
        """What the API answers; it has to accept."""
        answer = self.api.post(path, body)
        assert answer.status_code < 300, (path, answer.content)
        return answer.json()

    @property
    def channel(self) -> str:
        """The code of the key's own channel."""
        return self.named("channels", "")

    @property
    def order(self) -> Any:
        return self.get("order", lambda w: w.post("orders", order_body(customer=w.buyer)))

    @property
    def shipped(self) -> Any:
        """A shipment of an order of its own."""
        return self.get("shipped", _shipped)

    @property
    def twin(self) -> str:
        """Another order of the same customer to the same address."""
        body = order_body(customer=self.buyer)
        return str(self.get("twin", lambda w: w.post("orders", body))["number"])

    @property
    def hold(self) -> str:
        """A hold of the order."""
        body = {"kind": "review", "reason": "door"}
        held = self.post(f"orders/{self.order['number']}/hold", body)
        return str(held["holds"][0]["id"])

    @property
    def other_customer(self) -> str:
        self.get("other", lambda w: w.post("orders", order_body()))
        customer = self.named("customers", "")
        ids = [row["id"] for row in self.api.get("customers").json()["data"]]
        return str(next(one for one in ids if one != customer))

    def line(self) -> str:
        return str(self.order["lines"][0]["id"])


def _shipped(world: World) -> Any:
    number = world.post("orders", order_body())["number"]
    return {"order": number} | world.post("shipments", {"order": number, "tracking_number": "D-1"})


@dataclass(frozen=True)
class Maker:
    """Makes a document by one call, and then does verbs to it; the answer's `name` is what it is called by.

    The id of its first line is kept as "<path> line".
    """

    path: str
    body: "Callable[[World], Any]"
    name: str = "number"
    verbs: tuple[tuple[str, Any], ...] = ()

    def then(self, verb: str, body: Any = None) -> "Maker":
        """The same document after another verb."""
        return replace(self, verbs=(*self.verbs, (verb, body or {})))

    def __call__(self, world: World) -> str:
        made = world.post(self.path, self.body(world))
        for line in made.get("lines", ())[:1]:
            world.made[f"{self.path} line"] = line.get("id")
        name = str(made[self.name])
        for verb, body in self.verbs:
            world.post(f"{self.path}/{name}/{verb}", body)
        return name


TWO = [{"sku": "TEA-001", "quantity": 2}]
SUPPLIER = Maker("suppliers", lambda _w: {"code": "acme", "name": "Acme"}, "code").then(
    "terms", {"sku": "TEA-001", "unit_price": "3.50"}
)
PURCHASE = Maker(
    "purchase-orders",
    lambda w: {
        "supplier": w.named("suppliers", ""),
        "warehouse": "east",
        "lines": [{"sku": "TEA-001", "quantity": 50}],
    },
)
APPROVED = PURCHASE.then("approve")
SENT = APPROVED.then("send")
RECEIVED = SENT.then("receive", {"lines": [{"sku": "TEA-001", "good": 5}]})
TRANSFER = Maker(
    "stock/transfers",
    lambda _w: {"from_warehouse": "east", "to_warehouse": "south", "lines": TWO},
)
RETURN = Maker(
    "returns",
    lambda w: {"order": w.shipped["order"], "lines": [{"sku": "TEA-001", "quantity": 1}]},
)
RETURN_APPROVED = RETURN.then("approve")
WRITE_OFF = Maker(  # waits for somebody's approval
    "stock/write-offs",
    lambda _w: {
        "warehouse": "east",
        "lines": [{"sku": "POT-001", "quantity": 5, "bin": "MAIN"}],
        "reason": "lost",
    },
    "id",
)
ENDPOINT = Maker(
    "webhook-endpoints",
    lambda _w: {"url": "https://93.184.216.34/hook", "types": ["order.placed"]},
    "id",
)


def _payment(world: World) -> str:
    """Money that is authorised and not captured yet."""
    path = f"orders/{world.order['number']}"
    body = {"method": "bank", "reference": "door-a", "amount": CNY}
    world.post(f"{path}/authorisations", body)
    return str(world.api.get(f"{path}/payments").json()["data"][-1]["id"])


def _draft(world: World) -> str:
    path = "/api/v1/channels/web/messages"
    world.api.client.post(path, mail(LETTER), content_type="message/rfc822")
    while read_some():
        pass
    return str(world.api.get("drafts").json()["data"][0]["id"])


def _work(world: World) -> Any:
    """The work that the order became."""
    number = world.order["number"]
    run_relay()
    return world.api.get("fulfillment-orders", order=number).json()["data"][0]


MAKERS: dict[str, Callable[[World], Any]] = {
    "orders": lambda w: w.order["number"],
    "lines": World.line,
    "skus": lambda _w: "TEA-001",
    "channels": lambda _w: "web",
    "customers": lambda w: w.api.get("customers").json()["data"][0]["id"] if w.order else "",
    "suppliers": SUPPLIER,
    "purchase-orders": PURCHASE,
    "purchase-orders send": APPROVED,
    "purchase-orders receive": SENT,
    "purchase-orders land-cost": RECEIVED,
    "purchase-orders close": RECEIVED,
    "purchase-orders reschedule": SENT,
    "purchase-orders acknowledge": SENT,
    "transfers": TRANSFER,
    "transfers receive": TRANSFER.then("ship"),
    "counts": Maker("stock/counts", lambda _w: {"warehouse": "east", "skus": ["TEA-001"]}),
    "returns": RETURN,
    "returns receive": RETURN_APPROVED,
    "returns inspect": RETURN_APPROVED.then("receive"),
    "refunds": Maker(
        "refunds",
        lambda w: {"order": w.shipped["order"], "amount": CNY, "reason": "goodwill"},
    ),
    "drafts": _draft,
    "payments": _payment,
    "documents": WRITE_OFF,
    "webhook-endpoints": ENDPOINT,
    "shipments": lambda w: w.shipped["id"],
    "tracking": lambda w: w.shipped["tracking_number"],
    "fulfillment-orders": lambda w: w.get("work", _work)["id"],
    "work lines": lambda w: w.get("work", _work)["lines"][0]["id"],
}
