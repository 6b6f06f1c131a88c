"""Collects the rows of a batch of orders before they are written."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from erp.errors import DomainError
from orders.placement.judgement import Judgement
from orders.placement.prepared import PreparedOrder
from orders.pricing.decisions import prices
from orders.routing.decisions import promise, warehouse


@dataclass
class Placed:
    """One order of a batch: written (`row`, `lines`), there before (`number`), or refused."""

    number: str = ""
    existed: bool = False
    refusal: DomainError | None = None
    row: dict[str, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    holds: list[dict[str, Any]] = field(default_factory=list)
    priced: prices.PricedOrder | None = None


class Placement(NamedTuple):
    """Everything that was decided of one order, ready to become rows."""

    prepared: PreparedOrder
    priced: prices.PricedOrder
    route: warehouse.Route
    judged: Judgement
    promised: promise.Promise


TABLES = (
    "customers",
    "identities",
    "orders",
    "addresses",
    "lines",
    "holds",
    "payments",
    "decisions",
    "order_events",
    "events",
    "line_parts",
    "draws",
    "reservations",
    "searches",
    "known",
    "risk_checks",
    "promotion_uses",
    "adjustments",
    "choices",
    "routed",
    "invoices",
)


@dataclass
class Batch:
    """Rows decided on but not yet written, in the shape that `orders_place` takes."""

    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in TABLES}
    )

    def add(self, table: str, **row: Any) -> None:
        self.rows[table].append(row)
