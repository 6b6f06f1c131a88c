"""What anybody can state proves nothing: strangers who name a customer's contact, by every door and spelling.

The victim is a customer with a group price, credit and a tax exemption, known by the shop's own id. No order that only
states the victim's e-mail address or phone has any of it, proves anything, or shows or sends anything of the victim's.
"""

from decimal import Decimal

import pytest
from django.utils import timezone

from erp.access.queries import actor_of_user
from erp.errors import NotAllowed
from erp.ids import public_id
from erp.once import perform
from orders.changes.actions.merge import merge_candidates, merge_twins
from orders.customers.contacts import Address, Buyer
from orders.desk.similar_customers import alike
from orders.intake.inbox.tasks import read_some
from orders.models import (
    Customer,
    CustomerIdentity,
    Order,
)
from orders.order.actions.holds import release_order
from orders.order.actions.merge_customers import merge_customers, unmerge_customers
from orders.placement.actions.place import place_foreign_orders
from orders.placement.incoming import ForeignLine, ForeignOrder, IncomingPayment
from orders.rehearsal.replay import replay
from tests.conftest import HOME
from tests.orders.customers.strangers import (
    ACME,
    HELD,
    NOW,
    STRANGER,
    THERE,
    codes,
    gained,
    holds,
    tea,
    tells,
)
from tests.orders.customers.test_stated_contacts_spellings import SPELLINGS
from tests.orders.intake.mail.test_letters import LETTER, mail
from tests.orders.samples import INTERCHANGE
from tests.orders.shops import body_of, open_channel, post, read_all
from tests.relay import relay_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_by_the_api(api, victim, spelling):
    stated = SPELLINGS[spelling]
    quote = {k: v for k, v in tea(stated).items() if k in QUOTED}
    priced = api.post("quotes", quote, key=None)
    answer = api.post("orders", tea(stated))
    bulk = api.post("orders/bulk", {"orders": [tea(stated, payment={"method": "on_account"})]})

    assert (priced.status_code, answer.status_code, bulk.status_code) == (200, 201, 200)
    assert priced.json()["lines"][0]["unit_price"]["amount"] == "39.90"
    one = Order.objects.get(number=answer.json()["number"])
    other = Order.objects.get(number=bulk.json()["data"][0]["order"]["number"])
    assert [gained(order, victim) for order in (one, other)] == [[], []]
    assert holds(other) == HELD
    relay_all()
    assert tells(victim, stated) == []
    assert replay().differing == []


QUOTED = ("currency", "customer", "shipping_address", "lines", "shipping_service")


class TestDoors:
    def test_the_desk_has_terms_of_a_customer_who_was_chosen(self, victim, sign_in):
        client = sign_in("service")
        typed = {
            "token": "t1",
            "channel": "desk",
            "service": "standard",
            "payment": "on_account",
            "name": "Acme Ltd",
            "phone": ACME["phone"],
            "email": ACME["email"],
            "line1": "一号路 1 号",
            "postal_code": "310000",
            "city": "杭州市",
            "region": "浙江省",
            "country": "CN",
            "sku": ["TEA-001"],
            "quantity": ["1"],
        }
        client.post("/orders/new/", typed)
        order = Order.objects.latest("pk")
        assert gained(order, victim) == []
        assert ("customer", "terms_not_proven") in holds(order)

        suggested = client.get("/orders/new/customers/?q=Acme").content.decode()
        chosen = typed | {"token": "t2", "customer": public_id("cus", victim.pk)}
        assert f'data-customer="{chosen["customer"]}"' in suggested
        quote = client.post("/orders/new/quote/", chosen).content.decode()
        client.post("/orders/new/", chosen)

        order = Order.objects.latest("pk")
        assert (order.customer_proof, order.customer_id) == ("person", victim.pk)
        assert order.tax == 0
        assert not {"account_not_agreed", "terms_not_proven"} & codes(order)
        assert f"{order.total:.2f}" in quote

    def test_a_customer_s_order_of_the_desk_is_not_filled_with_what_a_stranger_stated(
        self, api, victim, sign_in
    ):
        stated = STRANGER | {"phone": ACME["phone"], "name": "Acme Ltd"}
        api.post("orders", tea(stated))
        assert Order.objects.latest("pk").customer_id == victim.pk
        suggested = sign_in("service").get("/orders/new/customers/?q=Acme").content.decode()
        assert STRANGER["email"] not in suggested
        assert HOME["line1"] not in suggested

    def test_a_shop_s_account_of_a_stranger(self, victim, shop, system):
        channel = open_channel("shopify", shop, system)
        for guest in (None, {"id": 666, "first_name": "Mallory", "email": ACME["email"]}):
            told = body_of(
                id=450789000 + bool(guest), email=ACME["email"], customer=guest, name="#6"
            )
            told["admin_graphql_api_id"] = f"gid://shopify/Order/{told['id']}"
            assert post(channel, "orders/create", told).status_code == 200
            read_all()
            order = Order.objects.latest("pk")
            assert order.channel_id == channel.pk
            assert gained(order, victim) == []
        again = body_of(id=450789009, email="other@evil.example", customer=guest, name="#7")
        again["admin_graphql_api_id"] = "gid://shopify/Order/450789009"
        post(channel, "orders/create", again)
        read_all()
        order = Order.objects.latest("pk")
        assert (order.customer_id, order.customer_proof) == (victim.pk, "")

    def test_a_mail_draft(self, api, victim):
        letter = mail(LETTER.replace("ann@tea.example", ACME["email"]))
        api.client.post("/api/v1/channels/web/messages", letter, content_type="message/rfc822")
        while read_some():
            pass
        draft = api.get("drafts", status="open").json()["data"][0]
        stated = {"name": "Acme Ltd", "email": ACME["email"], "phone": ""}
        body = tea(stated, payment={"method": "on_account"})
        placed = api.post(f"drafts/{draft['id']}/place", body)
        order = Order.objects.get(number=placed.json()["order"])
        assert (gained(order, victim), holds(order)) == ([], HELD)

    def test_a_trading_partner_is_its_connection_s(self, api, victim, shop):
        """The partner's own number proves the partner, not whose e-mail address the message states."""
        body = INTERCHANGE.replace(b"ann@tea.example", ACME["email"].encode())
        for number in (b"PO-17", b"PO-18"):
            api.client.post(
                "/api/v1/channels/web/messages",
                body.replace(b"PO-17", number),
                content_type="application/edi-x12",
            )
            while read_some():
                pass
        of_partner = Order.objects.filter(external_id__startswith="BUYER:")
        assert of_partner.count() == 2
        for order in of_partner:
            assert gained(order, victim) == [], (victim.pk, order.customer_proof, codes(order))

    def test_a_file_that_says_on_account(self, victim, shop, system):
        """Whoever takes a file in chose how its orders are paid, not whose they are."""
        taken = ForeignOrder(
            external_id="file-1",
            currency="CNY",
            customer=Buyer(name="Acme Ltd", email=ACME["email"], phone=ACME["phone"]),
            shipping_address=Address("Acme Ltd", "2 Road", "CN", postal_code="200040"),
            lines=[ForeignLine("TEA-001", 1, unit_price=Decimal(5), subtotal=Decimal(5))],
            shipping_service="standard",
            payment=IncomingPayment("on_account"),
            includes_tax=False,
            shipping=Decimal(0),
            shipping_tax=Decimal(0),
            total=Decimal(5),
        )
        now = timezone.now()
        (done,) = perform(
            place_foreign_orders, incoming=[taken], channel=shop.web, by=system, now=now
        )
        order = Order.objects.get(number=done.number)
        assert (order.customer_id, gained(order, victim), holds(order)) == (victim.pk, [], HELD)

    def test_the_shop_s_own_id_is_the_customer_whatever_else_is_stated(self, api, victim):
        stated = {"name": "New clerk", "email": "clerk@victim.example", "external_id": "acme"}
        body = tea(stated | {"phone": ""}, payment={"method": "on_account"})
        order = Order.objects.get(number=api.post("orders", body).json()["number"])
        assert (order.customer_id, order.customer_proof, holds(order)) == (victim.pk, "shop", [])
        assert order.lines.get().unit_price == round(Decimal(30) / Decimal("1.13"), 4)
        reasons = order.decision_set.get(kind="pricing").reasons
        assert reasons[-1] == {"code": "terms_proven", "params": {"proof": "shop"}}
        assert not CustomerIdentity.objects.get(value="clerk@victim.example").proven_at

    def test_an_account_that_states_a_customer_s_contact_is_not_them(self, api, victim):
        """Whoever opens an account at the shop can state a stranger's address there, once and ever after."""
        for email in (ACME["email"], "mallory@evil.example"):
            stated = {"name": "Acme Ltd", "email": email, "phone": "", "external_id": "666"}
            order = Order.objects.get(number=api.post("orders", tea(stated)).json()["number"])
            assert order.customer_id == victim.pk
            assert gained(order, victim) == []


def test_an_order_of_on_account_alone_is_held_everywhere(api, shop):
    nobody = {"name": "Nobody", "email": "nobody@evil.example", "phone": "", "external_id": "9"}
    for _again in range(2):
        answer = api.post("orders", tea(nobody, payment={"method": "on_account"}))
        order = Order.objects.get(number=answer.json()["number"])
        assert (order.status, holds(order)) == ("pending", HELD)
    Customer.objects.update(has_account=True)
    answer = api.post("orders", tea(nobody, payment={"method": "on_account"}))
    assert holds(Order.objects.get(number=answer.json()["number"])) == []


def test_nobody_uses_up_a_customer_s_credit(api, victim):
    Customer.objects.filter(pk=victim.pk).update(credit_limit=Decimal(60))
    owing = {"payment": {"method": "on_account"}}
    for _n in range(3):
        api.post("orders", tea(STRANGER | {"phone": ACME["phone"], "name": "Acme Ltd"}, **owing))
    own = Order.objects.get(number=api.post("orders", tea(ACME, **owing)).json()["number"])
    assert holds(own) == []


def test_a_key_cannot_let_an_account_go_on_and_finance_can(api, victim, sign_in):
    stated = {"name": "Acme Ltd", "email": ACME["email"], "phone": ""}
    answer = api.post("orders", tea(stated, payment={"method": "on_account"})).json()
    order = Order.objects.get(number=answer["number"])
    assert api.post(f"orders/{order.number}/release", {}).status_code == 403
    for role, allowed in (("service", False), ("finance", True)):
        client = sign_in(role)
        client.post(f"/orders/{order.number}/verify_customer/", {"reason": "called back"})
        order.refresh_from_db()
        assert (order.customer_proof == "person") is allowed
    assert (holds(order), order.status) == ([], "confirmed")
    assert order.lines.get().unit_price == Decimal("39.90")  # as it was placed
    with pytest.raises(NotAllowed):
        one = Order.objects.get(
            number=api.post("orders", tea(stated, payment={"method": "on_account"})).json()[
                "number"
            ]
        )
        perform(
            release_order,
            order_id=one.pk,
            by=actor_of_user(sign_in("service", "s2").actor.user_id),
            now=NOW(),
        )


class TestGrouping:
    def test_name_and_other_contact_both_differ_so_it_is_another_and_a_merge_is_proposed(
        self, api, victim
    ):
        stated = {"name": "Mallory", "email": ACME["email"], "phone": "+8613911112222"}
        order = Order.objects.get(number=api.post("orders", tea(stated)).json()["number"])
        assert order.customer_id != victim.pk
        assert "contact_of_another" in codes(order)
        (proposed,) = alike(order.customer)
        assert (proposed.customer.pk, proposed.reasons) == (victim.pk, ["same_mailbox"])
        assert [one.customer.pk for one in alike(victim)] == [order.customer_id]

    def test_orders_are_not_listed_by_an_address_that_a_stranger_added(self, api, victim):
        stated = STRANGER | {"phone": ACME["phone"], "name": "Acme Ltd"}
        own = api.post("orders", tea(stated)).json()["number"]
        shown = api.get("orders", customer_email=STRANGER["email"]).json()["data"]
        assert [order["number"] for order in shown] == [own]
        theirs = api.get("orders", customer_email=ACME["email"]).json()["data"]
        assert [order["number"] for order in theirs] == [victim.order.number]

    def test_nothing_is_merged_by_itself_that_states_another_contact(self, api, victim, system):
        stated = STRANGER | {"phone": ACME["phone"], "name": "Acme Ltd"}
        order = Order.objects.get(
            number=api.post("orders", tea(stated, shipping_address=THERE)).json()["number"]
        )
        pairs = merge_candidates(now=timezone.now())
        assert (victim.order.pk, order.pk) in pairs
        for one, other in pairs:
            assert not perform(
                merge_twins, order_id=one, other_id=other, by=system, now=timezone.now()
            )

    def test_merging_proves_nothing_for_somebody_without_the_right_to_agree_terms(
        self, api, victim, sign_in, laws_hold
    ):
        placed = api.post("orders", tea(STRANGER | {"external_id": "666"})).json()
        order = Order.objects.get(number=placed["number"])
        stranger = Customer.objects.exclude(pk=victim.pk).get()
        service, finance = (
            actor_of_user(sign_in(role).actor.user_id) for role in ("service", "finance")
        )
        mine = CustomerIdentity.objects.get(value="web:666")
        assert mine.proven_by == "shop"
        for by, proven in ((service, ""), (finance, "shop")):
            merge = perform(
                merge_customers, kept_id=victim.pk, gone_id=stranger.pk, by=by, now=NOW()
            )
            mine.refresh_from_db()
            order.refresh_from_db()
            assert (mine.customer_id, mine.proven_by) == (victim.pk, proven)
            assert (order.customer_id, order.customer_proof) == (victim.pk, proven)
            assert mine.is_founding is bool(proven)
            perform(unmerge_customers, merge_id=merge.pk, by=by, now=NOW())
            mine.refresh_from_db()
            order.refresh_from_db()
            assert (mine.customer_id, mine.proven_by) == (stranger.pk, "shop")
            assert (order.customer_proof, mine.is_founding) == ("shop", True)
        laws_hold()
