"""The list engine: every list shows, narrows, sorts, saves views, chooses columns, counts."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_filters import DateFilter

from erp.errors import Invalid
from erp.lists.filters import Day, ListFilter
from erp.lists.page import list_by_name
from erp.wiring import LISTS
from orders.models import Order
from orders.order.filters import OrderFilter
from tests.conftest import order_body

pytestmark = pytest.mark.django_db


def shown(answer) -> list[str]:
    """The names of a list's rows, in their order."""
    return re.findall(r'class="main" href="[^"]*">([^<]*)<', answer.content.decode())


@pytest.fixture
def orders(api):
    """Three: confirmed, on hold, cancelled."""
    numbers = [api.post("orders", order_body()).json()["number"] for _ in range(3)]
    api.post(f"orders/{numbers[1]}/hold", {"kind": "address", "reason": "call"})
    api.post(f"orders/{numbers[2]}/cancel", {"reason": "asked"})
    return numbers


@pytest.mark.parametrize("name", LISTS)
def test_every_view_and_every_column_of_every_list(sign_in, orders, name):
    page, client = list_by_name(name), sign_in()
    every = [column.name for column in page.columns]
    client.post(f"/lists/{name}/columns/", {"column": every})

    for tab in page.tabs or [None]:
        answer = client.get(f"{page.path}?{tab.query if tab else ''}")
        assert answer.status_code == 200
    for column in page.sorts:
        for sort in (column, f"-{column}"):
            assert client.get(f"{page.path}?sort={sort}").status_code == 200
    counts = client.get(f"/lists/{name}/counts/").content.decode()
    assert counts.count("hx-swap-oob") == len(page.tabs)


def test_a_view_shows_what_it_names_and_nothing_else(sign_in, orders):
    client = sign_in()
    first, held, cancelled = orders

    assert shown(client.get("/orders/")) == [cancelled, held, first]
    assert shown(client.get("/orders/?hold=1")) == [held]
    assert shown(client.get("/orders/?status=cancelled")) == [cancelled]
    assert shown(client.get("/orders/?status=cancelled,pending")) == [cancelled]
    assert shown(client.get("/orders/?status=cancelled&status=confirmed")) == [
        cancelled,
        held,
        first,
    ]
    assert shown(client.get("/orders/?sort=placed")) == [first, held, cancelled]
    assert shown(client.get(f"/orders/?q={held}&status=confirmed")) == [held]
    counts = client.get("/lists/orders/counts/").content.decode()
    assert re.findall(r">([^<]+)</span>", counts) == ["3", "2", "1", "0", "0", "0", "0", "1"]


@pytest.mark.parametrize(
    "query", ["status=lost", "hold=maybe", "placed_from=tomorrow", "sort=colour"]
)
def test_a_filter_that_cannot_be_understood_is_refused_not_ignored(sign_in, orders, query):
    """A bulk action on "all that match" must never reach more than was meant."""
    client = sign_in()

    assert client.get(f"/orders/?{query}").status_code in {400, 422}
    asked = {"query": query, "all": "1", "verb": "cancel", "reason": "x"}
    client.post("/lists/orders/bulk/", asked)
    client.post("/lists/orders/export/", asked | {"format": "csv"})

    from erp.jobs.models import Job

    assert not Job.objects.exists()


def test_views_are_saved_for_oneself_or_the_team(sign_in, orders):
    mine, other = sign_in("service", "a"), sign_in("service", "b")
    asked = {"query": "status=cancelled", "name": "Gone"}

    mine.post("/lists/orders/views/", asked)
    assert "Gone" in mine.get("/orders/").content.decode()
    assert "Gone" not in other.get("/orders/").content.decode()
    mine.post("/lists/orders/views/", asked | {"name": "All gone", "team": "1"})
    assert "All gone" in other.get("/orders/").content.decode()

    from erp.models import SavedView

    team = SavedView.objects.get(is_team=True)
    other.post(f"/lists/orders/views/{team.pk}/delete/")
    assert SavedView.objects.count() == 2
    assert mine.post(f"/lists/customers/views/{team.pk}/delete/").status_code == 404
    assert SavedView.objects.count() == 2
    mine.post(f"/lists/orders/views/{team.pk}/delete/")
    assert SavedView.objects.get().name == "Gone"
    mine.post("/lists/orders/views/", asked)
    assert SavedView.objects.count() == 1


def test_columns_are_chosen_and_forgotten(sign_in, orders):
    client = sign_in()

    def heads():
        page = client.get("/orders/").content.decode()
        return re.findall(r'<th\s+scope="col"[^>]*>\s*(?:<a[^>]*>\s*)?([^<]*?)\s*<', page)

    before = heads()

    client.post("/lists/orders/columns/", {"column": ["total", "external_id", "nonsense"]})
    assert heads() == ["Order", "External number", "Total"]
    client.post("/lists/orders/columns/", {"reset": "1", "column": ["total"]})
    assert heads() == before


def test_who_may_not_know_customers_sees_none(sign_in, orders, api):
    number = orders[0]
    for role, may in (("service", True), ("picker", False)):
        client = sign_in(role)
        for path in ("/orders/", f"/orders/{number}/"):
            assert ("李娜" in client.get(path).content.decode()) == may, (role, path)
        assert ("南京西路" in client.get(f"/orders/{number}/").content.decode()) == may
        assert client.get(f"/orders/{number}/edit/address/").status_code == (200 if may else 403)


def test_a_page_takes_a_fixed_number_of_statements(sign_in, api, orders):
    client = sign_in()

    def statements():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get("/orders/")
        return len(caught)

    statements()  # the company's time zone is asked for once a minute
    few = statements()
    for _ in range(5):
        api.post("orders", order_body(lines=[{"sku": "TEA-001", "quantity": 1}]))
    assert statements() == few <= 9
    assert not any("COUNT(" in q["sql"].upper() for q in _queries(client))


def _queries(client):
    with CaptureQueriesContext(connection) as caught:
        client.get("/orders/")
    return caught.captured_queries


def test_a_mistyped_name_is_corrected(sign_in, api):
    from erp.once import perform
    from orders.customers.actions.name_words import learn_names

    number = api.post(
        "orders",
        order_body(customer={"name": "Sophie Martin", "email": "s.m@example.com", "phone": ""}),
    ).json()["number"]
    while perform(learn_names):
        pass
    client = sign_in()

    for typed in ("Sopihe Martin", "sophie matrin", "Sohpie", "Martn"):
        answer = client.get("/orders/", {"q": typed})
        assert shown(answer) == [number], typed
        assert "No results for" in answer.content.decode()
    assert shown(client.get("/orders/", {"q": "Wolfgang"})) == []
    assert shown(client.get("/customers/", {"q": "sohpie"})) == ["Sophie Martin"]


def test_the_palette_offers_places_and_what_is_found(sign_in, orders):
    client, picker = sign_in(), sign_in("picker")

    found = client.get("/palette/", {"q": orders[0]}).content.decode()
    assert f'data-url="/orders/{orders[0]}/"' in found
    assert 'data-url="/orders/new/"' in client.get("/palette/").content.decode()
    assert 'data-url="/orders/new/"' not in picker.get("/palette/").content.decode()
    assert "李娜" not in picker.get("/palette/", {"q": "李"}).content.decode()
    assert (
        'data-url="/inventory/MUG-001/"' in client.get("/palette/", {"q": "mug"}).content.decode()
    )


def test_a_barcode_or_tracking_number_jumps(sign_in, shop, api):
    shop.mug.barcode = "6901234567892"
    shop.mug.save()
    client = sign_in()

    assert client.get("/search/", {"q": "6901234567892"})["Location"] == "/inventory/MUG-001/"
    number = api.post("orders", order_body()).json()["number"]
    assert client.get("/search/", {"q": number.lower()})["Location"] == f"/orders/{number}/"
    assert Order.objects.count() == 1


@pytest.mark.parametrize("name", ["placed_from", "placed_to"])
@pytest.mark.parametrize("day", ["9999-12-31", "2200-01-01", "0001-01-01", "1899-12-31"])
def test_a_day_that_no_calendar_here_has_is_refused_by_name(name, day):
    """The day after 31 December 9999 was a 500."""
    with pytest.raises(Invalid) as refusal:
        OrderFilter({name: day}, queryset=Order.objects.all()).narrowed()
    assert refusal.value.errors[0].pointer == f"?{name}"


def test_days_are_asked_for_by_one_filter():
    plain = {
        (model.__name__, name)
        for model in ListFilter.__subclasses__()
        for name, each in model.base_filters.items()
        if isinstance(each, DateFilter) and not isinstance(each, Day)
    }
    assert plain == set()
