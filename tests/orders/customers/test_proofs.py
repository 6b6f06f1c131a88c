"""What proves a customer: a message's link when its reader says so, a person with a reason; and what goes by it."""

from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from erp.ids import public_id
from erp.messages.models import Message
from orders.models import ChannelPolicy, CustomerIdentity, IdentityProof, Order
from orders.order.links import contact_signer, contact_url, tracking_url
from orders.order.messages import order_context
from orders.rehearsal.replay import replay
from tests.orders.customers.strangers import ACME, STRANGER, gained, holds, tea, tells

pytestmark = pytest.mark.django_db(transaction=True)


class TestProof:
    def followed(self, url, at=""):
        """A message's link followed, and its button pressed."""
        page = Client()
        seen = page.get(f"/track/?{url.partition('?')[2]}", follow=True)
        page.post(at or seen.request["PATH_INFO"], {"verb": "confirm"})
        return seen.content.decode()

    def test_a_message_s_link_proves_its_address_once_when_its_reader_says_so(self, api, victim):
        order, email = victim.order, victim.identities.get(kind="email")
        Order.objects.filter(pk=order.pk).update(customer_proof="")
        url = order_context(order.pk)["tracking_url"]
        assert url in Message.objects.filter(recipient=ACME["email"]).first().text
        Client().get(
            url[url.index("/track/") :], follow=True
        )  # a program that follows links proves nothing
        email.refresh_from_db()
        assert email.proven_at is None
        for _again in range(2):
            self.followed(url)
        email.refresh_from_db()
        order.refresh_from_db()
        assert (email.proven_by, order.customer_proof) == ("link", "link")
        assert IdentityProof.objects.get().order_id == order.pk
        stated = {"name": "Acme Ltd", "email": ACME["email"], "phone": ""}
        later = Order.objects.get(number=api.post("orders", tea(stated)).json()["number"])
        assert (
            later.customer_proof == ""
        )  # that the address is theirs says nothing of who states it

    def test_a_page_answers_for_its_own_order_alone(self, api, victim):
        Order.objects.update(customer_proof="")
        other = Order.objects.get(number=api.post("orders", tea(STRANGER)).json()["number"])
        link = contact_url(other.number, 0, STRANGER["email"])
        self.followed(link, at=f"/track/{victim.order.number}/")
        assert not Order.objects.exclude(customer_proof="").exists()

    def test_no_other_link_does(self, api, victim):
        order = victim.order
        Order.objects.update(customer_proof="")
        other = Order.objects.get(
            number=api.post("orders", tea(STRANGER | {"phone": ACME["phone"]})).json()["number"]
        )
        forged = [
            tracking_url(order.number, 0),
            f"{tracking_url(order.number, 0)}&c=",
            f"{tracking_url(order.number, 0)}&c={signing.Signer(salt='tracking').signature(order.number)}",
            f"{tracking_url(order.number, 0)}&c={contact_signer().signature(order.number)}",
            contact_url(order.number, 0, STRANGER["email"]),
            contact_url(other.number, 0, ACME["email"]),
        ]
        for url in forged:
            page = self.followed(url)
            assert 'value="confirm"' not in page
        assert not CustomerIdentity.objects.filter(proven_by="link").exists()
        assert not Order.objects.exclude(customer_proof="").exists()
        self.followed(contact_url(other.number, 0, STRANGER["email"]))
        mine = CustomerIdentity.objects.get(value=STRANGER["email"])
        assert other.customer_id != victim.pk  # name and address both say somebody else
        assert (mine.customer_id, mine.proven_by) == (other.customer_id, "link")
        assert gained(other, victim) == []

    def test_a_link_proves_what_its_customer_was_made_of(self, api, shop):
        stated = {"name": "Guest", "email": "guest@shop.example", "phone": "+8613911112222"}
        for _n in range(2):
            order = Order.objects.get(number=api.post("orders", tea(stated)).json()["number"])
            assert order.customer_proof == ""
            self.followed(contact_url(order.number, 0, stated["email"]))
            order.refresh_from_db()
            assert order.customer_proof == "link"
        email = CustomerIdentity.objects.get(value=stated["email"])
        assert email.proven_by == "link"

    def test_a_reader_is_asked_once_and_their_answer_is_on_the_timeline(self, api, victim, sign_in):
        stated = STRANGER | {"phone": ACME["phone"], "name": "Acme Ltd"}
        order = Order.objects.get(number=api.post("orders", tea(stated)).json()["number"])
        url = contact_url(order.number, 0, STRANGER["email"])
        assert 'value="confirm"' in self.followed(url)
        assert 'value="confirm"' not in self.followed(url)
        assert order.orderevent_set.filter(kind="contact.confirmed").count() == 1
        page = sign_in("owner").get(f"/orders/{order.number}/timeline/").content.decode()
        assert "Whoever reads its e-mail address" in page

    @pytest.mark.parametrize("name", ["Acme Ltd", "Mallory", "", "*"])
    @pytest.mark.parametrize("has_email", [True, False])
    @pytest.mark.parametrize("is_known", [True, False])
    def test_a_stranger_is_not_the_customer_by_the_mail_to_themselves(
        self, api, victim, sign_in, name, has_email, is_known
    ):
        """The stranger is recognised by a phone, reads their own mail, and goes on ordering from there."""
        if not has_email:
            victim.identities.filter(kind="email").delete()
        if is_known:  # by an earlier order of their own
            own = api.post("orders", tea(STRANGER)).json()["number"]
            self.followed(contact_url(own, 0, STRANGER["email"]))
        stated = STRANGER | {"name": name, "phone": ACME["phone"]}
        for said in (stated, stated | {"phone": ""}):
            number = api.post("orders", tea(said)).json()["number"]
            order = Order.objects.get(number=number)
            for _again in range(2):
                self.followed(contact_url(number, 0, STRANGER["email"]))
            assert gained(order, victim) == []
            assert not has_email or tells(victim, said) == []
            line = {"sku": "MUG-001", "quantity": 1}
            api.post(f"orders/{number}/changes", {"add": [line]})
            assert gained(order, victim) == []
        listed = api.get("orders", customer_email=STRANGER["email"]).json()["data"]
        assert victim.order.number not in {row["number"] for row in listed}
        suggested = sign_in("service").get("/orders/new/customers/?q=Acme").content.decode()
        assert STRANGER["email"] not in suggested

    def test_whoever_came_first_with_a_stranger_s_phone_is_not_shown_their_orders(self, api, shop):
        """The customer was made of the stranger's order: the address is theirs, the phone is not."""
        phone = {"phone": ACME["phone"]}
        first = api.post("orders", tea(STRANGER | phone)).json()["number"]
        self.followed(contact_url(first, 0, STRANGER["email"]))
        assert CustomerIdentity.objects.get(value=STRANGER["email"]).proven_by == "link"
        theirs = {"name": "Mallory", "email": "", **phone}
        second = Order.objects.get(number=api.post("orders", tea(theirs)).json()["number"])
        assert second.customer_id == Order.objects.get(number=first).customer_id
        listed = api.get("orders", customer_email=STRANGER["email"]).json()["data"]
        assert [row["number"] for row in listed] == [first]

    def test_a_link_is_old_one_day(self, victim):
        long_ago = timezone.now() - timedelta(days=91)
        Order.objects.update(customer_proof="", placed_at=long_ago)
        self.followed(contact_url(victim.order.number, 0, ACME["email"]))
        assert not CustomerIdentity.objects.filter(proven_by="link").exists()

    def test_a_person_verifies_with_a_reason_and_takes_it_back(self, victim, sign_in):
        phone = victim.identities.get(kind="phone")
        path = f"/customers/{public_id('cus', victim.pk)}/"
        ours = f"{path}identities/{public_id('idn', phone.pk)}/"
        sign_in("service").post(f"{ours}verify/", {"reason": "called back"})
        finance = sign_in("finance")
        finance.post(f"{ours}verify/", {"reason": " "})
        phone.refresh_from_db()
        assert phone.proven_at is None
        finance.post(f"{ours}verify/", {"reason": "called back"})
        phone.refresh_from_db()
        assert (phone.proven_by, IdentityProof.objects.get().why) == ("person", "called back")
        assert "called back" in finance.get(path).content.decode()
        finance.post(f"{ours}unverify/")
        phone.refresh_from_db()
        proof = IdentityProof.objects.get()
        assert (phone.proven_by, proof.undone_by) == ("", finance.actor)


class TestRules:
    def test_rules_give_a_stranger_nothing_and_hold_as_the_customer(self, api, victim, write):
        ChannelPolicy.objects.update(review="hold", duplicate_minutes=60)
        known = {"field": "customer_orders", "op": "gte", "value": 1}
        write("old", known, approve=True, gift="MUG-001", tags=["old"])
        write("trade", {"field": "customer_group", "op": "eq", "value": "trade"}, hold="review")
        stated = {"name": "Acme Ltd", "email": ACME["email"], "phone": ""}
        own = Order.objects.get(number=api.post("orders", tea(ACME)).json()["number"])
        order = Order.objects.get(number=api.post("orders", tea(stated)).json()["number"])
        mine, theirs = (x.decision_set.get(kind="rules").outcome for x in (own, order))
        assert (mine["approves"], bool(mine.get("gifts"))) == (True, True)
        assert (theirs["approves"], bool(theirs.get("gifts"))) == (False, False)
        assert theirs["tags"] == ["old"]
        assert ("review", "rule:trade") in holds(own)
        assert ("customer", "terms_not_proven") in holds(order)
        assert replay().differing == []


def test_why_says_it_in_both_languages(api, victim, sign_in):
    stated = {"name": "Acme Ltd", "email": ACME["email"], "phone": ""}
    number = api.post("orders", tea(stated)).json()["number"]
    client = sign_in("owner")
    said = {}
    for language in ("en", "zh-hans"):
        client.cookies["django_language"] = language
        said[language] = client.get(f"/orders/{number}/").content.decode()
    assert "they were not applied" in said["en"]
    assert "未予适用" in said["zh-hans"]


def test_whose_order_it_is_costs_no_statement(api, victim):
    """One statement gathers all of it: also where a phone is known and the e-mail address beside it is not."""

    def statements(customer):
        with CaptureQueriesContext(connection) as asked:
            assert api.post("orders", tea(customer)).status_code == 201
        return len(asked)

    fresh = {"name": "New", "email": "new@shop.example", "phone": ""}
    statements(fresh | {"email": "first@shop.example"})
    new = statements(fresh)
    for customer in (ACME, STRANGER | {"phone": ACME["phone"]}, fresh | {"name": "Other"}):
        assert statements(customer) == new
