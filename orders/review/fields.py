"""Lists the fields that rules may ask of an order: one table of what each is called, and where its value is found.

Everything else follows from it: what conditions accept, the sample that expressions are tried on, the form of
rules, the facts of an order that is placed, and the SQL that finds them again later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from erp.shapes import Words
from orders.policies.custom_fields import as_facts
from orders.pricing.decisions.prices import PricedOrder
from orders.routing.decisions.warehouse import Route

IS_PROVEN = "customer_is_proven"  # what rules give goes by it
NUMBER, TEXT, NAMES, YES_NO = "number", "text", "names", "yes_no"


class OfLines(str):
    """An aggregate over the lines `x` of an order, and their SKUs `s`; `$quantity` is how many units a line has."""


class PlacedOrder(NamedTuple):
    """An order on its way in. `prepared` is the `PreparedOrder` of a higher room, `orders.placement`."""

    prepared: Any
    priced: PricedOrder
    route: Route
    findings: Sequence[Mapping[str, Any]]
    payment_status: str


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that may be asked of an order.

    label     what it is called in the form of rules and in their sentences
    kind      which operators it has, and what it is compared with
    example   a value that expressions are tried on before they are accepted
    placed    its value when the order is placed
    sql       the same later: an expression over the order `o`, the channel `c`, the address `a` and what was decided
              of it (`v` the review's inputs, `r` the routing's outcome), or over its lines; never null
    now       the same as the order is now, at the moment `n.at`; where it is left out, as it was placed
    is_count  a whole number
    by_clock  it changes although nothing happens
    """

    name: str
    label: Words
    kind: str
    example: Any
    placed: Callable[[PlacedOrder], Any]
    sql: str
    now: str = ""
    is_count: bool = False
    by_clock: bool = False


def _before(of: PlacedOrder) -> int:
    """How many orders the customer had placed before."""
    customer = of.prepared.customer_id
    return of.prepared.facts.placed_before.get(customer, 0) if customer else 0


def _sku_codes(of: PlacedOrder) -> set[str]:
    """What its SKUs are called: by us, or by its channel where nobody knows one."""
    return {
        known.sku.code if known.sku else getattr(known.line, "code", known.line.sku)
        for known in of.prepared.lines
    }


def _group(of: PlacedOrder) -> str:
    """The group whose terms the order has: of a customer who is proven."""
    customer = of.prepared.terms_of
    return (customer.group_code or "") if customer else ""


def _quantities(of: PlacedOrder) -> list[int]:
    return [line.quantity for line in of.prepared.order.lines]


_EARLIER = "SELECT {} FROM orders_order b WHERE b.customer_id = o.customer_id AND b.id < o.id"
_PAID_THEN = "coalesce((v.inputs -> 'asked' ->> 'paid')::numeric, 0)"

_ALL = (
    Field(
        "channel",
        _("Channel"),
        TEXT,
        "web",
        lambda of: of.prepared.channel.code,
        "c.code",
    ),
    Field(
        "type",
        _("Order type"),
        TEXT,
        "web",
        lambda of: of.prepared.order.type or of.prepared.facts.policy.order_type,
        "o.type",
    ),
    Field(
        "currency",
        _("Currency"),
        TEXT,
        "CNY",
        lambda of: of.prepared.order.currency,
        "o.currency",
    ),
    Field(
        "payment_method",
        _("Payment method"),
        TEXT,
        "prepaid",
        lambda of: of.prepared.order.payment.method,
        "o.payment_method",
    ),
    Field(
        "service",
        _("Shipping service"),
        TEXT,
        "standard",
        lambda of: of.prepared.service.code,
        "o.shipping_service",
    ),
    Field(
        "country",
        _("Country"),
        TEXT,
        "CN",
        lambda of: of.prepared.order.shipping_address.country,
        "coalesce(a.country, o.country)",
    ),
    Field(
        "region",
        _("Region"),
        TEXT,
        "",
        lambda of: of.prepared.order.shipping_address.region,
        "coalesce(a.region, '')",
    ),
    Field(
        "city",
        _("City"),
        TEXT,
        "",
        lambda of: of.prepared.order.shipping_address.city,
        "coalesce(a.city, '')",
    ),
    Field(
        "postal_code",
        _("Postal code"),
        TEXT,
        "",
        lambda of: of.prepared.order.shipping_address.postal_code,
        "coalesce(a.postal_code, '')",
    ),
    Field(
        "total",
        _("Total"),
        NUMBER,
        Decimal("1.50"),
        lambda of: of.priced.total,
        "o.total",
    ),
    Field(
        "discount",
        _("Discount"),
        NUMBER,
        Decimal(0),
        lambda of: of.priced.discount,
        "o.discount",
    ),
    Field(
        "units",
        _("Units"),
        NUMBER,
        1,
        lambda of: sum(_quantities(of)),
        OfLines("coalesce(sum($quantity), 0)"),
        is_count=True,
    ),
    Field(
        "lines",
        _("Lines"),
        NUMBER,
        1,
        lambda of: len(of.prepared.order.lines),
        OfLines("count(*)"),
        is_count=True,
    ),
    Field(
        "largest_line",
        _("Units of the largest line"),
        NUMBER,
        1,
        lambda of: max(_quantities(of), default=0),
        OfLines("coalesce(max($quantity), 0)"),
        is_count=True,
    ),
    Field(
        "skus",
        _("SKUs"),
        NAMES,
        {"A"},
        _sku_codes,
        OfLines("coalesce(array_agg(x.sku_code::text), '{}')"),
    ),
    Field(
        "findings",
        _("Review findings"),
        NAMES,
        {"a"},
        lambda of: {finding["code"] for finding in of.findings},
        "ARRAY(SELECT x ->> 'code' FROM jsonb_array_elements(coalesce(v.inputs -> 'findings', '[]')) x)",
    ),
    Field(
        "backordered",
        _("Short of stock"),
        YES_NO,
        False,
        lambda of: bool(of.route.backordered),
        "coalesce(r.outcome -> 'short', '{}') <> '{}'",
        now=OfLines("coalesce(sum(x.quantity_backordered), 0) > 0"),
    ),
    Field(
        "customer_orders",
        _("Previous orders of the customer"),
        NUMBER,
        0,
        _before,
        f"({_EARLIER.format('count(*)')})",
        is_count=True,
    ),
    Field(
        "customer_is_new",
        _("First order of the customer"),
        YES_NO,
        True,
        lambda of: _before(of) == 0,
        f"NOT EXISTS ({_EARLIER.format('1')})",
    ),
    Field(
        "payment_status",
        _("Payment state"),
        TEXT,
        "paid",
        lambda of: of.payment_status,
        f"CASE WHEN v.inputs IS NULL THEN o.payment_status WHEN {_PAID_THEN} >= o.total THEN 'paid'"
        f" WHEN {_PAID_THEN} > 0 THEN 'part_paid' ELSE 'unpaid' END",
        now="o.payment_status",
    ),
    Field(
        "tags",
        _("Tags"),
        NAMES,
        {"a"},
        lambda of: set[str](),
        "'{}'::text[]",
        now="o.tags::text[]",
    ),
    Field(
        "hours_waiting",
        _("Hours since it was placed"),
        NUMBER,
        0,
        lambda of: 0,
        "0",
        now="floor(extract(epoch FROM n.at - o.placed_at) / 3600)",
        is_count=True,
        by_clock=True,
    ),
    Field(
        "customer_group",
        _("Customer group"),
        TEXT,
        "",
        _group,
        "coalesce((SELECT g.code FROM orders_customer k JOIN orders_customergroup g ON g.id = k.group_id"
        " WHERE k.id = o.customer_id AND o.customer_proof <> ''), '')",
    ),
    Field(
        IS_PROVEN,
        _("Customer is verified"),
        YES_NO,
        True,
        lambda of: bool(of.prepared.recognised.proof),
        "o.customer_proof <> ''",
    ),
    Field(
        "custom",
        _("Custom fields (field=value)"),
        NAMES,
        {"a=1"},
        lambda of: as_facts(of.prepared.order.metadata),
        "ARRAY(SELECT x.key || '=' || coalesce(x.value, '') FROM jsonb_each_text(o.metadata) x)",
    ),
    Field(
        "weight_g",
        _("Weight (g)"),
        NUMBER,
        1,
        lambda of: sum(x.sku.weight_g * x.line.quantity for x in of.prepared.lines if x.sku),
        OfLines("coalesce(sum($quantity * s.weight_g), 0)"),
        is_count=True,
    ),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _ALL}
