"""ShipStation's custom store: orders as its XML, what it shipped taken in once."""

import base64
from datetime import timedelta
from xml.etree.ElementTree import fromstring

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from fulfillment.models import Parcel
from fulfillment.tracking import shipstation_api
from orders.models import Order, OrderLine
from tests.conftest import order_body
from tests.data import SHARED

pytestmark = pytest.mark.django_db(transaction=True)


SAMPLE = SHARED / "marketplaces/shipstation-custom-store/orders-export.xml"


PATH = "/api/v1/channels/web/shipstation"


@pytest.fixture
def store(api):
    """Asks as ShipStation does, with an API key as the password."""
    key = api.client.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    pair = base64.b64encode(f"shipstation:{key}".encode()).decode()
    return Client(headers={"Authorization": f"Basic {pair}"})


def asked(**changes):
    now = timezone.now()
    span = {
        "start_date": f"{now - timedelta(hours=1):%m/%d/%Y %H:%M}",
        "end_date": f"{now + timedelta(hours=1):%m/%d/%Y %H:%M}",
    }
    return {"action": "export", "page": "1"} | span | changes


def names(element):
    return {element.tag, *(name for child in element for name in names(child))}


def test_orders_as_shipstation_reads_them(api, store):
    body = order_body(note="Ring <twice> & wait")
    number = api.post("orders", body).json()["number"]

    answer = store.get(PATH, asked())

    assert answer.status_code == 200
    (row,) = fromstring(answer.content)
    assert row.findtext("OrderNumber") == number
    assert row.findtext("CustomerNotes") == "Ring <twice> & wait"
    assert row.findtext("Customer/ShipTo/Name") == "李娜"
    order = Order.objects.get()
    assert row.findtext("OrderTotal") == f"{order.total:.2f}"
    assert [(i.findtext("SKU"), i.findtext("Quantity")) for i in row.iter("Item")] == [
        ("TEA-001", "2"),
        ("MUG-001", "1"),
    ]
    assert row.findtext("OrderStatus") == "paid"
    if SAMPLE.exists():
        optional = {
            "ImageUrl",
            "Location",
            "Options",
            "Option",
            "Value",
            "CustomField2",
            "CustomField3",
        }
        lacking = names(fromstring(SAMPLE.read_bytes())) - names(fromstring(answer.content))
        assert lacking <= optional | {"Adjustment"}


def test_pages_and_spans(api, store, monkeypatch):

    monkeypatch.setattr(shipstation_api, "PAGE", 2)
    for _ in range(3):
        api.post("orders", order_body())
    first, second = (fromstring(store.get(PATH, asked(page=str(n))).content) for n in (1, 2))
    assert (first.get("pages"), len(first), second.get("pages"), len(second)) == (
        "2",
        2,
        "2",
        1,
    )
    nothing = fromstring(store.get(PATH, asked(end_date="01/01/2020 00:00")).content)
    assert len(nothing) == 0


def test_what_it_shipped_is_shipped_here_once(api, store, laws_hold):
    number = api.post("orders", order_body()).json()["number"]
    said = "?action=shipnotify&order_number={}&carrier=USPS&service=Priority&tracking_number=9400"
    for _ in range(2):
        answer = store.post(PATH + said.format(number))
        assert answer.status_code == 200, answer.content

    parcel = Parcel.objects.get()
    assert (parcel.tracking_number, parcel.carrier) == ("9400", "USPS")
    order = fromstring(store.get(PATH, asked()).content)[0]
    assert order.findtext("OrderStatus") == "shipped"
    assert store.post(PATH + said.format("SO1")).status_code == 404
    laws_hold()


def notice(number: str, *items: tuple[str, str, object]) -> str:
    listed = "".join(
        f"<Item><LineItemID>{line}</LineItemID><SKU>{sku}</SKU><Quantity>{n}</Quantity></Item>"
        for line, sku, n in items
    )
    return f"<ShipNotice><OrderNumber>{number}</OrderNumber><Items>{listed}</Items></ShipNotice>"


@pytest.fixture
def notify(store):
    def say(number: str, tracking: str, body: str = "") -> int:
        query = f"?action=shipnotify&order_number={number}&carrier=USPS&tracking_number={tracking}"
        return store.post(PATH + query, body, content_type="application/xml").status_code

    return say


def shipped(number: str) -> list[int]:
    lines = Order.objects.get(number=number).lines.order_by("position")
    return list(lines.values_list("quantity_shipped", flat=True))


def test_a_notice_ships_what_it_lists_and_the_next_one_the_rest(api, notify, laws_hold):
    placed = api.post("orders", order_body()).json()
    number, (tea, mug) = placed["number"], (line["id"] for line in placed["lines"])

    first = notice(number, (tea, "TEA-001", 1), ("", "", 0))
    assert [notify(number, "SS1", first) for _ in range(2)] == [200, 200]
    assert shipped(number) == [1, 0]
    assert notify(number, "SS1", notice(number, (tea, "TEA-001", 2))) == 422
    assert notify(number, "SS2", notice(number, ("", "tea-001", "1.0"), (mug, "", 1))) == 200

    assert shipped(number) == [2, 1]
    assert sorted(Parcel.objects.values_list("tracking_number", flat=True)) == ["SS1", "SS2"]
    laws_hold()


def test_two_boxes_without_numbers_are_two_notices(api, notify):
    number = api.post("orders", order_body()).json()["number"]
    one = notice(number, ("", "TEA-001", 1))

    assert [notify(number, "", one), notify(number, "", one)] == [200, 200]
    assert shipped(number) == [1, 0]
    assert notify(number, "", one.replace("<Items>", "<NotifyDate>2</NotifyDate><Items>")) == 200
    assert shipped(number) == [2, 0]


def test_what_a_notice_says_that_cannot_be_ships_nothing(api, notify):
    number = api.post("orders", order_body()).json()["number"]
    for body in (
        "<ShipNotice>",
        "not xml",
        notice("SO999", ("", "TEA-001", 1)),
        notice(number, ("", "NOPE", 1)),
        notice(number, ("", "TEA-001", 1), ("", "", 1)),
        notice(number, ("", "TEA-001", 99)),
        notice(number),
        *(notice(number, ("", "TEA-001", n)) for n in ("two", "", "-1", "1.5", "9" * 30, "1e3")),
    ):
        assert notify(number, "SS", body) == 422, body
    assert notify(number, "9" * 400) == 422
    assert notify(number, "%00") == 400
    assert notify("%00", "SS") == 400
    assert shipped(number) == [0, 0]


@pytest.mark.parametrize(
    "items",
    [
        "<Items/>",
        "<Items></Items>",
        "<Items><Item><SKU>TEA-001</SKU><Quantity>0</Quantity></Item></Items>",
        "<Items><Item><Name>Discount</Name><Quantity>1</Quantity></Item></Items>",
        "<Items><Item><SKU>X</SKU><Adjustment>true</Adjustment></Item></Items>",
    ],
)
def test_items_without_goods_are_named_and_no_repetition_of_a_notice_without_items(
    api, store, notify, items
):
    """An empty list had the key of a notice that lists nothing, and was answered with its answer."""
    number = api.post("orders", order_body()).json()["number"]
    body = f"<ShipNotice><OrderNumber>{number}</OrderNumber>{items}</ShipNotice>"
    query = f"?action=shipnotify&order_number={number}&tracking_number=SS1"

    for has_shipped in (False, True):
        answer = store.post(PATH + query, body, content_type="application/xml")
        assert answer.status_code == 422, answer.content
        assert answer.json()["errors"][0]["pointer"] == "/Items"
        assert shipped(number) == ([2, 1] if has_shipped else [0, 0])
        assert notify(number, "SS1") == 200


def test_a_repeated_notice_is_answered_before_anything_is_looked_up(api, notify):
    placed = api.post("orders", order_body()).json()
    number = placed["number"]
    body = notice(number, ("", "TEA-001", 2))
    assert notify(number, "SS1", body) == 200
    said: list[str] = []

    def note(execute, sql, *rest):
        said.append(sql)
        return execute(sql, *rest)

    OrderLine.objects.filter(order__number=number).update(sku_code="RENAMED")
    with connection.execute_wrapper(note):
        assert notify(number, "SS1", body) == 200
    assert "erp_once_claim" in said[1]
    assert not any("orders_order" in sql for sql in said)


def test_bad_questions_and_strangers(api, store):
    assert store.get(PATH, asked(start_date="yesterday")).status_code == 422
    assert store.get(PATH, asked(action="delete")).status_code == 422
    assert store.get("/api/v1/channels/desk/shipstation", asked()).status_code == 404
    for header in ("", "Basic !!!", "Basic " + base64.b64encode(b"a:b").decode()):
        answer = Client(headers={"Authorization": header}).get(PATH, asked())
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "100000", "", "٣", "9" * 30])
def test_a_page_that_is_none_is_named(store, page):
    answer = store.get(PATH, asked(page=page))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/page"]
