"""Order entry at the phone desk: look-ups, the live quote, placing once."""

import pytest

from orders.models import Order
from tests.conftest import order_body

pytestmark = pytest.mark.django_db


FORM = {
    "token": "t0",
    "channel": "desk",
    "service": "standard",
    "payment": "on_account",
    "name": "王娜",
    "phone": "13812345678",
    "email": "",
    "line1": "文三路 1 号",
    "line2": "",
    "postal_code": "310000",
    "city": "杭州市",
    "region": "浙江省",
    "country": "CN",
    "sku": ["TEA-001", "MUG-001", ""],
    "quantity": ["2", "1", "1"],
    "note": "rings twice",
}


def test_an_order_by_phone_is_placed_once(sign_in, laws_hold):
    client = sign_in("service")
    page = client.get("/orders/new/").content.decode()
    assert 'name="token"' in page

    first = client.post("/orders/new/", FORM)
    again = client.post("/orders/new/", FORM)

    order = Order.objects.get()
    assert first["Location"] == again["Location"] == f"/orders/{order.number}/"
    assert (order.channel.code, order.payment_method, order.note) == (
        "desk",
        "on_account",
        "rings twice",
    )
    assert [
        (line.sku_code, line.quantity_ordered) for line in order.lines.order_by("position")
    ] == [("TEA-001", 2), ("MUG-001", 1)]
    laws_hold()


def test_an_order_is_copied_with_a_link_to_its_source(sign_in, api, laws_hold):
    client = sign_in("service")
    number = api.post("orders", order_body(note="Ring twice")).json()["number"]
    assert f"/orders/new/?copy={number}" in client.get(f"/orders/{number}/").content.decode()

    page = client.get(f"/orders/new/?copy={number}").content.decode()
    for said in (
        "TEA-001",
        "MUG-001",
        "南京西路 1 号",
        "Ring twice",
        f'name="copy" value="{number}"',
    ):
        assert said in page
    assert number not in sign_in("picker").get(f"/orders/new/?copy={number}").content.decode()

    answer = client.post("/orders/new/", FORM | {"copy": number})
    copy = Order.objects.latest("pk")
    assert answer["Location"] == f"/orders/{copy.number}/"
    assert copy.metadata == {"copied_from": number}
    assert f"/orders/{number}/" in client.get(answer["Location"]).content.decode()
    laws_hold()


def test_the_quote_is_what_placing_decides(sign_in):
    client = sign_in("service")
    quote = client.post(
        "/orders/new/quote/", FORM | {"quantity": ["2", "90", "1"]}
    ).content.decode()
    assert "50 short" in quote
    typing = client.post(
        "/orders/new/quote/", FORM | {"sku": ["TEA-001", "MU", ""]}
    ).content.decode()
    assert "Not a SKU: MU" in typing
    assert "error" not in typing
    client.post("/orders/new/", FORM)
    order = Order.objects.get()
    quote = client.post("/orders/new/quote/", FORM).content.decode()
    assert f"{order.total:.2f}" in quote
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sku": ["NOPE"], "quantity": ["1"]}, "NOPE"),
        ({"sku": [], "quantity": []}, "Add at least one line"),
        ({"quantity": ["0", "1", "1"]}, "quantity"),
        ({"quantity": ["x", "1", "1"]}, "quantity"),
        ({"country": "XX"}, "country"),
        ({"service": "rocket"}, "service"),
        ({"email": "nobody"}, "e-mail"),
        ({"channel": "none"}, "Choose a channel"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(sign_in, change, says):
    answer = sign_in("service").post("/orders/new/", FORM | change)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert says.lower() in page.lower()
    assert "文三路 1 号" in page
    assert not Order.objects.exists()


def test_customers_and_skus_are_found_as_one_types(sign_in, api):
    api.post("orders", order_body())
    client, analyst = sign_in("service"), sign_in("analyst")

    found = client.get("/orders/new/customers/", {"q": "5678"}).content.decode()
    assert 'data-name="李娜"' in found
    assert 'data-city="上海市"' in found
    assert 'data-sku="TEA-001"' in client.get("/orders/new/skus/", {"q": "green"}).content.decode()
    assert "38 available" in client.get("/orders/new/skus/", {"q": "tea"}).content.decode()
    assert analyst.get("/orders/new/").status_code == 403
