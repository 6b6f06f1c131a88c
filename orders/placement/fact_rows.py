"""Defines the facts of one policy, SKU, warehouse, customer or coupon."""

from datetime import date, datetime, time
from decimal import Decimal

import msgspec

from orders.pricing.decisions.promotions import PromotionFacts
from orders.routing.decisions.promise import Sender
from orders.routing.decisions.warehouse import WarehouseFacts


class PolicyFacts(msgspec.Struct):
    accepts_backorders: bool
    review: str
    currency: str
    includes_tax: bool
    price_tolerance: Decimal = Decimal(5)
    order_type: str = "web"
    cooling_off_minutes: int = 0
    min_margin: Decimal | None = None  # in per cent
    short_stock: str = "available"  # of an order that is short: available, complete, ask
    choice_days: int = 3
    route_by: str = "near"
    most_parcels: int = 0
    least_units: int = 0
    risk_source: str | None = None  # who scores this channel's orders
    risk_hours: int | None = None  # an order without a score goes on after these; 0: it never does


class TypeFacts(msgspec.Struct):
    code: str
    review: str
    cooling_off_minutes: int | None
    is_free: bool
    is_active: bool


class SkuFacts(msgspec.Struct):
    id: int
    code: str
    name: str
    translations: dict[str, str]
    weight_g: int
    tax_class: str
    is_service: bool
    is_active: bool
    prices: list[tuple[int, Decimal]] | None
    parts: list[tuple[int, int]] | None = None  # of a bundle: SKU id, units in one
    # Of customer groups: group, whether for every channel, from quantity, amount
    group_prices: list[tuple[int, bool, int, Decimal]] | None = None
    floor: Decimal | None = None  # net, for a unit
    cost: Decimal | None = (
        None  # moving average, in the company's currency; asked where margins are
    )

    def made_of(self) -> list[tuple[int, int]]:
        """What leaves the shelf for one of it: (SKU id, units)."""
        return self.parts or [(self.id, 1)]


class WarehouseRow(msgspec.Struct):
    id: int
    code: str
    country: str
    priority: int
    cut_off: str
    time_zone: str
    region: str = ""
    capacity: int | None = None  # orders a day
    has_lanes: bool = False  # it ships only where a lane leads
    load: int | None = None  # of them today, where that is limited
    closed: tuple[date, ...] = ()  # its own days, beside its country's
    open: tuple[date, ...] = ()

    def routed(self) -> WarehouseFacts:
        full = self.capacity is not None and (self.load or 0) >= self.capacity
        return WarehouseFacts(
            self.id, self.code, self.country, self.priority, self.region, is_full=full
        )

    def sender(self) -> Sender:
        return Sender(
            self.code,
            self.country,
            self.time_zone,
            time.fromisoformat(self.cut_off),
            self.closed,
            self.open,
        )


class TaxFacts(msgspec.Struct):
    country: str
    region: str
    tax_class: str
    rate: Decimal


class ServiceFacts(msgspec.Struct):
    code: str
    name: str
    carrier: str
    fee: Decimal
    free_from: Decimal | None
    transit_p50: int
    transit_p90: int


class CustomerFacts(msgspec.Struct):
    kind: str
    value: str
    id: int
    is_blocked: bool
    language: str
    name: str = ""
    proven_by: str = ""  # of this identity; "": nothing has proven it
    has_account: bool = False
    has_email: bool = False
    has_phone: bool = False
    group: int | None = None
    group_code: str | None = None
    credit_limit: Decimal | None = None
    owed: Decimal | None = None  # in the company's currency; asked where an order is on account
    exempt: list[tuple[int, str]] | None = None  # exemptions from tax: id, country

    @property
    def may_owe(self) -> bool:
        """Whether somebody has agreed that they buy on account, up to a limit or without one."""
        return self.has_account or self.credit_limit is not None


class RecentOrder(msgspec.Struct):
    """An order of the same customer a little while ago: what it asked for."""

    customer_id: int
    number: str
    external_id: str
    items: dict[str, int]


class ExistingOrder(msgspec.Struct):
    external_id: str
    number: str
    request_hash: str


class OfferedPromotion(PromotionFacts, frozen=True, kw_only=True):
    """A promotion as it is offered now; `left` uses, None where they are not counted."""

    needs_coupon: bool = False
    left: int | None = None


class CouponFacts(msgspec.Struct):
    """A coupon that somebody named. `uses` of the customers at hand: (customer id, times)."""

    code: str
    id: int
    promotion: int
    is_active: bool
    starts_at: datetime | None
    ends_at: datetime | None
    left: int | None
    most: int | None
    uses: list[tuple[int, int]] | None

    def used_by(self, customer_id: int | None) -> int:
        return next((n for pk, n in self.uses or () if pk == customer_id), 0)
