"""Finding orders and customers: one character, the end of a phone number, rare and common words."""

import pytest

from orders.customers.search import customers_found
from orders.order import search
from tests.conftest import order_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def placed(api):
    def place(name, **body):
        made = order_body()
        made["customer"] |= {"name": name}
        made["shipping_address"] |= {"name": name}
        made["lines"][0]["quantity"] = 1
        answer = api.post("orders", made | body)
        assert answer.status_code == 201, answer.content
        return answer.json()["number"]

    return place


def numbers(api, q, **query):
    answer = api.get("orders", q=q, **query)
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["data"]]


@pytest.mark.parametrize("newest", [3000, 0])
def test_what_people_type_finds_the_order(api, placed, monkeypatch, newest):
    monkeypatch.setattr(search, "NEWEST", newest)  # 0: by the index alone
    one = placed("欧阳修")
    two = placed("Sophie Martin")

    for text in ("欧", "阳修", "欧阳修", one, one.lower()):
        assert numbers(api, text) == [one], text
    for text in ("sophie", "Martin", "soph", "MARTIN sophie"):
        assert numbers(api, text) == [two], text
    assert numbers(api, "欧 sophie") == []
    assert numbers(api, "'; drop table") == []
    assert numbers(api, "--") == []
    assert numbers(api, "tea-001") == [two, one]


@pytest.mark.parametrize("newest", [3000, 2, 0])
def test_pages_of_a_search_miss_nothing(api, placed, monkeypatch, newest):
    monkeypatch.setattr(search, "NEWEST", newest)
    made = [placed("司马光" if n % 2 else "王安石") for n in range(8)]
    wanted = [number for n, number in enumerate(made) if n % 2][::-1]

    seen, cursor = [], {}
    while True:
        page = api.get("orders", q="司马", limit="1", **cursor).json()
        seen += [row["number"] for row in page["data"]]
        if not page["has_more"]:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert seen == wanted
    assert numbers(api, "司马", status="confirmed", sort="placed_at") == wanted[::-1]


@pytest.mark.parametrize("newest", [3000, 1])
def test_orders_with_a_sku_and_a_name(api, placed, monkeypatch, newest):
    monkeypatch.setattr(search, "NEWEST", newest)
    one, two = placed("诸葛亮"), placed("Sophie Martin")

    assert numbers(api, "", sku="TEA-001") == [two, one]
    assert numbers(api, "诸葛", sku="TEA-001") == [one]
    assert numbers(api, "诸葛", sku="NOPE") == []
    assert numbers(api, "诸葛", status="confirmed") == [one]
    assert numbers(api, "诸葛", status="cancelled") == []
    assert numbers(api, "", channel="web") == [two, one]
    assert api.get("orders", channel="elsewhere").status_code == 422


def test_a_customer_is_found_by_name_phone_and_email(shop, api, placed):
    placed("欧阳修")
    from orders.models import Customer

    for text in ("欧", "阳修"):
        ways = customers_found(Customer.objects.all(), {"q": text})
        assert [{c.name for c in way} for way in ways] == [{"欧阳修"}] * 2
