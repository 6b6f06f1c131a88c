"""Reads orders for pages, the API and other rooms."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from erp.access.models import Actor
from erp.access.queries import job_actor
from erp.api.values import stamp
from erp.errors import NotFound
from erp.ids import primary_key, public_id
from erp.names import name_in
from erp.verbs import allowed_verbs, startable_verbs
from erp.visible import identifier
from orders.customers.models import Customer, TermsProposal
from orders.customers.readers import (
    hold_without_others,
    reader_of,
    tells_of_others,
    without_others,
)
from orders.order.document import (
    OrderDocument,
    Row,
    line_columns,
    order_columns,
    order_document,
)
from orders.order.identities import identity_documents
from orders.order.models.adjustment import Adjustment
from orders.order.models.move import OrderMove
from orders.order.models.order import Hold, Order, OrderAddress, OrderLine, OrderLinePart
from orders.order.models.payment import Payment
from orders.order.models.timeline import Decision, OrderEvent
from orders.order.own_contacts import Told, naming_others, told_to
from orders.order.states import ENDED_UNSERVED, HAVE_MONEY, OPEN
from orders.policies.custom_fields import text_of
from orders.policies.models import CustomField, OrderType
from orders.policies.order_types import BUILT_IN, FREE, name_of_type


def orders_visible_to(actor: Actor) -> QuerySet[Order]:
    """The orders an actor may know of: a key's own channel, everything for staff."""
    if actor.channel_id is not None:
        return Order.objects.filter(channel_id=actor.channel_id)
    return Order.objects.all()


def find_order(actor: Actor, number: str) -> Order:
    """The order with this number, or public id; raises NotFound for anyone else's too."""
    number = identifier(number)
    pk = primary_key("ord", number)
    order = orders_visible_to(actor).filter(Q(pk=pk) if pk else Q(number=number)).first()
    if order is None:
        raise NotFound
    return order


def origins_of(order_id: int) -> dict[int, int]:
    """Which order lines that came from others belong to, as their channel knows it: order id by line id."""
    found: dict[int, int] = {}
    for move in OrderMove.objects.filter(target_id=order_id, undone_at=None).order_by("pk"):
        for row in move.moved["lines"]:
            line = row.get("part", row["id"])
            found[line] = origins_of(move.source_id).get(row["id"], move.source_id)
    return found


def adjustments_of(order_id: int) -> list[tuple[str, str, Decimal]]:
    """What promotions took off an order: (name in the reader's language, coupon, amount net of tax)."""
    language = get_language() or ""
    rows = (
        Adjustment.objects.filter(order_id=order_id)
        .values("promotion__name", "promotion__translations", "coupon")
        .annotate(off=Sum("amount"))
        .order_by("promotion__priority", "promotion__code")
    )
    return [
        (
            name_in(language, row["promotion__name"], row["promotion__translations"]),
            row["coupon"],
            row["off"],
        )
        for row in rows
    ]


def order_types() -> list[tuple[str, str]]:
    """Every type that orders can be of: (code, name in the reader's language)."""
    custom = {row.code: row.local_name for row in OrderType.objects.order_by("code")}
    return [(code, name_of_type(code, custom)) for code in dict.fromkeys((*BUILT_IN, *custom))]


def free_types() -> set[str]:
    """Codes of the types whose orders cost nothing."""
    changed = dict(OrderType.objects.values_list("code", "is_free"))
    return {code for code, is_free in (dict.fromkeys(FREE, True) | changed).items() if is_free}


def balance_of(order: Order) -> Decimal:
    """Return what is still to be paid of an order, net of refunds."""
    sums = Payment.objects.filter(order=order).aggregate(
        paid=Coalesce(Sum(F("captured") - F("refunded")), Decimal(0))
    )
    return order.total - Decimal(sums["paid"])


def order_parts(
    orders: Sequence[Row],
) -> tuple[dict[int, list[Row]], dict[int, list[Row]]]:
    """Lines and open holds of orders (rows with "id"), by order id, in two statements."""
    ids = [order["id"] for order in orders]
    lines: dict[int, list[Row]] = {pk: [] for pk in ids}
    holds: dict[int, list[Row]] = {pk: [] for pk in ids}
    rows = OrderLine.objects.filter(order_id__in=ids).order_by("order_id", "position")
    for line in rows.values(*line_columns()):
        lines[line["order_id"]].append(line)
    with_holds = [order["id"] for order in orders if order["open_holds"]]
    if with_holds:
        open_holds = Hold.objects.filter(order_id__in=with_holds, released_at=None)
        for hold in open_holds.order_by("pk").values("id", "order_id", "kind", "reason", "until"):
            holds[hold["order_id"]].append(hold)
    return lines, holds


def read_order(pk: int, actor: Actor) -> OrderDocument:
    """The document of one order, as an actor may see it."""
    row = orders_visible_to(actor).values(*order_columns()).get(pk=pk)
    lines, found = order_parts([row])
    holds = shown_holds(found, actor)
    return order_document(row, lines[pk], holds[pk], actor=actor, channel_code=row["channel__code"])


def shown_holds(holds: Mapping[int, Sequence[Row]], actor: Actor) -> dict[int, Sequence[Row]]:
    """Open holds by order id as an actor may see them: a key, without what they tell of customers of other channels."""
    telling = [pk for pk, rows in holds.items() if any(map(tells_of_others, rows))]
    withheld = naming_others(actor, telling)
    return {
        pk: [hold_without_others(row) for row in rows] if pk in withheld else rows
        for pk, rows in holds.items()
    }


def read_newest() -> str:
    """Read the newest order as the API shows it, and return its number; "" where there is none."""
    pk = Order.objects.order_by("-pk").values_list("pk", flat=True).first()
    return read_order(pk, job_actor("scheduler"))["number"] if pk else ""


def events_of(order_id: int) -> QuerySet[OrderEvent]:
    """The timeline of an order, oldest first, with who did each step."""
    return OrderEvent.objects.filter(order_id=order_id).select_related("by").order_by("pk")


def decisions_of(order_id: int) -> QuerySet[Decision]:
    """Every automatic judgement on an order, in the order they were made."""
    return Decision.objects.filter(order_id=order_id).order_by("pk")


def shown_decisions(order_id: int, actor: Actor) -> list[dict[str, object]]:
    """Why an order is as it is, as an actor may see it."""
    shown = without_others if naming_others(actor, [order_id]) else _as_it_is
    return [
        {
            "object": "decision",
            "kind": row.kind,
            "engine": row.engine,
            "inputs": shown(row.inputs),
            "candidates": shown(row.candidates),
            "outcome": shown(row.outcome),
            "reasons": shown(row.reasons),
            "counterfactual": shown(row.counterfactual),
            "at": stamp(row.at),
        }
        for row in decisions_of(order_id)
    ]


def shown_events(rows: Sequence[OrderEvent], actor: Actor) -> list[dict[str, object]]:
    """Steps of orders' timelines, as an actor may see them."""
    withheld = naming_others(actor, [row.order_id for row in rows])
    return [
        {
            "object": "order_event",
            "id": public_id("oev", row.pk),
            "kind": row.kind,
            "data": without_others(row.data) if row.order_id in withheld else row.data,
            "by": row.by.name,
            "at": stamp(row.at),
        }
        for row in rows
    ]


def _as_it_is(said: object) -> object:
    return said


def custom_fields_of(metadata: Mapping[str, object]) -> list[tuple[CustomField, str]]:
    """Return the custom fields with an order's values as text."""
    rows = CustomField.objects.filter(is_active=True).order_by("position", "code")
    return [(field, text_of(metadata.get(field.code))) for field in rows]


def shipping_address(order_id: int) -> OrderAddress | None:
    """Where an order goes; None once erased."""
    return OrderAddress.objects.filter(order_id=order_id, kind="shipping").first()


def overdue(orders: QuerySet[Order], now: datetime) -> QuerySet[Order]:
    """Confirmed orders that should have left by now and have not."""
    return orders.filter(status="confirmed", ship_by__lt=now).exclude(
        fulfillment_status="fulfilled"
    )


SOON = timedelta(hours=4)


def due_soon(orders: QuerySet[Order], now: datetime) -> QuerySet[Order]:
    """Confirmed orders that are promised to leave within four hours and have not."""
    return orders.filter(status="confirmed", ship_by__gte=now, ship_by__lt=now + SOON).exclude(
        fulfillment_status="fulfilled"
    )


def keeping_money(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Orders that ended unserved and have money of their customers' that has not gone back yet."""
    return orders.filter(status__in=ENDED_UNSERVED, payment_status__in=HAVE_MONEY, is_history=False)


def orders_named(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Orders as events name them, by primary key."""
    rows = Order.objects.filter(pk__in=ids).values_list("pk", "number", "external_id")
    return {
        pk: {"id": public_id("ord", pk), "number": number, "external_id": external}
        for pk, number, external in rows
    }


def made_of(lines: Mapping[int, int | None]) -> dict[int, list[tuple[int, int]]]:
    """What leaves the shelf for one unit of order lines (SKU id by line id), by line id.

    (SKU id, units) of each part: the SKU itself, or a bundle's parts as they were when sold.
    """
    parts: dict[int, list[tuple[int, int]]] = {}
    rows = OrderLinePart.objects.filter(order_line_id__in=list(lines)).order_by("sku_id")
    for line, sku, units in rows.values_list("order_line_id", "sku_id", "quantity"):
        parts.setdefault(line, []).append((sku, units))
    return {line: parts.get(line, [(sku, 1)]) for line, sku in lines.items() if sku is not None}


def waiting_for(sku_ids: Collection[int] | None, lines: Q | None = None) -> dict[int, int]:
    """Units of SKUs that open orders wait for, bundles in parts, by SKU id; summed by the database.

    sku_ids   of these; None: of every SKU
    lines     of these order lines alone
    """
    rows = OrderLine.objects.filter(
        lines or Q(), quantity_backordered__gt=0, order__status__in=OPEN
    ).order_by()
    of_part = F("quantity_backordered") * F("parts__quantity")
    plain = (
        rows.filter(parts=None).values_list("sku_id").annotate(units=Sum("quantity_backordered"))
    )
    bundled = (
        rows.filter(parts__isnull=False).values_list("parts__sku_id").annotate(units=Sum(of_part))
    )
    if sku_ids is not None:
        plain = plain.filter(sku_id__in=sku_ids)
        bundled = bundled.filter(parts__sku_id__in=sku_ids)
    found: dict[int, int] = {}
    for sku_id, units in (*plain, *bundled):
        found[sku_id] = found.get(sku_id, 0) + units
    return found


def lacking(order_id: int) -> dict[int, int]:
    """Return the units that an open order waits for, bundles in parts, by SKU id."""
    return waiting_for(None, Q(order_id=order_id))


def find_customer(actor: Actor, customer: str) -> Customer:
    """The customer of this public id that an actor may know of; raises NotFound."""
    rows = Customer.objects.all() if actor.channel_id is None else customers_visible_to(actor)
    found = rows.filter(pk=primary_key("cus", customer) or 0).first()
    if found is None:
        raise NotFound
    return found


def read_customer(pk: int, actor: Actor) -> dict[str, object]:
    """The document of one customer, with their terms, exemptions and merges.

    A channel's key is not told what the company agreed with customers whom other channels know as well: whoever names
    somebody's phone in an order has one with them.
    """
    row = Customer.objects.select_related("group").prefetch_related("identities").get(pk=pk)
    told = told_to(actor, [row])[pk]
    document = customer_document(row, actor, told) | {"identities": identity_documents(row, actor)}
    if told.is_shared:
        return document | {"allowed_actions": []}
    allowed = [verb.name for verb in allowed_verbs("customer", "", row, actor)]
    return {**document, **_agreed(row, actor), "allowed_actions": allowed}


def _agreed(row: Customer, actor: Actor) -> dict[str, object]:
    """What a customer is to the company: staff's note, terms, exemptions, merges."""
    merges = row.merges.filter(undone_at=None).order_by("pk").values_list("pk", "gone_id")
    reader = reader_of(actor)
    return {
        "note": row.note,
        "min_shelf_life_days": row.min_shelf_life_days,
        "group": row.group.code if row.group else None,
        "credit_limit": None if row.credit_limit is None else str(row.credit_limit),
        "payment_days": row.payment_days,
        "has_account": row.has_account,
        "exemptions": [
            {
                "id": public_id("exm", exemption.pk),
                "country": exemption.country,
                "tax_id": reader.number(exemption.tax_id),
                "valid_from": exemption.valid_from,
                "valid_until": exemption.valid_until,
            }
            for exemption in row.exemptions.order_by("country")
        ],
        "proposed_terms": [_proposed(proposal, actor) for proposal in proposed_terms(row)],
        "merges": [
            {"id": public_id("mrg", merge), "customer": public_id("cus", gone)}
            for merge, gone in merges
        ],
    }


def proposed_terms(customer: Customer) -> QuerySet[TermsProposal]:
    """Terms of a customer that wait for another person's approval, the oldest first."""
    rows = TermsProposal.objects.filter(customer=customer, status="waiting").order_by("pk")
    return rows.select_related("customer__group", "group", "by")


def _proposed(row: TermsProposal, actor: Actor) -> dict[str, object]:
    is_exemption = row.kind == TermsProposal.Kind.EXEMPTION
    terms: dict[str, object] = {
        "group": row.group.code if row.group else None,
        "credit_limit": None if row.credit_limit is None else str(row.credit_limit),
        "payment_days": row.payment_days,
        "has_account": row.has_account,
    }
    exemption: dict[str, object] = {
        "country": row.country,
        "tax_id": reader_of(actor).number(row.tax_id),
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
    }
    return {
        "id": public_id("trm", row.pk),
        "kind": row.kind,
        **(exemption if is_exemption else terms),
        "proposed_at": stamp(row.proposed_at),
        "allowed_actions": startable_verbs("terms_proposal", row.status, row, actor),
    }


def customer_documents(rows: Sequence[Customer], actor: Actor) -> list[dict[str, object]]:
    """Customers (identities fetched) in lists."""
    told = told_to(actor, rows)
    return [customer_document(row, actor, told[row.pk]) for row in rows]


def customer_document(row: Customer, actor: Actor, told: Told) -> dict[str, object]:
    """A customer, of whom an actor was told; masked for who does not see contacts."""
    reader = reader_of(actor)
    known = [(kind, reader.identity(kind, value)) for kind, value in told.known]
    return {
        "object": "customer",
        "id": public_id("cus", row.pk),
        "name": reader.name(told.name),
        "emails": [value for kind, value in known if kind == "email"],
        "phones": [value for kind, value in known if kind == "phone"],
        **({} if told.is_shared else {"is_blocked": row.is_blocked}),
        "created_at": stamp(row.created_at),
    }


def customers_visible_to(actor: Actor) -> QuerySet[Customer]:
    """The customers an actor may know of: for a key, those with an order on its channel."""
    customers = Customer.objects.filter(merged_into=None)
    if actor.channel_id is not None:
        there = Order.objects.filter(channel_id=actor.channel_id, customer=OuterRef("pk"))
        customers = customers.filter(Exists(there))
    return customers
