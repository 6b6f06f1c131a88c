"""Reading orders."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Count, Exists, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import TruncDate

from erp import search
from erp.access.models import Actor, Channel
from erp.api.keyset import after
from erp.errors import NotFound
from erp.ids import primary_key, public_id
from inventory.models import PurchaseLine
from inventory.queries import preferred_warehouse
from orders.decisions import backorders
from orders.decisions.backorders import Waiting
from orders.models import (
    ChannelOrder,
    ControlTotal,
    Customer,
    CustomerIdentity,
    Decision,
    Hold,
    IncomingMessage,
    Order,
    OrderAddress,
    OrderEvent,
    OrderLine,
    OrderLinePart,
    OrderSearch,
)
from orders.states import OPEN

ORDER_COLUMNS = (
    "id", "number", "external_id", "channel_id", "channel__code", "version", "status",
    "payment_status", "fulfillment_status", "return_status", "currency", "open_holds", "subtotal",
    "discount", "shipping", "tax", "total", "ship_by", "deliver_from", "deliver_by",
    "shipping_service", "payment_method", "note", "metadata", "placed_at", "updated_at", "customer_id",
)  # fmt: skip
LINE_COLUMNS = (
    "id", "order_id", "sku_code", "name", "quantity_ordered", "quantity_cancelled",
    "quantity_reserved", "quantity_backordered", "quantity_shipped", "quantity_delivered",
    "quantity_returned", "quantity_refunded", "unit_price", "subtotal", "discount", "tax", "total",
)  # fmt: skip


def orders_visible_to(actor: Actor) -> QuerySet[Order]:
    """The orders an actor may know of: a key's own channel, everything for staff."""
    if actor.channel_id is not None:
        return Order.objects.filter(channel_id=actor.channel_id)
    return Order.objects.all()


def find_order(actor: Actor, number: str) -> Order:
    """The order with this number, or public id; raises NotFound for anyone else's too."""
    pk = primary_key("ord", number)
    order = orders_visible_to(actor).filter(Q(pk=pk) if pk else Q(number=number)).first()
    if order is None:
        raise NotFound
    return order


def made_of(lines: Mapping[int, int | None]) -> dict[int, list[tuple[int, int]]]:
    """What leaves the shelf for one unit of order lines (SKU id by line id), by line id.

    (SKU id, units) of each part: the SKU itself, or a bundle's parts as they were when sold.
    """
    parts: dict[int, list[tuple[int, int]]] = {}
    rows = OrderLinePart.objects.filter(order_line_id__in=list(lines)).order_by("sku_id")
    for line, sku, units in rows.values_list("order_line_id", "sku_id", "quantity"):
        parts.setdefault(line, []).append((sku, units))
    return {line: parts.get(line, [(sku, 1)]) for line, sku in lines.items() if sku is not None}


def orders_at_risk(purchase_id: int) -> list[dict[str, Any]]:
    """Orders promised earlier than the goods of a purchase order come, that wait for these goods.

    Lines wait in the order they will be served (`orders.decisions.backorders`); what comes is
    taken by day. A row for each line that gets units of this purchase order after its ship-by:
    order_id, number, sku, quantity, ship_by, expected_on. Orders with the oldest promise first.
    """
    coming: dict[int, list[list[Any]]] = {}
    mine = PurchaseLine.objects.filter(purchase_id=purchase_id, quantity_incoming__gt=0)
    skus = list(mine.values_list("sku_id", flat=True))
    for line in (
        PurchaseLine.objects.filter(sku_id__in=skus, quantity_incoming__gt=0)
        .order_by("expected_on", "pk")
        .values_list("sku_id", "quantity_incoming", "expected_on", "purchase_id")
    ):
        coming.setdefault(line[0], []).append([line[1], line[2], line[3]])
    found: list[dict[str, Any]] = []
    for waiting in backorders.queue(waiting_lines(skus)):
        for sku, each in waiting.made_of:
            left = waiting.quantity * each
            for supply in coming.get(sku, []):
                taken = min(left, supply[0])
                supply[0] -= taken
                left -= taken
                late = waiting.ship_by and supply[1] and supply[1] > waiting.ship_by.date()
                if taken and late and supply[2] == purchase_id:
                    found.append(
                        {
                            "order_id": waiting.order_id, "sku": waiting.sku,
                            "quantity": -(-taken // each), "ship_by": waiting.ship_by,
                            "expected_on": supply[1],
                        }
                    )  # fmt: skip
    numbers = dict(
        Order.objects.filter(pk__in={row["order_id"] for row in found}).values_list(
            "pk", "number"
        )
    )
    return [row | {"number": numbers[row["order_id"]]} for row in found]


def waiting_lines(
    sku_ids: Collection[int], order_ids: Collection[int] | None = None
) -> list[Waiting]:
    """Lines of open orders that lack units of these SKUs, alone or in a bundle."""
    lines = (
        OrderLine.objects.filter(quantity_backordered__gt=0, order__status__in=OPEN)
        .filter(Q(sku_id__in=sku_ids) | Q(parts__sku_id__in=sku_ids))
        .select_related("order")
        .order_by("pk")
        .distinct()
    )
    if order_ids is not None:
        lines = lines.filter(order_id__in=order_ids)
    rows = list(lines)
    parts = made_of({line.pk: line.sku_id for line in rows})
    return [
        Waiting(
            line.pk, line.order_id, line.sku_code, line.quantity_backordered, line.order.ship_by,
            line.order.placed_at, line.order.country, tuple(parts[line.pk]),
        )
        for line in rows
    ]  # fmt: skip


def backordered_units(sku_ids: Collection[int] | None = None) -> dict[tuple[int, int], int]:
    """Units that waiting orders lack, bundles in parts, by (SKU id, warehouse id).

    Where they will leave from is decided when goods come; until then the preferred warehouse
    is taken, which is asked first then too. No `sku_ids`: of every SKU.
    """
    lines = OrderLine.objects.filter(quantity_backordered__gt=0, order__status__in=OPEN)
    rows = list(lines.values_list("pk", "sku_id", "quantity_backordered"))
    home = preferred_warehouse()
    if not rows or home is None:
        return {}
    parts = made_of({pk: sku for pk, sku, _units in rows})
    owed: dict[tuple[int, int], int] = {}
    for pk, _sku, units in rows:
        for part, each in parts[pk]:
            if sku_ids is None or part in sku_ids:
                owed[part, home] = owed.get((part, home), 0) + units * each
    return owed


def lacking(order_id: int) -> dict[int, int]:
    """Units that an open order waits for, bundles in parts, by SKU id."""
    lines = OrderLine.objects.filter(
        order_id=order_id, quantity_backordered__gt=0, order__status__in=OPEN
    )
    rows = list(lines.values_list("pk", "sku_id", "quantity_backordered"))
    parts = made_of({pk: sku for pk, sku, _units in rows}) if rows else {}
    found: dict[int, int] = {}
    for pk, _sku, units in rows:
        for part, each in parts[pk]:
            found[part] = found.get(part, 0) + units * each
    return found


def order_parts(orders: Sequence[dict[str, Any]]) -> tuple[dict[int, list], dict[int, list]]:
    """Lines and open holds of orders (rows with "id"), by order id, in two statements."""
    ids = [order["id"] for order in orders]
    lines: dict[int, list] = {pk: [] for pk in ids}
    holds: dict[int, list] = {pk: [] for pk in ids}
    rows = OrderLine.objects.filter(order_id__in=ids).order_by("order_id", "position")
    for line in rows.values(*LINE_COLUMNS):
        lines[line["order_id"]].append(line)
    with_holds = [order["id"] for order in orders if order["open_holds"]]
    if with_holds:
        open_holds = Hold.objects.filter(order_id__in=with_holds, released_at=None)
        for hold in open_holds.order_by("pk").values("id", "order_id", "kind", "reason"):
            holds[hold["order_id"]].append(hold)
    return lines, holds


def customer_ids_by_identity(text: str) -> list[int]:
    """Customers recognised by exactly this e-mail address or phone number."""
    return list(
        CustomerIdentity.objects.filter(value=text.strip().lower()).values_list(
            "customer_id", flat=True
        )
    )


def events_of(order_id: int) -> QuerySet[OrderEvent]:
    """The timeline of an order, oldest first, with who did each step."""
    return OrderEvent.objects.filter(order_id=order_id).select_related("by").order_by("pk")


def decisions_of(order_id: int) -> QuerySet[Decision]:
    """Every automatic judgement on an order, in the order they were made."""
    return Decision.objects.filter(order_id=order_id).order_by("pk")


def shipping_address(order_id: int) -> OrderAddress | None:
    """Where an order goes; None once erased."""
    return OrderAddress.objects.filter(order_id=order_id, kind="shipping").first()


NEWEST_FIRST = ("-placed_at", "-id")
NEWEST = 4000  # orders looked through before the whole index is asked
_NEWEST_FIRST = """
    SELECT order_id FROM (
        SELECT order_id, placed_at, words FROM orders_ordersearch WHERE (placed_at, order_id) < (%s, %s)
        ORDER BY placed_at DESC, order_id DESC LIMIT %s) newest
    WHERE words @@ %s::tsquery ORDER BY placed_at DESC, order_id DESC LIMIT %s
"""
_OF_SKU = "l.sku_id = (SELECT id FROM inventory_sku WHERE code = %s)"
_WITH_SKU = f"SELECT l.order_id FROM orders_orderline l WHERE {_OF_SKU}"
_NEWEST_WITH_SKU = f"""
    SELECT order_id FROM (
        SELECT order_id, words FROM orders_ordersearch WHERE (placed_at, order_id) < (%s, %s)
        ORDER BY placed_at DESC, order_id DESC LIMIT %s) newest
    WHERE words @@ %s::tsquery
    AND EXISTS (SELECT FROM orders_orderline l WHERE l.order_id = newest.order_id AND {_OF_SKU})
"""
_BY_INDEX = """
    WITH found AS MATERIALIZED (SELECT order_id, placed_at FROM orders_ordersearch WHERE words @@ %s::tsquery)
    SELECT order_id FROM found WHERE (placed_at, order_id) < (%s, %s)
    ORDER BY placed_at DESC, order_id DESC LIMIT %s
"""


def found(
    orders: QuerySet[Order],
    asked: Mapping[str, str],
    *,
    before: Sequence[Any] = (),
    page: int = 101,
    newest_first: bool = True,
) -> Iterable[QuerySet[Order]]:
    """Orders by what is costly to look for, `q` and `sku`: querysets to try in turn.

    newest_first    the order of the rows; in any other all that match are taken from the index
    """
    text, sku = asked.get("q", ""), asked.get("sku", "")
    if sku and (text or not newest_first):
        orders = orders.filter(pk__in=_ids_with_sku(sku))
    if not newest_first:
        return [_all_matching(orders, text)]
    if text:
        return searched(orders, text, before=before, page=page)
    return with_sku(orders, sku, before=before) if sku else [orders]


def _all_matching(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    if not text.strip():
        return orders
    query = search.query(text)
    everything = _among(_BY_INDEX, [query, "infinity", 0, None])
    return orders.filter(everything) if query else orders.none()


def _ids_with_sku(code: str) -> QuerySet[OrderLine, Any]:
    return OrderLine.objects.filter(sku__code=code).values("order_id")


def searched(
    orders: QuerySet[Order], text: str, *, before: Sequence[Any] = (), page: int = 101
) -> Iterator[QuerySet[Order]]:
    """Orders that a person means by `text`, as querysets to try in turn until a page is full.

    before   placed_at and id of the order that the page follows; empty for the first page
    page     how many rows are wanted

    A common word fills a page from the newest few thousand orders; a rare one is looked up in
    the index. Neither way alone is fast for both, and the planner cannot know which it is: two
    common words may meet nowhere. Ids are handed over as an array, which is never taken for a
    reason to walk through all orders.
    """
    asked = search.query(text)
    if not asked:
        yield orders.none() if text.strip() else orders
        return
    at, pk = before or ("infinity", 0)
    if not orders.query.where.children:
        yield orders.filter(_among(_NEWEST_FIRST, [at, pk, NEWEST, asked, page]))
        yield orders.filter(_among(_BY_INDEX, [asked, at, pk, page]))
        return
    # Among the newest that fulfil the other conditions; then nothing may be cut off.
    newest = _newest(orders, before)
    found = OrderSearch.objects.filter(
        RawSQL("words @@ %s::tsquery", [asked], output_field=BooleanField()), order__in=newest
    )
    yield orders.filter(
        pk__in=list(found.order_by("-placed_at", "-order").values_list("pk", flat=True)[:page])
    )
    if newest.count() == NEWEST:
        yield orders.filter(_among(_BY_INDEX, [asked, at, pk, None]))


def corrected(text: str) -> str:
    """What somebody probably meant who mistyped a name: "jonh smiht" is "john smith".

    "" when every word is known, or nothing is like it. Latin letters only: nobody mistypes one
    Chinese character by another that looks like it.
    """
    changed = False
    found = []
    for word in search.normal(text).split():
        alike = word
        if len(word) >= 4 and word.isascii() and word.isalpha():
            near = _alike(word)
            if near and word not in near:
                alike = next(iter(get_close_matches(word, near, n=1, cutoff=0.7)), word)
        changed = changed or alike != word
        found.append(alike)
    return " ".join(found) if changed else ""


def _alike(word: str) -> list[str]:
    """Known words that share letters with `word`; a transposition leaves few trigrams equal."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.similarity_threshold = 0.2")
        cursor.execute(
            "SELECT word FROM orders_nameword WHERE word %% %s ORDER BY similarity(word, %s) DESC LIMIT 60",
            [word, word],
        )
        return [found for (found,) in cursor.fetchall()]


def _among(sql: str, parameters: list[Any]) -> Any:
    return RawSQL(
        f"orders_order.id = ANY (ARRAY({sql}))", parameters, output_field=BooleanField()
    )


def with_sku(
    orders: QuerySet[Order], code: str, *, before: Sequence[Any] = ()
) -> Iterator[QuerySet[Order]]:
    """Orders with a line of this SKU, as `searched`: among the newest first, then among all.

    The words narrow the newest cheaply, the lines decide: another SKU may share a word.
    """
    if not orders.query.where.children:
        at, pk = before or ("infinity", 0)
        word = search.exactly(code)
        yield orders.filter(_among(_NEWEST_WITH_SKU, [at, pk, NEWEST, word, code]))
        yield orders.filter(_among(_WITH_SKU, [code]))
        return
    newest = _newest(orders, before)
    sql, parameters = newest.query.sql_with_params()
    yield orders.filter(
        _among(
            f"SELECT newest.id FROM ({sql}) newest, LATERAL (SELECT FROM orders_orderline l"
            f" WHERE l.order_id = newest.id AND {_OF_SKU} LIMIT 1) has",
            [*parameters, code],
        )
    )
    if newest.count() == NEWEST:
        yield orders.filter(_among(_WITH_SKU, [code]))


def _newest(orders: QuerySet[Order], before: Sequence[Any]) -> QuerySet[Order, Any]:
    """The ids of the newest few thousand of these orders, from the cursor on."""
    later = orders.filter(after(NEWEST_FIRST, before)) if before else orders
    return later.order_by(*NEWEST_FIRST).values("id")[:NEWEST]


def on_channel(orders: QuerySet[Order], code: str) -> QuerySet[Order]:
    """Orders of a channel, its id looked up first so that the channel's own index is used."""
    return orders.filter(channel=Channel.objects.filter(code=code).values("pk")[:1])


def customers_found(
    customers: QuerySet[Customer],
    asked: Mapping[str, str],
    *,
    before: Sequence[Any] = (),
    page: int = 101,
    newest_first: bool = True,
) -> list[QuerySet[Customer]]:
    """Customers that a person means by `q`: a name, the end of a phone number, an e-mail.

    As `searched`: querysets to try in turn, newest customers first.
    """
    text = asked.get("q", "")
    if not text.strip():
        return [customers]
    query = search.query(text)
    if not query:
        return [customers.none()]
    if not newest_first:  # all of them, from the index
        matching = RawSQL(
            "orders_customer.words @@ %s::tsquery", [query], output_field=BooleanField()
        )
        return [customers.filter(matching)]
    newest = "SELECT id, words FROM orders_customer WHERE id < %s ORDER BY id DESC LIMIT %s"
    every = "SELECT id FROM orders_customer WHERE words @@ %s::tsquery"
    last = (*before, 2**62)[0]
    ways: list[tuple[str, list[Any]]] = [
        (
            f"SELECT id FROM ({newest}) newest WHERE words @@ %s::tsquery ORDER BY id DESC LIMIT %s",
            [last, NEWEST, query, page],
        ),
        (
            f"WITH found AS MATERIALIZED ({every}) SELECT id FROM found WHERE id < %s"
            " ORDER BY id DESC LIMIT %s",
            [query, last, page],
        ),
    ]
    return [
        customers.filter(
            RawSQL(
                f"orders_customer.id = ANY (ARRAY({sql}))",
                parameters,
                output_field=BooleanField(),
            )
        )
        for sql, parameters in ways
    ]


def overdue(orders: QuerySet[Order], now: datetime) -> QuerySet[Order]:
    """Confirmed orders that should have left by now and have not."""
    return orders.filter(status="confirmed", ship_by__lt=now).exclude(
        fulfillment_status="fulfilled"
    )


def customers_visible_to(actor: Actor) -> QuerySet[Customer]:
    """The customers an actor may know of: for a key, those with an order on its channel."""
    customers = Customer.objects.filter(merged_into=None)
    if actor.channel_id is not None:
        there = Order.objects.filter(channel_id=actor.channel_id, customer=OuterRef("pk"))
        customers = customers.filter(Exists(there))
    return customers


def orders_named(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Orders as events name them, by primary key."""
    rows = Order.objects.filter(pk__in=ids).values_list("pk", "number", "external_id")
    return {
        pk: {"id": public_id("ord", pk), "number": number, "external_id": external}
        for pk, number, external in rows
    }


def channel_refund(order_id: int, key: str) -> tuple[Decimal, dict[int, int]]:
    """What a channel gave back by one of its refunds: the amount, and units by order line id."""
    told = ChannelOrder.objects.get(order_id=order_id)
    refund = told.refunds[key]
    lines = {
        name: pk
        for name, pk in OrderLine.objects.filter(order_id=order_id).values_list("key", "pk")
        if name
    }
    # JavaScript has rounded the ids in some bodies to the nearest double.
    rounded = {float(name): pk for name, pk in lines.items() if name.isdecimal()}
    units: dict[int, int] = {}
    for name, count in refund["units"].items():
        pk = lines.get(name) or (rounded.get(float(name)) if name.isdecimal() else None)
        if pk is not None and count > 0:
            units[pk] = units.get(pk, 0) + count
    return Decimal(refund["amount"]), units


def messages_visible_to(actor: Actor) -> QuerySet[IncomingMessage]:
    """What came in from channels, as far as an actor may know of it; without the bodies."""
    rows = IncomingMessage.objects.select_related("order").defer("body")
    if actor.channel_id is not None:
        return rows.filter(channel_id=actor.channel_id)
    return rows


def is_unmapped(line: OrderLine) -> bool:
    """Whether nobody has said yet which SKU a line is."""
    return line.sku_id is None and not line.is_service


def suggested_skus(lines: Sequence[OrderLine]) -> dict[int, str]:
    """For each line without a SKU the code of ours that is most like it, by line id; none where none is."""
    found: dict[int, str] = {}
    for line in lines:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT code FROM (
                    SELECT code, greatest(similarity(code, %(code)s), similarity(name, %(name)s), similarity(name_zh, %(name)s)) AS likeness
                    FROM inventory_sku WHERE is_active AND NOT is_service) known
                WHERE likeness > 0.35 ORDER BY likeness DESC, code LIMIT 1
                """,
                {"code": line.sku_code, "name": line.name},
            )
            if row := cursor.fetchone():
                found[line.pk] = row[0]
    return found


def control_sums(channel_id: int, begin: datetime, end: datetime) -> tuple[int, Decimal]:
    """How many of a channel's orders were placed in a span, and what they come to, by its own words."""
    rows = Order.objects.filter(
        channel_id=channel_id,
        placed_at__gte=begin,
        placed_at__lt=end,
        channel_order__isnull=False,
    )
    sums = rows.aggregate(count=Count("pk"), amount=Sum("total"))
    return sums["count"], sums["amount"] or Decimal(0)


def control_days(days: int = 14) -> list[dict[str, Any]]:
    """The proof by day and channel, the newest first: both counts and amounts, what was missing, what is."""
    rows: Any = (
        ControlTotal.objects.annotate(day=TruncDate("hour"))
        .values("day", "channel__name", "channel__currency")
        .annotate(
            theirs=Sum("theirs"), ours=Sum("ours"), theirs_amount=Sum("theirs_amount"),
            ours_amount=Sum("ours_amount"), missing=Sum("missing"),
            open_hours=Count("pk", filter=Q(settled_at=None)), checked_at=Max("checked_at"),
        )
        .order_by("-day", "channel__name")[: days * 20]
    )  # fmt: skip
    return list(rows)
