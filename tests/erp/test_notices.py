"""Notices: what staff are told by themselves, once, by role, on the home page and by mail."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from erp.access.models import Actor, Company, User
from erp.access.queries import actor_of_user
from erp.access.roles import STAFF
from erp.errors import Invalid, NotAllowed
from erp.messages.models import Message
from erp.messages.send import send_due_messages
from erp.notices import actions
from erp.notices.kinds import AT_FIRST, KINDS, words_of
from erp.notices.models import Notice
from erp.notices.queries import staff_alerts_for, subscribed_roles
from erp.once import perform
from erp.wiring import WATCHES, resolve
from inventory.models import PurchaseOrder, StockShortfall, Supplier
from inventory.stock.actions.adjust import write_off
from inventory.stock.actions.ledger import Change
from orders.allocation.actions.backorders import fill_backorders
from orders.models import Hold, MailConnection, Order, ShopConnection
from tests.conftest import order_body
from tests.orders.steps import hold
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


def tell(**changes):
    said = {
        "kind": "out_of_stock",
        "key": "1",
        "params": {"sku": "TEA-001", "units": 4},
        "url": "/inventory/TEA-001/",
    }
    return perform(actions.alert_staff, now=timezone.now(), **said | changes)


def subscribe(by, wanted, hours=24):
    return perform(
        actions.subscribe_roles, wanted=wanted, approval_hours=hours, by=by, now=timezone.now()
    )


def test_the_same_thing_is_told_once(shop):
    assert tell() is not None
    assert tell() is None
    assert tell(key="2") is not None
    assert Notice.objects.count() == 2


def test_a_role_is_told_of_what_it_is_subscribed_to(shop, system, sign_in):
    tell()
    for role in ("buyer", "picker"):
        sign_in(role)
    buyer, picker = (Actor.objects.get(role=role) for role in ("buyer", "picker"))
    assert [n.said for n in staff_alerts_for(buyer)] == [
        "TEA-001 is out of stock and not on order; 4 units are backordered."
    ]
    assert not staff_alerts_for(picker).exists()
    subscribe(system, {("picker", "out_of_stock"): False})
    assert staff_alerts_for(picker).exists()
    assert not staff_alerts_for(buyer).exists()


def test_nobody_is_told_where_nobody_is_subscribed(shop, system):
    subscribe(system, {})
    assert subscribed_roles() == {}


def test_mail_goes_to_those_who_want_it_in_their_language(shop, system, sign_in, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for role in ("buyer", "owner"):
        sign_in(role)
    User.objects.filter(actor__role="buyer").update(email="buyer@tea.example", language="zh-hans")
    User.objects.filter(actor__role="owner").update(email="owner@tea.example")
    subscribe(system, {("buyer", "out_of_stock"): True, ("owner", "out_of_stock"): False})
    tell()
    run_relay()
    run_relay()
    message = Message.objects.get()
    assert (message.recipient, message.language) == ("buyer@tea.example", "zh-hans")
    assert "TEA-001" in message.subject
    assert "缺货" in message.text
    assert send_due_messages(now=timezone.now()) == 1
    assert mail.outbox[0].to == ["buyer@tea.example"]


def test_who_may_not_change_settings_may_not_subscribe(shop, sign_in):
    sign_in("buyer")
    buyer = actor_of_user(Actor.objects.get(role="buyer").user_id)
    with pytest.raises(NotAllowed):
        subscribe(buyer, {})


@pytest.mark.parametrize(
    ("wanted", "hours"),
    [
        ({("boss", "overdue"): False}, 24),
        ({("owner", "weather"): False}, 24),
        ({}, 0),
        ({}, 1000),
    ],
)
def test_what_there_is_not_is_refused(shop, system, wanted, hours):
    with pytest.raises(Invalid):
        subscribe(system, wanted, hours)


def test_every_kind_has_words_and_only_roles_of_people_are_told():
    for kind in KINDS:
        assert words_of(kind, {})
    assert set(AT_FIRST) < set(KINDS)
    assert {role for roles in AT_FIRST.values() for role in roles} < set(STAFF)


def test_the_page_says_who_is_told_and_takes_changes(shop, sign_in):
    owner = sign_in("owner")
    page = owner.get("/settings/notices/")
    assert page.status_code == 200
    form = {f"{kind}.{role}": "" for kind in KINDS for role in STAFF}
    form |= {"overdue.picker": "mail", "overdue.owner": "home", "approval_hours": "8"}
    assert owner.post("/settings/notices/", form).status_code == 302
    assert subscribed_roles() == {("picker", "overdue"): True, ("owner", "overdue"): False}
    assert Company.objects.get(pk=1).approval_hours == 8


class TestWatching:
    def kinds(self, now=None):
        actions.watch(now=now or timezone.now())
        return {n.kind: n for n in Notice.objects.order_by("pk")}

    def test_orders_past_their_day(self, api, shop):
        number = api.post("orders", order_body()).json()["number"]
        Order.objects.update(ship_by=timezone.now() - timedelta(hours=1))
        told = self.kinds()
        assert told["overdue"].params == {"orders": 1, "number": number}
        assert actions.watch(now=timezone.now()) == 0
        Order.objects.update(ship_by=timezone.now() + timedelta(hours=2))
        assert self.kinds()["due_soon"].url == "/orders/?due=1"

    def test_goods_that_were_promised_and_are_not_there(self, api, shop, system):
        api.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 5}]))
        perform(
            write_off,
            warehouse_id=shop.east.pk,
            changes=[Change(shop.pot.pk, 2)],
            reason="broken",
            by=system,
            now=timezone.now(),
        )
        assert StockShortfall.objects.exists()
        told = self.kinds()
        assert told["goods_missing"].params["sku"] == "POT-001"

    def test_what_orders_wait_for_and_nobody_has_bought(self, make_client, shop):
        desk = make_client(shop.desk)
        desk.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 8}]))
        run_relay()
        assert self.kinds()["out_of_stock"].params == {"sku": "POT-001", "units": 3}

    def test_a_second_review_that_nobody_gives(self, api, shop, system):
        number = api.post("orders", order_body()).json()["number"]
        order = Order.objects.get(number=number)
        hold(order, system, "finance")
        assert "approval_late" not in self.kinds()
        Hold.objects.update(opened_at=timezone.now() - timedelta(hours=25))
        assert self.kinds()["approval_late"].params["number"] == number

    def test_a_shop_and_a_mailbox_that_do_not_answer(self, shop):
        now, failing = timezone.now(), {"failures": 5, "error": "timed out"}
        ShopConnection.objects.create(
            channel=shop.web, url="https://x.example", cursor_at=now, **failing
        )
        MailConnection.objects.create(
            channel=shop.desk, host="mail.example", user="u", since=now.date(), **failing
        )
        assert actions.watch(now=timezone.now()) == 2
        ShopConnection.objects.update(failures=4)
        assert actions.watch(now=timezone.now() + timedelta(days=1)) == 1

    def test_a_purchase_order_that_nobody_approves(self, shop, system):
        supplier = Supplier.objects.create(code="acme", name="Acme")
        PurchaseOrder.objects.create(
            number="PO-1",
            supplier=supplier,
            warehouse=shop.east,
            status="draft",
            currency="CNY",
            by=system,
            created_at=timezone.now() - timedelta(hours=25),
        )
        assert self.kinds()["approval_late"].params["what"] == "purchase"

    def test_every_watch_is_cheap(self, api, shop, django_assert_max_num_queries):
        for _ in range(3):
            api.post("orders", order_body())
        Order.objects.update(ship_by=timezone.now() - timedelta(hours=1))
        for name in WATCHES:
            with django_assert_max_num_queries(14):
                list(resolve(name)(timezone.now()))

    def test_filling_changes_nothing(self, shop, system):
        perform(fill_backorders, sku_ids=[shop.tea.pk], by=system, now=timezone.now())
        assert self.kinds() == {}
