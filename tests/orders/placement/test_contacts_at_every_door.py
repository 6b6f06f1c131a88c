"""A phone that is nobody's and an address without its postal code are found alike, whatever door they came by."""

import csv
import io

import msgspec
import pytest

from orders.customers.contacts import Address, Buyer, contacts_of
from orders.intake.inbox.tasks import read_some
from orders.models import ChannelPolicy, Order
from tests.conftest import HOME, order_body
from tests.orders.forms import desk_form
from tests.orders.intake.files.test_order_files import file_channel, hand_over, mapping, run_jobs
from tests.orders.intake.mail.test_letters import LETTER, mail
from tests.orders.intake.mutations import FIELDS, as_edifact, as_ubl, as_x12

__all__ = ["file_channel"]


def body_with(phone, code):
    return order_body(shipping_address={**HOME, "phone": phone, "postal_code": code})


def by_api(at, phone, code):
    return at.api.post("orders", body_with(phone, code))


def in_bulk(at, phone, code):
    return at.api.post("orders/bulk", {"orders": [body_with(phone, code)]})


def by_page(at, phone, code):
    return desk_form(at.sign_in(), phone=phone, email="li@tea.example", postal_code=code)


def by_draft(at, phone, code):
    at.api.client.post("/api/v1/channels/web/messages", mail(LETTER), content_type="message/rfc822")
    while read_some():
        pass
    (row,) = at.api.get("drafts", status="open").json()["data"]
    return at.api.post(f"drafts/{row['id']}/place", body_with(phone, code))


def by_file(at, phone, code):
    row = {
        "order number": "F-1", "date": "2026-08-01 09:00:00", "shipping name": "李娜", "phone": phone,
        "address1": "南京西路1号", "city": "上海市", "zip": code, "country": "CN", "sku": "MUG-001", "quantity": "1",
        "unit price": "25.00",
    }  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([list(row), list(row.values())])
    client = at.sign_in()
    answer = client.post(hand_over(client, text.getvalue()), mapping(text.getvalue(), verb="take"))
    run_jobs()
    return answer


def by_message(write, phone_mark):
    def hand(at, phone, code):
        body = write({**FIELDS, "code": code, "currency": "CNY"}).decode()
        answer = at.api.client.post(
            "/api/v1/channels/web/messages",
            phone_mark(body, phone).encode(),
            content_type="application/octet-stream",
        )
        while read_some():
            pass
        return answer

    return hand


DOORS = {
    "api": by_api,
    "bulk": in_bulk,
    "page": by_page,
    "draft": by_draft,
    "file": by_file,
    "x12": by_message(as_x12, lambda body, phone: body.replace("EM*ann@", f"TE*{phone}*EM*ann@")),
    "edifact": by_message(as_edifact, lambda body, phone: body.replace("COM+ann", f"COM+{phone}:TE'COM+ann")),
    "ubl": by_message(
        as_ubl, lambda body, phone: body.replace("<Contact>", f"<Contact><Telephone>{phone}</Telephone>")
    ),
}  # fmt: skip


@pytest.fixture
def at(api, sign_in, shop, file_channel):
    from types import SimpleNamespace

    ChannelPolicy.objects.update(review="hold")
    return SimpleNamespace(api=api, sign_in=sign_in)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("phone", "code", "found"),
    [
        ("12", "200040", "phone_doubtful"),
        ("", "", "postal_code_missing"),
        ("", "\u200b", "postal_code_missing"),
    ],
)
def test_the_same_is_found_at_every_door(at, door, phone, code, found):
    answer = DOORS[door](at, phone, code)
    order = Order.objects.latest("pk")
    said = {*order.holds.values_list("reason", flat=True)}
    assert found in said, (said, answer.content[:500])


@pytest.mark.parametrize(
    ("phones", "is_doubtful"),
    [
        (("", ""), False),
        (("12", ""), True),
        (("", "12"), True),
        (("+8613812345678", "12"), True),
        (("12", "+8613812345678"), True),
        (("+8613812345678", "138****1234"), False),
        (("+8613812345678", "030 1234567"), False),  # of another country, maybe
        (("\u200b", ""), False),
        ((" ", "\u3000"), False),
    ],
)
def test_each_phone_is_looked_at(phones, is_doubtful):
    to = msgspec.convert({**HOME, "phone": phones[0]}, Address)
    assert contacts_of(Buyer(phone=phones[1]), to).phone_is_doubtful is is_doubtful
