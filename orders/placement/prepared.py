"""Prepares an incoming order: looks up once everything that deciding needs."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from erp.access.models import Channel
from orders.customers.contacts import Address
from orders.customers.postal_codes import normal_postal_code
from orders.placement.fact_rows import CustomerFacts, ServiceFacts, SkuFacts, TaxFacts
from orders.placement.facts import Facts
from orders.placement.incoming import ForeignLine, ForeignOrder, IncomingLine, IncomingOrder
from orders.placement.recognition import Chosen, Recognised, recognise
from orders.policies.order_types import OrderTypePolicy, built_in
from orders.policies.payment_methods import PaymentMethod, method_of
from orders.pricing.decisions.breaks import LineToPrice, unit_price
from orders.routing.calendar import is_working_day
from orders.routing.decisions.promise import day_to_leave

ZERO = Decimal(0)
FREE = ((1, ZERO),)  # price breaks of what is given away
ANY_SERVICE = ServiceFacts(
    code="", name="", carrier="", fee=ZERO, free_from=None, transit_p50=3, transit_p90=7
)


class PreparedLine(msgspec.Struct, frozen=True):
    """A line with its SKU (None: nobody knows it), price breaks (from quantity, amount) and tax rate.

    group   code of the customer group whose own price list the breaks are of
    ours    of a foreign line: our own price of a unit, net; None where nobody can say
    has_price   whether the channel, or the customer's group, has a price of its SKU
    """

    line: IncomingLine
    sku: SkuFacts | None
    breaks: Sequence[tuple[int, Decimal]]
    tax_rate: Decimal
    group: str = ""
    ours: Decimal | None = None
    has_price: bool = False

    @property
    def foreign(self) -> ForeignLine | None:
        """The line as its channel sold it; None where the price is ours."""
        return self.line if isinstance(self.line, ForeignLine) else None


class PreparedOrder(msgspec.Struct):
    """One order of a batch, ready to be checked, priced, routed, judged and written.

    index         its place in the batch: which of the ids in `facts` are its own
    doubts        what is doubtful about its address, by code
    stated        the amount that its payment states
    content       its hash
    recognised    whose order it is, and how that is proven
    exemption     id of what exempts the customer from tax where the order goes
    type_policy   the policy of its order type; `has_type` tells whether there is such a type
    rates         tax rates by tax class where the order goes, whoever is exempt
    """

    order: IncomingOrder
    facts: Facts
    channel: Channel
    now: datetime
    index: int
    content: str
    identities: tuple[tuple[str, str], ...]
    address_key: str
    doubts: tuple[str, ...]
    phone_is_doubtful: bool
    coupons: list[str]
    stated: Decimal | None
    recognised: Recognised
    exemption: int | None
    type_policy: OrderTypePolicy
    has_type: bool
    service: ServiceFacts
    rates: dict[str, Decimal]
    lines: list[PreparedLine]
    shipping_tax_rate: Decimal

    @property
    def foreign(self) -> ForeignOrder | None:
        """The order as its channel sold it; None where the prices are ours."""
        return self.order if isinstance(self.order, ForeignOrder) else None

    @property
    def customer(self) -> CustomerFacts | None:
        """Whom its contacts are known to belong to: anybody can state those, see `terms_of`."""
        return self.recognised.customer

    @property
    def customer_id(self) -> int | None:
        """Theirs, or that of a new customer met earlier in the batch."""
        return self.recognised.customer_id

    @property
    def terms_of(self) -> CustomerFacts | None:
        """The customer whose terms count: whose order it is proven to be."""
        return self.recognised.customer if self.recognised.proof else None

    @property
    def has_account(self) -> bool:
        """Whether its customer may owe it: proven, and agreed with them.

        What a channel has sold on account to a customer of its own is agreed between those two: a trading partner is
        connected by a person.
        """
        if self.foreign is not None:
            return bool(self.recognised.proof)
        return self.terms_of is not None and self.terms_of.may_owe

    @property
    def pk(self) -> int:
        return self.facts.order_ids[self.index]

    @property
    def method(self) -> PaymentMethod:
        return method_of(self.order.payment.method)

    @property
    def reference(self) -> str:
        """The payment's reference, where it was paid ahead."""
        payment = self.order.payment
        return payment.reference if self.method.is_paid_ahead else ""

    @property
    def starts_at(self) -> datetime:
        """When a pre-sale's day begins in the first warehouse; of other orders when they are placed."""
        day = self.order.ship_not_before
        if day is None:
            return self.now
        warehouses = self.facts.warehouses
        zone = ZoneInfo(warehouses[0].time_zone) if warehouses else UTC
        return datetime.combine(day, time(), zone)

    def line_of(self, line: IncomingLine) -> PreparedLine:
        """Another line of the order, as its own lines are prepared: a gift, for one."""
        return _line(line, self)

    def with_lines(self, lines: list[PreparedLine]) -> "PreparedOrder":
        order = msgspec.structs.replace(self.order, lines=[known.line for known in lines])
        return msgspec.structs.replace(self, order=order, lines=lines)

    def with_service(self, service: ServiceFacts) -> "PreparedOrder":
        order = msgspec.structs.replace(self.order, shipping_service=service.code)
        return msgspec.structs.replace(self, order=order, service=service)


def prepare(
    order: IncomingOrder,
    facts: Facts,
    channel: Channel,
    now: datetime,
    *,
    index: int = 0,
    content: str = "",
    chosen: Chosen | None = None,
) -> PreparedOrder:
    """Look up once what every step after this asks of an order; refuses nothing, and knows no order's faults.

    index    which of the orders it is that the facts were gathered for
    chosen   its customer, where that is known whatever it states
    """
    order = _with_normal_codes(order)
    to, payment = order.shipping_address, order.payment
    contacts = facts.contacts[index]
    name = order.customer.name or to.name
    recognised = recognise(contacts, facts, name=name, chosen=chosen)
    proven = recognised.customer if recognised.proof else None
    exemption = exempt_by(proven, to.country)
    rates = rates_to(to.country, to.region, facts.taxes)
    service = served_by(order, facts)
    order = _leaving_in_time(order, service, facts, now)
    code = order.type or facts.policy.order_type
    type_policy = facts.flows.get(code) or built_in(code)
    prepared = PreparedOrder(
        order=order,
        facts=facts,
        channel=channel,
        now=now,
        index=index,
        content=content,
        identities=contacts.identities,
        address_key=contacts.address_key,
        doubts=contacts.doubts,
        phone_is_doubtful=contacts.phone_is_doubtful,
        coupons=order.coupons(),
        stated=payment.amount.decimal() if payment.amount else None,
        recognised=recognised,
        exemption=exemption,
        type_policy=type_policy or OrderTypePolicy(order.type),
        has_type=type_policy is not None and type_policy.is_active,
        service=service,
        rates=rates,
        lines=[],
        shipping_tax_rate=ZERO if exemption is not None else rates.get("standard", ZERO),
    )
    prepared.lines = [_line(line, prepared) for line in order.lines]
    return prepared


def _leaving_in_time(
    order: IncomingOrder, service: ServiceFacts, facts: Facts, now: datetime
) -> IncomingOrder:
    """The order, leaving so much before the day on which it should come as its service usually takes.

    It leaves as it would where that is not known.
    """
    arrival = order.arrival if isinstance(order, ForeignOrder) else None
    if arrival is None or arrival.on is None or not service.code or not facts.warehouses:
        return order
    sender = facts.warehouses[0].sender()
    leaves = day_to_leave(arrival.on, service.transit_p50, sender.country, is_working_day)
    leaves = min(leaves, order.ship_not_before or leaves)
    today = now.astimezone(ZoneInfo(sender.time_zone)).date()
    return msgspec.structs.replace(order, ship_not_before=leaves if leaves > today else None)


def _with_normal_codes(order: IncomingOrder) -> IncomingOrder:
    """The order with postal codes as their countries write them."""
    to, billing = _normal(order.shipping_address), order.billing_address
    bill_to = _normal(billing) if billing else None
    if to is order.shipping_address and bill_to is billing:
        return order
    return msgspec.structs.replace(order, shipping_address=to, billing_address=bill_to)


def _normal(address: Address) -> Address:
    code = normal_postal_code(address.postal_code, address.country)[:20]
    if code == address.postal_code:
        return address
    return msgspec.structs.replace(address, postal_code=code)


def exempt_by(customer: CustomerFacts | None, country: str) -> int | None:
    """The id of what exempts a customer's orders to a country from tax."""
    exempt = (customer.exempt if customer else None) or ()
    return next((pk for pk, where in exempt if where == country), None)


def rates_to(country: str, region: str, taxes: Sequence[TaxFacts]) -> dict[str, Decimal]:
    """The rates for a destination by tax class: the region's own, else the country's; none is nought."""
    rates: dict[str, Decimal] = {}
    own: dict[str, Decimal] = {}
    for tax in taxes:
        if tax.country == country and not tax.region:
            rates[tax.tax_class] = tax.rate
        elif tax.country == country and tax.region == region:
            own.setdefault(tax.tax_class, tax.rate)
    return rates | own


def served_by(order: IncomingOrder, facts: Facts) -> ServiceFacts:
    """The shipping service of an order: the one it names, else the channel's words for one of ours."""
    if order.shipping_service in facts.services:
        return facts.services[order.shipping_service]
    wanted = getattr(order, "service_name", "").strip().casefold()
    by_name = {s.name.casefold(): s for s in facts.services.values()}
    by_code = {s.code.casefold(): s for s in facts.services.values()}
    if found := by_code.get(wanted) or by_name.get(wanted):
        return found
    return facts.services.get("standard") or next(iter(facts.services.values()), ANY_SERVICE)


def _line(line: IncomingLine, prepared: PreparedOrder) -> PreparedLine:
    sku = prepared.facts.skus.get(line.sku)
    rate = prepared.rates.get(sku.tax_class, ZERO) if sku else ZERO
    if not isinstance(line, ForeignLine):
        return _own_line(line, sku, rate, prepared)
    ours = _own_price(line, sku, rate, prepared) if sku else None
    return PreparedLine(line, sku, (), charged_tax_rate(line), ours=ours)


def _own_line(
    line: IncomingLine, sku: SkuFacts | None, rate: Decimal, prepared: PreparedOrder
) -> PreparedLine:
    """A line that we price: by the customer's group, and net where the customer is exempt from tax."""
    if sku is None:
        return PreparedLine(line, None, (), ZERO)
    facts, customer = prepared.facts, prepared.terms_of
    group = customer.group if customer else None
    listed: Sequence[tuple[int, Decimal]] = prices_for(sku, group)
    breaks, is_exempt = listed, prepared.exemption is not None
    if is_exempt:
        breaks = [(n, without_tax(amount, rate, facts)) for n, amount in listed]
    of_group = customer is not None and any(row[0] == group for row in sku.group_prices or ())
    return PreparedLine(
        line,
        sku,
        FREE if prepared.type_policy.is_free else breaks,
        ZERO if is_exempt else rate,
        (customer.group_code or "") if customer and of_group else "",
        has_price=bool(sku.prices or listed),
    )


def prices_for(sku: SkuFacts, group: int | None) -> list[tuple[int, Decimal]]:
    """What units cost a customer of a group: by its list for this channel, for all, else the channel's."""
    rows = [row for row in sku.group_prices or () if row[0] == group]
    own = [row for row in rows if not row[1]]
    return [(n, amount) for _g, _all, n, amount in own or rows] or sku.prices or []


def _own_price(
    line: ForeignLine, sku: SkuFacts, rate: Decimal, prepared: PreparedOrder
) -> Decimal | None:
    """Our own price of a unit that a channel sold, net of tax; None without one in the order's currency."""
    policy = prepared.facts.policy
    if not sku.prices or policy.currency != prepared.order.currency:
        return None
    together = line.quantity
    if len(sku.prices) > 1:
        together = sum(other.quantity for other in prepared.order.lines if other.sku == line.sku)
    price = unit_price(LineToPrice(line.sku, line.quantity, sku.prices, ZERO), together)
    return price / (1 + rate) if policy.includes_tax else price


def charged_tax_rate(line: ForeignLine) -> Decimal:
    """The rate that a foreign line's tax comes to."""
    net = line.subtotal - line.discount
    return min(Decimal("99.99999"), round(line.tax / net, 5)) if net > 0 else ZERO


def without_tax(amount: Decimal, rate: Decimal, facts: Facts) -> Decimal:
    """A price for somebody who is exempt: what is in it as tax is not theirs to pay."""
    return round(amount / (1 + rate), 4) if facts.policy.includes_tax else amount
