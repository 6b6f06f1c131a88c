"""Who may reach what: every URL and method has a right declared here, and is tried without it."""

import re
from itertools import product

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from erp.access.roles import IMPLIED, NOUNS, STAFF, rights_of
from erp.verbs import noun_named, verbs_of
from erp.wiring import NOUNS as NOUNS_WITH_VERBS
from tests.sessions import let_in

pytestmark = pytest.mark.django_db
PEOPLE = STAFF
OUTSIDE = ("admin/", "accounts/", "api/schema", "api/docs", "^api/")
OPEN = {
    "livez",
    "readyz",
    "track/",
    "track/<number>/",
    "choose/",
    "choose/<number>/",
    "preferences/",
    "docs/problems/",
    "docs/problems/<str:code>",
}
SIGNED = {  # by the body's signature
    "api/v1/channels/<slug:code>/webhooks/<slug:source>",
    "api/v1/channels/<slug:code>/payment-webhooks",
}

PAGES = {
    "": "orders.view",
    "counters/": "",
    "search/": "orders.view",
    "palette/": "",
    "purchasing/": "purchasing.view",
    "lists/<str:name>/bulk/": "",
    "lists/<str:name>/export/": "",
    "lists/<str:name>/views/": "",
    "lists/<str:name>/views/<int:pk>/delete/": "",
    "lists/<str:name>/columns/": "",
    "lists/<str:name>/counts/": "",
    "notices/": "",
    "notices/seen/": "",
    "jobs/": "",
    "jobs/<int:pk>/": "",
    "jobs/<int:pk>/file/": "",
    "jobs/<int:pk>/failed.csv": "",
    "jobs/<int:pk>/<str:verb>/": "",
    "data/": "imports.view",
    "data/<str:name>/": "imports.view",
    "data/<str:name>/<str:kind>/": "imports.view",
    "setup/": "settings.edit",
    "setup/card/": "settings.edit",
    "setup/proposal/": "settings.edit",
    "setup/company/": "settings.edit",
    "setup/products/": "inventory.edit",
    "settings/": "settings.view",
    "settings/company/": "settings.view",
    "settings/channels/": "settings.view",
    "settings/channels/<int:pk>/": "settings.edit",
    "settings/warehouses/": "settings.view",
    "settings/warehouses/<int:pk>/": "settings.edit",
    "settings/carriers/": "settings.view",
    "settings/carriers/<int:pk>/": "settings.edit",
    "settings/people/": "settings.view",
    "settings/people/<int:pk>/": "settings.edit",
    "settings/people/<int:pk>/end-sessions/": "",
    "settings/sign-in/": "settings.view",
    "settings/roles/": "settings.view",
    "settings/approvals/": "settings.view",
    "settings/approvals/<int:pk>/<str:verb>/": "settings.edit",
    "settings/keys/": "settings.view",
    "settings/keys/<int:pk>/revoke/": "settings.edit",
    "settings/webhooks/": "settings.view",
    "settings/webhooks/deliveries/": "settings.view",
    "settings/webhooks/<int:pk>/<str:verb>/": "events.subscribe",
    "settings/messages/": "settings.view",
    "settings/messages/<str:template>/preview/": "settings.view",
    "settings/messages/<int:pk>/again/": "settings.edit",
    "settings/notices/": "settings.view",
    "settings/schedules/": "settings.view",
    "settings/schedules/<str:name>/run/": "settings.edit",
    "settings/audit-log/": "settings.view",
    "settings/retention/": "settings.view",
    "settings/rehearsals/": "settings.view",
    "settings/rehearsals/begin/": "settings.view",
    "settings/rules/<slug:code>/rehearse/": "settings.view",
    "settings/rules/": "settings.view",
    "settings/rules/apply/": "settings.edit",
    "settings/rules/new/": "settings.view",
    "settings/rules/<slug:code>/": "settings.view",
    "settings/rules/<slug:code>/force/<int:version>/": "settings.edit",
    "settings/rules/<slug:code>/retire/": "settings.edit",
    "settings/looks/": "audit.view",
    "settings/audit/": "audit.view",
    "settings/security/": "audit.view",
    "settings/parked/": "settings.view",
    "settings/parked/<str:name>/": "settings.view",
    "settings/health/": "settings.view",
    "settings/design/": "settings.view",
    "inventory/": "inventory.view",
    "inventory/<str:code>/": "inventory.view",
    "inventory/<str:code>/change/": "inventory.view",
    "inventory/<str:code>/policy/": "inventory.allot",
    "inventory/<str:code>/label.pdf": "inventory.view",
    "stock/scan/": "inventory.view",
    "stock/receive/": "inventory.receive",
    "stock/move/": "inventory.move",
    "stock/movements/<int:pk>/": "inventory.view",
    "stock/documents/": "inventory.view",
    "stock/documents/<int:pk>/": "inventory.view",
    "stock/documents/<int:pk>/<str:verb>/": "inventory.view",
    "stock/counts/": "inventory.view",
    "stock/counts/new/": "inventory.count",
    "stock/counts/<str:number>/": "inventory.view",
    "stock/counts/<str:number>/scan/": "inventory.count",
    "stock/counts/<str:number>/<str:verb>/": "inventory.view",
    "stock/transfers/": "inventory.view",
    "stock/transfers/new/": "inventory.transfer",
    "stock/transfers/<str:number>/": "inventory.view",
    "stock/transfers/<str:number>/<str:verb>/": "inventory.view",
    "stock/bins/": "inventory.view",
    "stock/bins/new/": "inventory.layout",
    "stock/bins/labels.pdf": "inventory.view",
    "stock/bins/<int:pk>/": "inventory.view",
    "stock/allotments/": "inventory.view",
    "stock/valuation/": "costs.view",
    "stock/documents/new/": "inventory.view",
    "stock/lots/": "inventory.view",
    "inventory/<str:code>/split/": "inventory.allot",
    "stock/listings/": "inventory.view",
    "stock/listings/add/": "inventory.allot",
    "stock/feeds/": "inventory.view",
    "purchasing/new/": "purchasing.edit",
    "purchasing/suggestions/": "purchasing.view",
    "purchasing/suggestions/<str:verb>/": "purchasing.edit",
    "purchasing/suppliers/": "purchasing.view",
    "purchasing/suppliers/new/": "purchasing.edit",
    "purchasing/suppliers/<str:code>/": "purchasing.view",
    "purchasing/suppliers/<str:code>/change/": "purchasing.edit",
    "purchasing/<str:number>/": "purchasing.view",
    "purchasing/<str:number>/paper.pdf": "purchasing.view",
    "purchasing/<str:number>/<str:verb>/": "purchasing.view",
    "orders/": "orders.view",
    "orders/review/take/": "orders.release",
    "orders/review/figures/": "orders.view",
    "orders/review/": "orders.view",
    "orders/new/": "orders.place",
    "orders/new/quote/": "orders.place",
    "orders/new/customers/": "orders.place",
    "orders/new/skus/": "orders.place",
    "orders/<str:number>/": "orders.view",
    "orders/<str:number>/timeline/": "orders.view",
    "orders/<str:number>/comment/": "orders.view",
    "orders/<str:number>/look/": "orders.view",
    "orders/<str:number>/change/": "orders.edit",
    "orders/<str:number>/reveal/": "customers.reveal",
    "customers/<str:customer>/personal-data/": "customers.view",
    "orders/<str:number>/edit/<str:part>/": "orders.edit",
    "orders/new/address/": "orders.place",
    "orders/new/divisions/": "orders.place",
    "orders/drafts/": "customers.view",
    "orders/drafts/<int:pk>/": "customers.reveal",
    "orders/drafts/<int:pk>/<str:verb>/": "customers.view",
    "orders/channel-news/": "orders.view",
    "orders/files/": "orders.place",
    "orders/files/hand-over/": "orders.place",
    "orders/files/<int:pk>/": "orders.place",
    "orders/reconciliation/": "orders.view",
    "orders/inbox/": "orders.view",
    "orders/inbox/hand-over/": "orders.place",
    "orders/inbox/<int:pk>/": "orders.view",
    "orders/inbox/<int:pk>/replay/": "messages.replay",
    "orders/<str:number>/confirmation/": "customers.view",
    "orders/<str:number>/invoices/<str:invoice>.pdf": "customers.view",
    "orders/<str:number>/split/": "orders.edit",
    "orders/<str:number>/buy/": "purchasing.edit",
    "orders/<str:number>/lines/<str:line>/<str:verb>/": "orders.view",
    "orders/<str:number>/<str:verb>/": "orders.view",
    "customers/": "customers.view",
    "customers/<str:customer>/": "customers.view",
    "customers/<str:customer>/reveal/": "customers.reveal",
    "customers/<str:customer>/exemptions/<str:exemption>/<str:verb>/": "customers.view",
    "customers/<str:customer>/terms/<str:proposal>/": "customers.view",
    "customers/<str:customer>/terms/<str:proposal>/<str:verb>/": "customers.view",
    "customers/<str:customer>/merges/<str:merge>/<str:verb>/": "customers.view",
    "customers/<str:customer>/identities/<str:identity>/<str:verb>/": "customers.view",
    "customers/<str:customer>/<str:verb>/": "customers.view",
    "fulfillment/": "fulfillment.view",
    "fulfillment/<int:pk>/": "fulfillment.view",
    "fulfillment/<int:pk>/<str:verb>/": "fulfillment.view",
    "shipments/": "fulfillment.view",
    "shipments/<int:pk>/<str:kind>.pdf": "fulfillment.view",
    "imports/new/": "imports.run",
    "returns/": "returns.view",
    "returns/refunds/": "refunds.view",
    "returns/refunds/<str:number>/<str:verb>/": "refunds.view",
    "returns/for/<str:number>/": "returns.view",
    "returns/<str:number>/": "returns.view",
    "returns/<str:number>/refund/": "returns.view",
    "returns/<str:number>/<str:verb>/": "returns.view",
    "analytics/": "analytics.view",
}
API = {
    "skus": {"get": "availability.view"},
    "skus/<str:code>": {"get": "availability.view"},
    "products": {"get": "availability.view"},
    "availability": {"get": "availability.view"},
    "stock/adjustments": {"post": "inventory.adjust"},
    "stock/movements": {"get": "inventory.view"},
    "allotments": {"get": "inventory.view", "post": "inventory.allot"},
    "stock/levels": {"get": "inventory.view"},
    "stock/valuation": {"get": "costs.view"},
    "stock/lots": {"get": "inventory.view"},
    "stock/listings": {"get": "inventory.view", "post": "inventory.allot"},
    "stock/feeds": {"get": "inventory.view", "post": "inventory.allot"},
    "stock/bins": {"get": "inventory.view", "post": "inventory.layout"},
    "stock/policies": {"post": "inventory.allot"},
    "stock/splits": {"post": "inventory.allot"},
    "stock/receipts": {"post": "inventory.receive"},
    "stock/moves": {"post": "inventory.move"},
    "stock/write-offs": {"post": "inventory.write_off"},
    "stock/vendor-returns": {"post": "inventory.receive"},
    "stock/documents": {"get": "inventory.view"},
    "stock/counts": {"get": "inventory.view", "post": "inventory.count"},
    "stock/counts/<str:number>": {"get": "inventory.view"},
    "stock/transfers": {"get": "inventory.view", "post": "inventory.transfer"},
    "stock/transfers/<str:number>": {"get": "inventory.view"},
    "suppliers": {"get": "purchasing.view", "post": "purchasing.edit"},
    "suppliers/<str:code>/terms": {"get": "purchasing.view", "post": "purchasing.edit"},
    "purchase-orders": {"get": "purchasing.view", "post": "purchasing.edit"},
    "purchase-orders/<str:number>": {"get": "purchasing.view"},
    "purchase-suggestions": {"get": "purchasing.view", "post": "purchasing.edit"},
    "purchase-suggestions/order": {"post": "purchasing.edit"},
    "reservations": {"post": "inventory.reserve"},
    "reservations/<str:cart>": {"get": "inventory.reserve", "delete": "inventory.release"},
    "orders": {"get": "orders.view", "post": "orders.place"},
    "orders/bulk": {"post": "orders.place"},
    "orders/<str:number>": {"get": "orders.view"},
    "orders/<str:number>/events": {"get": "orders.view"},
    "orders/<str:number>/decisions": {"get": "orders.view"},
    "orders/<str:number>/payments": {"get": "orders.view"},
    "orders/<str:number>/payment-intents": {"get": "orders.view", "post": "orders.pay"},
    "orders/<str:number>/invoices": {"get": "orders.view"},
    "orders/<str:number>/changes/preview": {"post": "orders.edit"},
    "drafts": {"get": "customers.view"},
    "drafts/<str:draft>": {"get": "customers.view"},
    "outgoing-documents": {"get": "messages.view"},
    "outgoing-documents/<str:document>": {"get": "messages.view"},
    "customers": {"get": "customers.view"},
    "customers/<str:customer>": {"get": "customers.view"},
    "quotes": {"post": "orders.view"},
    "addresses/parse": {"post": "orders.view"},
    "addresses/divisions": {"get": "orders.view"},
    "channels/<slug:code>/messages": {"get": "messages.view", "post": "orders.place"},
    "channels/<slug:code>/messages/<str:message>/replay": {"post": "messages.replay"},
    "shipments": {"get": "fulfillment.view", "post": "fulfillment.ship"},
    "shipments/<str:shipment>": {"get": "fulfillment.view"},
    "shipments/<str:shipment>/ship": {"post": "fulfillment.ship"},
    "tracking/<str:number>": {"get": "fulfillment.view", "post": "fulfillment.track"},
    "channels/<slug:code>/shipstation": {"get": "orders.view", "post": "fulfillment.ship"},
    "fulfillment-orders": {"get": "fulfillment.view"},
    "fulfillment-orders/<str:work>/pick": {"post": "fulfillment.pick"},
    "fulfillment-orders/<str:work>/pack": {"post": "fulfillment.pack"},
    "returns": {"get": "returns.view", "post": "returns.request"},
    "returns/<str:number>": {"get": "returns.view"},
    "refunds": {"get": "refunds.view", "post": "refunds.propose"},
    "refunds/<str:number>": {"get": "refunds.view"},
    "events": {"get": "events.view"},
    "webhook-endpoints": {"get": "events.view", "post": "events.subscribe"},
    "webhook-endpoints/<str:endpoint>": {"get": "events.view"},
    "webhook-endpoints/<str:endpoint>/pause": {"post": "events.subscribe"},
    "webhook-endpoints/<str:endpoint>/resume": {"post": "events.subscribe"},
    "webhook-endpoints/<str:endpoint>/deliveries": {"get": "events.view"},
    "webhook-endpoints/<str:endpoint>/replay": {"post": "events.subscribe"},
    "analytics": {"get": "analytics.view"},
    "analytics/<str:metric>": {"get": "analytics.view"},
}
for noun in NOUNS_WITH_VERBS:  # whoever declares a verb says its right; here it is tried without it
    for verb in verbs_of(noun):
        API.setdefault(f"{noun_named(noun).path}/{verb.address}", {})["post"] = verb.right
METHODS = ("get", "post", "put", "patch", "delete")


def routes(resolver: URLResolver, prefix: str = "") -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        found += routes(entry, path) if isinstance(entry, URLResolver) else [path]
        assert isinstance(entry, URLResolver | URLPattern)
    return found


def sample(path: str) -> str:
    """A path with its parameters filled in."""
    return "/" + re.sub(r"<(\w+:)?\w+>", lambda m: "1" if m[1] == "int:" else "x", path)


def test_every_url_has_a_declared_right():
    paths = {p for p in routes(get_resolver()) if not p.startswith(OUTSIDE)}

    assert paths == OPEN | SIGNED | PAGES.keys() | {f"api/v1/{path}" for path in API}


def test_no_endpoint_answers_without_a_key():
    for path, method in product(API, METHODS):
        answer = getattr(Client(), method)(sample(f"api/v1/{path}"))

        assert answer.status_code in {401, 405}, (path, method, answer.content)
        assert answer["Content-Type"] == "application/problem+json", (path, method)


def wholes_of(right):
    """Rights that another is a part of."""
    return {whole for whole, part in IMPLIED.items() if part == right}


def test_a_key_does_what_its_scopes_name_and_no_more(make_client):
    everything = rights_of("api_client")
    full = make_client()
    by_right = {
        right: make_client(scopes=sorted(everything - {right} - wholes_of(right)))
        for right in {right for methods in API.values() for right in methods.values()}
    }
    for path, methods in API.items():
        for method in METHODS:
            right = methods.get(method)
            client = by_right[right] if right else full
            answer = client.client.generic(method.upper(), sample(f"api/v1/{path}"))
            assert answer.status_code == (403 if right else 405), (path, method, right)


@pytest.mark.parametrize("path", sorted(SIGNED))
def test_what_is_signed_is_posted_and_to_a_channel_that_there_is(path):
    for method in METHODS:
        answer = getattr(Client(), method)(sample(path))

        assert answer.status_code == (404 if method == "post" else 405)
        assert answer["Content-Type"] == "application/problem+json"


def test_no_page_answers_without_signing_in():
    for path, method in product(PAGES, ("get", "post")):
        answer = getattr(Client(), method)(sample(path))

        assert answer.status_code in {302, 405}, (path, method, answer.status_code)
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/"), (path, method)


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_reaches_its_own_pages_only(shop, role):
    from erp.access.actions import add_person

    person = add_person(
        username=role, name=role, email="", role=role, password=None, by=shop.system
    )
    client = Client()
    let_in(client, person.user)
    for path, right in PAGES.items():
        for method in ("get", "post"):
            status = getattr(client, method)(sample(path)).status_code
            if status == 405:
                continue
            allowed = not right or right in rights_of(role)
            assert (status == 403) == (not allowed), (path, method, status)
            assert status < 500


def test_every_right_is_somebodys():
    given = {right for role in PEOPLE for right in rights_of(role)}

    assert given == {f"{noun}.{verb}" for noun, verbs in NOUNS.items() for verb in verbs}
