"""Contacts are masked for those who need to recognise them only; who asks to see them is written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.access.models import Company
from erp.access.queries import actor_of_user
from erp.ids import public_id
from orders.customers.masking import masked_email, masked_name, masked_phone
from orders.models import IncomingMessage, Order, PersonalDataLook
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)


NAME, PHONE, EMAIL, STREET = "Sophie Martin", "13812345678", "sophie@tea.example", "南京西路1号"


SECRETS = (NAME, PHONE, EMAIL, STREET, "Sophie")


@pytest.fixture
def order(api):
    body = order_body(customer={"name": NAME, "email": EMAIL, "phone": PHONE})
    body["shipping_address"] |= {"name": NAME, "phone": PHONE, "line1": STREET}
    return Order.objects.get(number=api.post("orders", body).json()["number"])


def pages(order):
    customer = public_id("cus", order.customer_id)
    return (
        "/orders/",
        "/orders/review/",
        f"/orders/{order.number}/",
        "/customers/",
        f"/customers/{customer}/",
    )


def seen(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    text = answer.content.decode()
    return [secret for secret in SECRETS if secret in text]


def test_who_only_looks_sees_it_masked_everywhere(order, sign_in):
    analyst = sign_in("analyst")

    for path in pages(order):
        assert seen(analyst, path) == [], path
    assert "S* M*" in analyst.get(f"/orders/{order.number}/").content.decode()
    palette = analyst.get("/palette/", {"q": "sophie"}).content.decode()
    assert NAME not in palette
    assert analyst.post(f"/orders/{order.number}/reveal/").status_code == 403
    assert not PersonalDataLook.objects.exists()


def test_exports_are_masked_as_the_page_is(order, sign_in):
    from erp.lists.page import Column
    from orders.desk.lists.customers import CUSTOMERS
    from orders.desk.lists.orders import ORDERS

    for page, row in ((ORDERS, order), (CUSTOMERS, order.customer)):
        for role, clear in (("analyst", False), ("service", True)):
            actor = actor_of_user(sign_in(role, f"{page.name}-{role}").actor.user_id)
            columns: list[Column] = page.columns_for(actor)
            text = " ".join(
                str(c.exported(row)) for c in columns if c.name in {"customer", "name", "known_by"}
            )
            assert (NAME in text) is clear


def test_who_may_ask_is_shown_it_and_written_down(order, sign_in):
    finance = sign_in("finance")
    customer = public_id("cus", order.customer_id)
    assert seen(finance, f"/orders/{order.number}/") == []

    shown = finance.post(f"/orders/{order.number}/reveal/").content.decode()
    page = finance.post(f"/customers/{customer}/reveal/").content.decode()

    assert all(secret in shown for secret in SECRETS)
    assert NAME in page
    assert "sophie@tea.example" in page
    looks = list(PersonalDataLook.objects.order_by("pk").values_list("subject", "by"))
    assert looks == [
        (f"order:{order.pk}", finance.actor.pk),
        (f"customer:{order.customer_id}", finance.actor.pk),
    ]
    auditor = sign_in("auditor")
    log = auditor.get("/settings/looks/").content.decode()
    assert order.number in log
    assert "Finance" in log
    assert finance.get("/settings/looks/").status_code == 403


def test_the_log_cannot_be_changed(order, sign_in):
    from django.db import DatabaseError, transaction

    sign_in("finance").post(f"/orders/{order.number}/reveal/")
    with pytest.raises(DatabaseError), transaction.atomic():
        PersonalDataLook.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        PersonalDataLook.objects.update(why="x")


def test_service_sees_it_at_once_unless_the_company_masks_for_all(order, sign_in):
    service = sign_in("service")
    assert PHONE in seen(service, f"/orders/{order.number}/")

    Company.objects.update_or_create(pk=1, defaults={"masks_contacts": True})
    for path in pages(order):
        assert seen(service, path) == [], path
    found = service.get("/orders/new/customers/", {"q": "5678"}).content.decode()
    assert NAME not in found
    assert service.get("/orders/new/", {"copy": order.number}).content.decode().count(STREET) == 0

    form = service.get(f"/orders/{order.number}/edit/address/").content.decode()
    assert STREET in form  # who changes an address has to see it
    assert PersonalDataLook.objects.get().why == "edit"


def test_a_message_is_shown_to_who_asks(order, shop, sign_in):
    message = IncomingMessage.objects.create(
        channel=shop.web,
        source="shopify",
        topic="orders/create",
        delivery="d",
        body=EMAIL.encode(),
    )
    finance, path = sign_in("finance"), f"/orders/inbox/{message.pk}/"
    assert EMAIL not in finance.get(path).content.decode()

    assert EMAIL in finance.post(path).content.decode()
    assert PersonalDataLook.objects.get().subject == f"message:{message.pk}"
    analyst = sign_in("analyst")
    assert EMAIL not in analyst.post(path).content.decode()


@given(st.text(max_size=40))
def test_masks_never_show_more_than_they_say(text):
    for word, masked in zip(text.split(), masked_name(text).split(), strict=True):
        assert masked == word[0] + "*"
    phone = masked_phone(text)
    stripped = text.strip()
    assert len(phone) == len(stripped)
    hidden = len(stripped) - (7 if len(stripped) > 9 else 4)
    assert phone.count("*") >= max(0, min(hidden, len(stripped)))


@pytest.mark.parametrize(
    ("given", "masked"),
    [("13812345678", "138****5678"), ("5678", "****"), ("", ""), ("12345", "*2345")],
)
def test_phones(given, masked):
    assert masked_phone(given) == masked


def test_mails():
    assert masked_email("sophie@tea.example") == "s*@tea.example"
    assert masked_email("Sophie") == "S*"
