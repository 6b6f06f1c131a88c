"""All pages of every list, in every order it offers, hold each row exactly once: with nulls and with ties."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, models, transaction

from erp.api import endpoint
from erp.jobs.models import Job, JobFile
from erp.jobs.runner import work
from erp.keyset import decode_cursor, encode_cursor, first_full_page
from erp.lists.page import Asked, list_by_name
from erp.wiring import LISTS
from orders.models import Order
from orders.placement.api import SORTS
from tests.conftest import order_body
from tests.contract.operations import OPERATIONS, call, filled

ROWS, PER_PAGE = 60, 7
START = datetime(2026, 3, 1, tzinfo=UTC)


def orders_of(name: str) -> Iterator[tuple[str, ...]]:
    """The orders that a list page offers: its own, and each heading both ways."""
    page = list_by_name(name)
    yield tuple(page.order)
    for heading in page.sorts:
        for sort in (heading, f"-{heading}"):
            yield tuple(page.order_of(Asked({}, sort=sort)))


PAGES = [(name, order) for name in LISTS for order in orders_of(name)]


def value_of(field: "models.Field[Any, Any]", n: int, chance: random.Random) -> object:
    """One of few values, so that there are ties; null where the field may be; of a key its own."""
    if field.primary_key or field.unique:
        return n if not isinstance(field, models.CharField) else f"K{chance.random():.9f}"
    if field.null and chance.random() < 0.4:
        return None
    few = chance.randrange(4)
    if isinstance(field, models.DateTimeField):
        return START + timedelta(microseconds=few)
    if isinstance(field, models.DateField):
        return START.date() + timedelta(days=few)
    return f"v{few}" if isinstance(field, models.CharField | models.TextField) else few


def stand_in(model: type[models.Model], order: tuple[str, ...], seed: int) -> None:
    """Put before a model's table one of the same columns, of rows that hold nothing but what they are sorted by."""
    chance, table = random.Random(seed), connection.ops.quote_name(model._meta.db_table)
    fields = {model._meta.pk} | {
        model._meta.get_field(name.removeprefix("-").removesuffix("_id")) for name in order
    }
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {table} (LIKE public.{table}) ON COMMIT DROP")
        for field in model._meta.concrete_fields:
            if field not in fields:
                column = connection.ops.quote_name(field.column)
                cursor.execute(f"ALTER TABLE {table} ALTER {column} DROP NOT NULL")
        names = ", ".join(f'"{field.column}"' for field in fields)
        places = ", ".join(["%s"] * len(fields))
        for n in range(1, ROWS + 1):
            values = [value_of(field, n, chance) for field in fields]
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)


def walked(rows: models.QuerySet[Any], order: tuple[str, ...]) -> list[int]:
    """The keys of all rows, page after page."""
    found: list[int] = []
    before: list[object] = []
    while len(found) <= ROWS:
        page = first_full_page([rows], order, before, PER_PAGE)
        found += [row["pk"] for row in page[:PER_PAGE]]
        if len(page) <= PER_PAGE:
            return found
        before = decode_cursor(encode_cursor(order, page[PER_PAGE - 1]), order, rows)
    return found


def check_pages(model: type[models.Model], order: tuple[str, ...], seed: int) -> None:
    stand_in(model, order, seed)
    rows = model._base_manager.values("pk", *{name.removeprefix("-") for name in order})
    assert walked(rows, order) == [row["pk"] for row in rows.order_by(*order)]
    assert rows.count() == ROWS


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("name", "order"), PAGES, ids=str)
def test_all_pages_of_a_list_page(name, order, seed, sign_in):
    check_pages(list_by_name(name).rows(sign_in().actor).model, order, seed)


LISTED = [one for one in OPERATIONS if one.method == "get" and "cursor" in one.in_query]


@pytest.mark.django_db
@pytest.mark.parametrize("operation", LISTED, ids=lambda one: one.name)
def test_all_pages_of_an_operation(operation, api, world, monkeypatch):
    """Which order its rows have is overheard."""
    heard: list[tuple[type[models.Model], tuple[str, ...]]] = []

    def listening(ways, order, before, count):
        ways = list(ways)
        heard.extend((rows.model, tuple(order)) for rows in ways)
        return first_full_page(ways, order, before, count)

    monkeypatch.setattr(endpoint, "first_full_page", listening)
    path = filled(operation.path, world.named)
    for sort in SORTS if "sort" in operation.in_query else [""]:
        answer = call(api, operation, f"{path}?sort={sort}" if sort else path, "", "")
        assert answer.status_code == 200, answer.content
    assert heard or answer.json()["data"] == []
    for seed, (model, order) in enumerate(dict.fromkeys(heard)):
        with transaction.atomic():
            check_pages(model, order, seed)
            transaction.set_rollback(True)


@pytest.fixture
def dated(api, shop):
    """Orders of which some have no day to ship by, and some the same."""
    numbers = [api.post("orders", order_body()).json()["number"] for _ in range(9)]
    for n, number in enumerate(numbers):
        Order.objects.filter(number=number).update(
            ship_by=None if n % 3 == 0 else START + timedelta(days=n % 2)
        )
    return numbers


@pytest.mark.django_db
@pytest.mark.parametrize("sort", ["ship_by", "-ship_by"])
def test_the_pages_of_orders_by_their_day_go_past_those_without_one(
    dated, sort, sign_in, monkeypatch
):
    monkeypatch.setattr("erp.web.list_page.PER_PAGE", 2)
    browser, address, seen = sign_in(), f"/orders/?sort={sort}", list[str]()
    while address:
        page = browser.get(address)
        seen += [row["name"] for row in page.context["table"]]
        older = page.context["older"]
        address = f"/orders/{older}" if older else ""
        assert len(seen) < 20
    assert sorted(seen) == sorted(dated)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sort", ["ship_by", "-ship_by"])
def test_an_export_goes_past_those_without_a_day(dated, sort, sign_in, monkeypatch):
    monkeypatch.setattr("erp.jobs.runner.EXPORTED_AT_ONCE", 2)
    browser = sign_in()
    assert browser.post("/lists/orders/export/", {"query": f"sort={sort}"}).status_code < 400
    job = Job.objects.get()
    Job.objects.update(status="running")
    while work(job.pk):
        pass
    text = "".join(bytes(p.content).decode() for p in JobFile.objects.filter(job=job))
    assert all(text.count(number) == 1 for number in dated), text
