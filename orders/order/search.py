"""Finds orders and customers by what somebody typed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from django.db import connection, transaction
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from erp import search
from erp.access.models import Channel
from erp.keyset import after
from orders.order.models.order import Order, OrderLine, OrderSearch

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
    before: Sequence[object] = (),
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


def _ids_with_sku(code: str) -> QuerySet[OrderLine, object]:
    return OrderLine.objects.filter(sku__code=code).values("order_id")


def searched(
    orders: QuerySet[Order], text: str, *, before: Sequence[object] = (), page: int = 101
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


def _among(sql: str, parameters: list[object]) -> object:
    return RawSQL(f"orders_order.id = ANY (ARRAY({sql}))", parameters, output_field=BooleanField())


def with_sku(
    orders: QuerySet[Order], code: str, *, before: Sequence[object] = ()
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


def _newest(orders: QuerySet[Order], before: Sequence[object]) -> QuerySet[Order, object]:
    """The ids of the newest few thousand of these orders, from the cursor on."""
    later = orders.filter(after(NEWEST_FIRST, before)) if before else orders
    return later.order_by(*NEWEST_FIRST).values("id")[:NEWEST]


def on_channel(orders: QuerySet[Order], code: str) -> QuerySet[Order]:
    """Orders of a channel, its id looked up first so that the channel's own index is used."""
    return orders.filter(channel=Channel.objects.filter(code=code).values("pk")[:1])
