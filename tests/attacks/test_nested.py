"""Addresses with two ids: one of them another parent's, one at a time, is not found, and nothing changes."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.utils import timezone

from erp.access.links import one_time_link
from erp.access.models import User
from erp.ids import public_id
from erp.models import SavedView
from erp.verbs import verbs_of
from orders.customers.states import TERMS
from orders.models import (
    Customer,
    CustomerIdentity,
    IncomingMessage,
    Order,
    Payment,
    ReviewRule,
    RuleRevision,
    TaxExemption,
    TermsProposal,
)
from orders.order.actions.merge_customers import merge_customers
from tests.attacks.attacker import Attacker
from tests.attacks.routes import every_route, plain
from tests.conftest import order_body
from tests.contract.world import CNY, World
from tests.relay import run_relay

pytestmark = pytest.mark.django_db
WORDS = {"verb", "kind", "part", "source"}  # a parameter that is a word out of a few, no id


class Nested(NamedTuple):
    """An address of a thing within another.

    noun   whose verbs its last parameter is one of
    form   what a POST says; None: it is read
    """

    find: Callable[["Two"], list[tuple[str, str]]]
    noun: str = ""
    form: Mapping[str, Any] | None = None


class Two:
    """Two of everything that things are within, each with one of its own: of one channel, one company, one person."""

    def __init__(self, api: Any, shop: Any, owner: Any) -> None:
        self.api, self.shop, self.owner, self.world = api, shop, owner, World(api)
        self.orders = [self.world.post("orders", order_body()) for _ in range(2)]
        self.rows = [Order.objects.get(number=one["number"]) for one in self.orders]
        run_relay()

    def numbers(self, of: Callable[[Any], str]) -> list[tuple[str, str]]:
        return [(one["number"], of(one)) for one in self.orders]

    def lines(self) -> list[tuple[str, str]]:
        return self.numbers(lambda one: str(one["lines"][0]["id"]))

    def payments(self) -> list[tuple[str, str]]:
        for n, one in enumerate(self.orders):
            body = {"method": "bank", "reference": f"nested-{n}", "amount": CNY}
            self.world.post(f"orders/{one['number']}/authorisations", body)
        rows = Payment.objects.filter(reference__startswith="nested")
        ids = {row.order.number: public_id("pay", row.pk) for row in rows.select_related("order")}
        return [(number, ids[number]) for number, _id in self.lines()]

    def invoices(self) -> list[tuple[str, str]]:
        for n, one in enumerate(self.orders):
            self.world.post("shipments", {"order": one["number"], "tracking_number": f"NESTED-{n}"})
            self.world.post(f"orders/{one['number']}/invoices", {})
        return self.numbers(
            lambda one: str(
                self.api.get(f"orders/{one['number']}/invoices").json()["data"][0]["number"]
            )
        )

    def customers(self, prefix: str, of: Callable[[Customer], Any]) -> list[tuple[str, str]]:
        found = [Customer.objects.get(pk=row.customer_id) for row in self.rows]
        return [(public_id("cus", c.pk), public_id(prefix, of(c).pk)) for c in found]

    def exemptions(self) -> list[tuple[str, str]]:
        def of(customer: Customer) -> TaxExemption:
            return TaxExemption.objects.create(
                customer=customer, country="DE", tax_id="DE136695976", by=self.owner.actor
            )

        return self.customers("exm", of)

    def proposals(self) -> list[tuple[str, str]]:
        def of(customer: Customer) -> TermsProposal:
            return TermsProposal.objects.create(
                customer=customer,
                kind="exemption",
                status=TERMS.initial,
                country="DE",
                tax_id="DE136695976",
                by=self.shop.system,
                proposed_at=timezone.now(),
            )

        return self.customers("trm", of)

    def merges(self) -> list[tuple[str, str]]:
        def of(customer: Customer) -> Any:
            gone = self.world.post("orders", order_body())["number"]
            gone_id = Order.objects.get(number=gone).customer_id
            return merge_customers(
                kept_id=customer.pk,
                gone_id=gone_id or 0,
                by=self.shop.system,
                now=timezone.now(),
            )

        return self.customers("mrg", of)

    def identities(self) -> list[tuple[str, str]]:
        return self.customers("idn", lambda c: CustomerIdentity.objects.filter(customer=c)[0])

    def messages(self) -> list[tuple[str, str]]:
        def of(channel: Any) -> str:
            row = IncomingMessage.objects.create(
                channel=channel,
                source="shopify",
                topic="x",
                delivery="nested",
                body=b"{}",
                status="held",
            )
            return public_id("msg", row.pk)

        return [(channel.code, of(channel)) for channel in (self.shop.web, self.shop.desk)]

    def views(self) -> list[tuple[str, str]]:
        def of(name: str) -> str:
            view = SavedView.objects.create(
                list=name, name=name, query="", by=self.owner.actor, created_at=timezone.now()
            )
            return str(view.pk)

        return [(name, of(name)) for name in ("orders", "customers")]

    def rules(self) -> list[tuple[str, str]]:
        def of(code: str, version: int) -> str:
            rule = ReviewRule.objects.create(code=code, name=code)
            RuleRevision.objects.create(
                rule=rule,
                version=version,
                condition={"all": []},
                by=self.owner.actor,
                at=timezone.now(),
            )
            return str(version)

        return [("one", of("one", 2)), ("other", of("other", 3))]


API: Mapping[str, Nested] = {
    "api/v1/orders/<str:number>/lines/<str:line>/map": Nested(
        Two.lines, form={"sku": "TEA-001", "remember": False}
    ),
    "api/v1/orders/<str:number>/payments/<str:payment>/capture": Nested(
        Two.payments, form={"amount": CNY, "reference": "c"}
    ),
    "api/v1/orders/<str:number>/payments/<str:payment>/void": Nested(
        Two.payments, form={"reference": "v"}
    ),
    "api/v1/channels/<slug:code>/messages/<str:message>/replay": Nested(Two.messages, form={}),
    "api/v1/customers/<str:customer>/merges/<str:merge>/undo": Nested(Two.merges, form={}),
    "api/v1/customers/<str:customer>/exemptions/<str:exemption>/end": Nested(
        Two.exemptions, form={}
    ),
    "api/v1/customers/<str:customer>/terms/<str:proposal>/approve": Nested(Two.proposals, form={}),
    "api/v1/customers/<str:customer>/terms/<str:proposal>/reject": Nested(Two.proposals, form={}),
    "api/v1/customers/<str:customer>/identities/<str:identity>/verify": Nested(
        Two.identities, form={"reason": "x"}
    ),
    "api/v1/customers/<str:customer>/identities/<str:identity>/unverify": Nested(
        Two.identities, form={"reason": "x"}
    ),
}
PAGES: Mapping[str, Nested] = {
    "orders/<str:number>/lines/<str:line>/<str:verb>/": Nested(
        Two.lines, "order_line", {"sku": "TEA-001"}
    ),
    "orders/<str:number>/invoices/<str:invoice>.pdf": Nested(Two.invoices),
    "customers/<str:customer>/exemptions/<str:exemption>/<str:verb>/": Nested(
        Two.exemptions, "tax_exemption", {}
    ),
    "customers/<str:customer>/merges/<str:merge>/<str:verb>/": Nested(
        Two.merges, "customer_merge", {}
    ),
    "customers/<str:customer>/identities/<str:identity>/<str:verb>/": Nested(
        Two.identities, "customer_identity", {"reason": "x"}
    ),
    "customers/<str:customer>/terms/<str:proposal>/": Nested(Two.proposals),
    "customers/<str:customer>/terms/<str:proposal>/<str:verb>/": Nested(
        Two.proposals, "terms_proposal", {}
    ),
    "lists/<str:name>/views/<int:pk>/delete/": Nested(Two.views, form={}),
    "settings/rules/<slug:code>/force/<int:version>/": Nested(Two.rules, form={}),
}
APART: Mapping[str, str] = {
    r"accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "a test of its own, below",
    "admin/r/<path:content_type_id>/<path:object_id>/": "names any row by its table; leads to its page",
}
NOT_FOUND = {404, 409, 422}


def ids_in(route: str) -> list[str]:
    return [name for name in re.findall(r"<(?:\w+:)?(\w+)>", plain(route)) if name not in WORDS]


def test_every_address_with_two_ids_is_crossed():
    nested = {route for route in every_route() if len(ids_in(route)) > 1}

    assert nested == API.keys() | PAGES.keys() | APART.keys()


def addresses(route: str, one: Nested, parent: str, child: str) -> Iterator[str]:
    """The addresses of a child below a parent: one for each verb that is done to it."""
    first, second = ids_in(route)
    for verb in [verb.name for verb in verbs_of(one.noun)] if one.noun else [""]:
        said = {first: parent, second: child, "verb": verb}
        yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m, said=said: said[m[1]], route)


def crossings(route: str, one: Nested, two: Two) -> Iterator[tuple[str, str, bool]]:
    """(what, address, whether it is of one parent) of each pair."""
    pairs = one.find(two)
    for n, (parent, _child) in enumerate(pairs):
        for m, (_parent, child) in enumerate(pairs):
            for address in addresses(route, one, parent, child):
                yield f"{'own' if n == m else 'crossed'} {n}{m}", address, n == m


@pytest.mark.parametrize("route", API)
def test_no_key_acts_on_another_parents_child(route, api, shop, sign_in, attacker: Attacker):
    two, one = Two(api, shop, sign_in()), API[route]
    pairs = list(crossings(route, one, two))
    with attacker.place():
        for value, address, is_own in pairs:
            sent = partial(
                api.client.post,
                address,
                one.form,
                content_type="application/json",
                headers={"Idempotency-Key": "nested", "If-Match": "*"},
            )
            answer = attacker.attack(route, value, sent, is_api=True)
            judge(attacker, route, value, is_own, answer, people={403})


@pytest.mark.parametrize("route", PAGES)
def test_no_person_acts_on_another_parents_child(route, api, shop, sign_in, attacker: Attacker):
    owner = sign_in()
    two, one = Two(api, shop, owner), PAGES[route]
    pairs = list(crossings(route, one, two))
    with attacker.place():
        for value, address, is_own in pairs:
            sent = partial(owner.get, address)
            if one.form is not None:
                sent = partial(owner.post, address, one.form)
            answer = attacker.attack(route, value, sent, is_api=False)
            judge(attacker, route, value, is_own, answer, people=set())


def judge(
    attacker: Attacker, route: str, value: str, is_own: bool, answer: Any, people: set[int]
) -> None:
    """A crossed one is not found, or is for people alone; its own one is, or crossing would prove nothing."""
    if answer is None:
        return
    code = answer.status_code
    if is_own and code == 404 and "messages/" not in route:  # of another channel than the key's
        attacker.miss(route, value, ["its own is not found"])
    if not is_own and code not in NOT_FOUND | people:
        attacker.miss(route, value, [f"{code} {answer.content[:200]!r}"])


def test_a_key_to_choose_a_password_is_its_users_alone(shop, sign_in, attacker: Attacker):
    links = [one_time_link(sign_in("service", name).actor.user) for name in ("one", "other")]
    parts = [link.rstrip("/").rpartition("/")[2].split("-", 1) for link in links]
    before = set(User.objects.values_list("pk", "password"))
    said = {"password1": "a long enough one, 7 words", "password2": "a long enough one, 7 words"}

    def sent(address: str) -> Any:
        browser = Client(raise_request_exception=False)
        opened = browser.get(address)
        answer = browser.post(opened.get("Location", address), said)
        assert set(User.objects.values_list("pk", "password")) == before
        return answer

    (one, key), (other, others_key) = parts
    crossed = {f"{one}-{others_key}", f"{other}-{key}", f"{one}-set-password", f"{one}-{key}x"}
    with attacker.place():
        for value in sorted(crossed):
            address = f"/accounts/password/reset/key/{value}/"
            attacker.attack("password key", value, partial(sent, address), is_api=False)
