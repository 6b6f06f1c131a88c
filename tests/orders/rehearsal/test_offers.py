"""Promotions and routing rehearsed: what is foretold of past orders is what the same orders then come to."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from bench.rehearsing import footprint
from orders.models import ChannelPolicy, Lane, Order, Promotion
from orders.rehearsal.offers import OtherWay, rehearse_promotion, rehearse_routing
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)


SKUS = ("TEA-001", "MUG-001", "POT-001", "WRAP")


def bodies():
    return [
        order_body(
            lines=[
                {"sku": SKUS[n % 4], "quantity": 1 + n % 3},
                {"sku": SKUS[(n + 1) % 4], "quantity": 1},
            ]
        )
        for n in range(12)
    ]


def span():
    now = timezone.now()
    return {"since": now - timedelta(days=1), "until": now + timedelta(days=1)}


@pytest.fixture
def desk(make_client, shop):
    ChannelPolicy.objects.update(duplicate_minutes=0)
    return make_client(shop.desk)


def place(client):
    numbers = []
    for body in bodies():
        answer = client.post("orders", body | {"payment": {"method": "on_account"}})
        assert answer.status_code == 201, answer.content
        numbers.append(answer.json()["number"])
    return [Order.objects.get(number=n) for n in numbers]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("percentage", {"percent": Decimal(10), "min_amount": Decimal(60)}),
        ("amount", {"amount": Decimal(7)}),
        ("free_shipping", {}),
        ("gift", {"min_amount": Decimal(100)}),
    ],
)
def test_a_promotion_takes_off_what_was_foretold(desk, shop, promote, kind, values):
    promote("other", "percentage", percent=Decimal(5), priority=50)
    draft = promote("draft", kind, gifts=[(shop.wrap, 1)] if kind == "gift" else (), **values)
    Promotion.objects.filter(code="draft").update(is_active=False)
    before = place(desk)
    was = footprint()

    told = rehearse_promotion(draft, **span())

    assert footprint() == was
    Promotion.objects.filter(code="draft").update(is_active=True)
    after = place(desk)
    cheaper = {b.number for b, a in zip(before, after, strict=True) if a.total < b.total}
    assert set(told.cheaper.numbers) == cheaper
    off = sum(b.total - a.total for b, a in zip(before, after, strict=True))
    assert told.taken_off.get("CNY", 0) == off
    given = sum(a.lines.count() - b.lines.count() for b, a in zip(before, after, strict=True))
    assert sum(told.gifts.values()) == given
    assert (told.orders, told.not_asked) == (12, 0)


def test_routing_goes_where_was_foretold(desk, shop, sign_in):
    Lane.objects.create(warehouse=shop.east, country="CN", distance_km=10, cost=9)
    Lane.objects.create(warehouse=shop.south, country="CN", distance_km=900, cost=3)
    place(desk)
    was = footprint()

    cheap = rehearse_routing(OtherWay(by="cheap"), **span())
    out = rehearse_routing(OtherWay(without=["east"]), **span())

    assert footprint() == was
    assert cheap.orders == 12
    assert cheap.differently.orders > 0
    assert cheap.after["south"] > cheap.before.get("south", 0)
    assert set(out.after) == {"south"}
    assert out.newly_short.orders > 0  # pots are in the east alone
    page = sign_in().get("/settings/rehearsals/?routing=1&by=cheap&without=east&days=9")
    assert page.context["sent"].after == out.after
    assert sign_in("auditor").get("/settings/rehearsals/").status_code == 200


def test_a_channel_or_currency_that_it_is_not_for_is_left_out(desk, shop, promote, sign_in):
    draft = promote("draft", "percentage", percent=Decimal(10))
    draft.channels.add(shop.web)
    place(desk)
    assert rehearse_promotion(draft, **span()).cheaper.orders == 0
    page = sign_in().get("/settings/rehearsals/?promotion=draft&days=x")
    assert page.context["offered"].orders == 12
