"""What stands behind the names in paths, made over the API: each test needs a few, and asks for those alone."""

from collections.abc import Callable
from typing import Any

from orders.intake.inbox.tasks import read_some
from tests.conftest import order_body
from tests.orders.intake.mail.test_letters import LETTER, mail

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


def _supplier(world: World) -> str:
    world.post("suppliers", {"code": "acme", "name": "Acme"})
    world.post("suppliers/acme/terms", {"sku": "TEA-001", "unit_price": "3.50"})
    return "acme"


def _purchase(world: World) -> str:
    lines = [{"sku": "TEA-001", "quantity": 50}]
    supplier = world.named("suppliers", "")
    body = {"supplier": supplier, "warehouse": "east", "lines": lines}
    return str(world.post("purchase-orders", body)["number"])


def _approved_purchase(world: World) -> str:
    number = _purchase(world)
    world.post(f"purchase-orders/{number}/approve", {})
    return number


def _sent_purchase(world: World) -> str:
    number = _approved_purchase(world)
    world.post(f"purchase-orders/{number}/send", {})
    return number


def _transfer(world: World) -> str:
    lines = [{"sku": "TEA-001", "quantity": 2}]
    body = {"from_warehouse": "east", "to_warehouse": "south", "lines": lines}
    return str(world.post("stock/transfers", body)["number"])


def _sent_transfer(world: World) -> str:
    number = _transfer(world)
    world.post(f"stock/transfers/{number}/ship", {})
    return number


def _count(world: World) -> str:
    return str(world.post("stock/counts", {"warehouse": "east", "skus": ["TEA-001"]})["number"])


def _return(world: World) -> str:
    lines = [{"sku": "TEA-001", "quantity": 1}]
    made = world.post("returns", {"order": world.shipped["order"], "lines": lines})
    world.made["return_line"] = made["lines"][0]["id"]
    return str(made["number"])


def _approved_return(world: World) -> str:
    number = _return(world)
    world.post(f"returns/{number}/approve", {})
    return number


def _received_return(world: World) -> str:
    number = _approved_return(world)
    world.post(f"returns/{number}/receive", {})
    return number


def _received_purchase(world: World) -> str:
    number = _sent_purchase(world)
    world.post(f"purchase-orders/{number}/receive", {"lines": [{"sku": "TEA-001", "good": 5}]})
    return number


def _payment(world: World) -> str:
    """Money that is authorised and not captured yet."""
    path = f"orders/{world.order['number']}/authorisations"
    body = {"method": "bank", "reference": "door-a", "amount": CNY}
    world.post(path, body)
    found = world.api.get(f"orders/{world.order['number']}/payments").json()["data"]
    return str(found[-1]["id"])


def _document(world: World) -> str:
    """A stock document that waits for somebody's approval."""
    from inventory.models import StockDocument

    lines = [{"sku": "POT-001", "quantity": 5, "bin": "MAIN"}]
    made = world.post("stock/write-offs", {"warehouse": "east", "lines": lines, "reason": "lost"})
    assert StockDocument.objects.exists()
    return str(made["id"])


def _endpoint(world: World) -> str:
    body = {"url": "https://93.184.216.34/hook", "types": ["order.placed"]}
    return str(world.post("webhook-endpoints", body)["id"])


def _refund(world: World) -> str:
    body = {"order": world.shipped["order"], "amount": CNY, "reason": "goodwill"}
    return str(world.post("refunds", body)["number"])


def _draft(world: World) -> str:
    raw = mail(LETTER)
    path = "/api/v1/channels/web/messages"
    world.api.client.post(path, raw, content_type="message/rfc822")
    while read_some():
        pass
    return str(world.api.get("drafts").json()["data"][0]["id"])


def _work(world: World) -> str:
    from tests.relay import run_relay

    number = world.order["number"]
    run_relay()
    return str(world.api.get("fulfillment-orders", order=number).json()["data"][0]["id"])


def _work_line(world: World) -> str:
    world.named("fulfillment-orders", "")
    work = world.api.get("fulfillment-orders", order=world.order["number"]).json()["data"][0]
    return str(work["lines"][0]["id"])


MAKERS: dict[str, Callable[[World], Any]] = {
    "orders": lambda w: w.order["number"],
    "lines": World.line,
    "skus": lambda _w: "TEA-001",
    "channels": lambda _w: "web",
    "customers": lambda w: w.api.get("customers").json()["data"][0]["id"] if w.order else "",
    "suppliers": _supplier,
    "purchase-orders": _purchase,
    "purchase-orders send": _approved_purchase,
    "purchase-orders receive": _sent_purchase,
    "purchase-orders land-cost": _received_purchase,
    "purchase-orders close": _received_purchase,
    "purchase-orders reschedule": _sent_purchase,
    "purchase-orders acknowledge": _sent_purchase,
    "transfers": _transfer,
    "transfers receive": _sent_transfer,
    "counts": _count,
    "returns": _return,
    "returns receive": _approved_return,
    "returns inspect": _received_return,
    "refunds": _refund,
    "drafts": _draft,
    "payments": _payment,
    "documents": _document,
    "webhook-endpoints": _endpoint,
    "shipments": lambda w: w.shipped["id"],
    "tracking": lambda w: w.shipped["tracking_number"],
    "fulfillment-orders": _work,
    "work lines": _work_line,
}
