"""Changing an order in place: conflicts show both values, nothing is overwritten unseen."""

import re

import pytest
from django.utils import timezone

from orders.changes.actions.edit import rewrite_contact
from orders.models import Hold, Order, OrderAddress, OrderEvent
from tests.conftest import order_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(api):
    return Order.objects.get(number=api.post("orders", order_body()).json()["number"])


def form(order, **changes):
    address = OrderAddress.objects.get(order=order, kind="shipping")
    fields = ("name", "phone", "email", "line1", "line2", "postal_code", "city")
    values = {f: getattr(address, f) for f in fields}
    return {f"was-{f}": v for f, v in values.items()} | values | changes


def test_the_address_changes_and_is_found_anew(sign_in, order):
    client = sign_in("service")
    path = f"/orders/{order.number}/edit/address/"
    assert 'name="was-line1"' in client.get(path).content.decode()

    answer = client.post(path, form(order, name="欧阳修", line1="西湖区 9 号"))

    assert answer.status_code == 200
    assert "西湖区 9 号" in answer.content.decode()
    address = OrderAddress.objects.get(order=order, kind="shipping")
    assert (address.name, address.line1, address.country) == ("欧阳修", "西湖区 9 号", "CN")
    assert order.number in client.get("/orders/", {"q": "欧阳"}).content.decode()
    order.refresh_from_db()
    assert order.version == 2
    event = OrderEvent.objects.get(order=order, kind="edited")
    assert event.data == {"fields": ["line1", "name"]}  # no personal data in the ledger


def test_two_people_change_the_same_field(sign_in, order):
    mine, theirs = sign_in("service", "a"), sign_in("service", "b")
    path = f"/orders/{order.number}/edit/address/"
    seen = form(order)

    assert theirs.post(path, seen | {"line1": "Theirs 1"}).status_code == 200
    answer = mine.post(path, seen | {"line1": "Mine 2", "city": "苏州市"})

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Theirs 1" in page
    assert "Mine 2" in page
    address = OrderAddress.objects.get(order=order, kind="shipping")
    assert (address.line1, address.city) == (
        "Theirs 1",
        "上海市",
    )  # nothing of mine, not even the city
    again = seen | {"was-line1": "Theirs 1", "line1": "Mine 2", "city": "苏州市"}
    assert mine.post(path, again).status_code == 200
    address.refresh_from_db()
    assert (address.line1, address.city) == ("Mine 2", "苏州市")


def test_two_people_change_different_fields(sign_in, order):
    mine, theirs = sign_in("service", "a"), sign_in("service", "b")
    path = f"/orders/{order.number}/edit/address/"
    seen = form(order)

    assert theirs.post(path, seen | {"line2": "Room 8"}).status_code == 200
    assert mine.post(path, seen | {"city": "苏州市"}).status_code == 200
    address = OrderAddress.objects.get(order=order, kind="shipping")
    assert (address.line2, address.city) == ("Room 8", "苏州市")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("phone", "12"),
        ("name", ""),
        ("line1", " "),
        ("postal_code", "ABC"),
        ("city", "x" * 121),
    ],
)
def test_an_error_stays_beside_its_field(sign_in, order, field, value):
    client = sign_in("service")

    answer = client.post(f"/orders/{order.number}/edit/address/", form(order, **{field: value}))

    assert answer.status_code == 422
    assert f'id="edit-{field}-error"' in answer.content.decode()
    order.refresh_from_db()
    assert order.version == 1


def test_the_address_of_a_parcel_that_left_stays(sign_in, order):
    Order.objects.filter(pk=order.pk).update(fulfillment_status="fulfilled")
    answer = sign_in("service").post(
        f"/orders/{order.number}/edit/address/", form(order, city="苏州市")
    )

    assert answer.status_code == 409
    assert OrderAddress.objects.get(order=order, kind="shipping").city == "上海市"


def test_a_note_keeps_its_lines(sign_in, order):
    client = sign_in("service")
    path = f"/orders/{order.number}/edit/note/"
    client.post(path, {"was-note": "", "note": "one\r\ntwo"})
    order.refresh_from_db()
    assert order.note == "one\ntwo"
    client.post(path, {"was-note": "one\r\ntwo", "note": "three"})
    order.refresh_from_db()
    assert order.note == "three"


def test_comments_and_mentions(sign_in, order):
    writer, named = sign_in("service", "emma"), sign_in("finance", "zhou.min")
    path = f"/orders/{order.number}/"

    writer.post(f"{path}comment/", {"text": "@zhou.min please look; write to a@example.com"})
    assert "please look" in named.get("/").content.decode()
    page = named.get(path).content.decode()
    assert "please look" in page
    assert "please look" not in named.get("/").content.decode()  # looked at
    assert "please look" in named.get(f"{path}timeline/?timeline=comments").content.decode()
    assert "please look" not in named.get(f"{path}timeline/?timeline=money").content.decode()
    writer.post(f"{path}comment/", {"text": "@nobody hello"})
    writer.post(f"{path}comment/", {"text": "  "})

    from erp.comments.models import Comment

    assert Comment.objects.count() == 1


def test_who_else_looks_at_an_order(sign_in, order):
    mine, theirs = sign_in("service", "emma"), sign_in("service", "lucas")
    path = f"/orders/{order.number}/look/"

    theirs.post(path, {"editing": "1"})
    assert "Lucas is editing this" in mine.post(path).content.decode()
    assert "Emma is looking at this" in theirs.post(path).content.decode()


def test_a_hold_is_taken_back_from_its_toast(sign_in, order):
    client = sign_in("service")
    path = f"/orders/{order.number}/"
    client.post(f"{path}hold/", {"kind": "address", "reason": "earlier"})
    client.get(path)

    client.post(f"{path}hold/", {"kind": "customer", "reason": "by mistake"})
    undo = re.search(r'action="([^"]+release/\?hold=[^"]+)"', client.get(path).content.decode())
    client.post(undo[1])

    order.refresh_from_db()
    assert order.open_holds == 1
    assert Hold.objects.get(order=order, released_at=None).reason == "earlier"


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("GB", " sw1a1aa ", "SW1A 1AA"),
        ("CA", "k1a0b1", "K1A 0B1"),
        ("NL", "1012ab", "1012 AB"),
        ("DE", "D-10115", "10115"),
        ("JP", "１００－０００１", "100-0001"),
        ("SE", "SE-114 55", "114 55"),
        ("CN", "２００\u200b０４０", "200040"),
    ],
)
def test_an_edited_postal_code_is_kept_as_its_country_writes_it(
    sign_in, order, country, typed, kept
):
    OrderAddress.objects.filter(order=order).update(country=country, postal_code="")
    Order.objects.filter(pk=order.pk).update(country=country)
    path, client = f"/orders/{order.number}/edit/address/", sign_in("service")

    answer = client.post(path, form(order, postal_code=typed))

    address = OrderAddress.objects.get(order=order, kind="shipping")
    assert (answer.status_code, address.postal_code) == (200, kept)
    assert address.postal_code_typed == typed.strip()
    assert client.post(path, form(order, postal_code=typed)).status_code == 200
    order.refresh_from_db()
    assert order.version == 2  # the same code in another notation changes nothing


def test_a_channels_change_meets_a_code_in_its_countrys_notation(order, system):
    OrderAddress.objects.filter(order=order).update(country="GB", postal_code="SW1A 1AA")
    Order.objects.filter(pk=order.pk).update(country="GB")

    def change(was, wanted):
        said = [{"postal_code": x} for x in (was, wanted)]
        locked = Order.objects.get(pk=order.pk)
        return rewrite_contact(
            order=locked, was=said[0], wanted=said[1], by=system, now=timezone.now()
        )

    assert change("sw1a1aa", "sw1a2aa") == []
    address = OrderAddress.objects.get(order=order, kind="shipping")
    assert (address.postal_code, address.postal_code_typed) == ("SW1A 2AA", "sw1a2aa")
    assert change("ec1a1bb", "sw1a9zz") == ["postal_code"]
