"""A channel's key and a customer whom other channels know: what the company agreed is not told, and not changed.

The key places an order that names the customer's phone, which is all that it takes to have them among its customers.
"""

import pytest
from django.utils import timezone

from erp.access.key_purposes import PURPOSES
from erp.access.models import ApiKey, Channel
from erp.access.roles import rights_of
from erp.ids import public_id
from orders.customers.readers import OF_OTHERS, without_others
from orders.models import ChannelPolicy, Customer, CustomerMerge, Order, PriceList, TermsProposal
from orders.order.own_contacts import naming_others
from tests.orders.customers.strangers import ACME, STRANGER, codes, tea

pytestmark = pytest.mark.django_db(transaction=True)

AGREED = {
    "note",
    "min_shelf_life_days",
    "group",
    "credit_limit",
    "payment_days",
    "has_account",
    "exemptions",
    "proposed_terms",
    "merges",
}
TAX_ID = "91310000775785552L"
VERBS = [
    ("change", {"note": ""}),
    ("change", {"min_shelf_life_days": 9}),
    ("block", {}),
    ("unblock", {}),
    ("merge", {"other": "{other}"}),
    ("merges/{merge}/undo", {}),
    ("identities/{identity}/verify", {"reason": "x"}),
    ("exemptions", {"country": "DE", "tax_id": "DE136695976"}),
]


@pytest.fixture
def other(shop):
    channel = Channel.objects.create(code="b", name="B", kind="storefront", currency="CNY")
    prices = PriceList.objects.get(code="retail")
    ChannelPolicy.objects.create(channel=channel, price_list=prices, accepts_backorders=True)
    return channel


@pytest.fixture
def shared(victim, other, make_client, system):
    """The customer, whom a stranger's order on another channel names."""
    Customer.objects.filter(pk=victim.pk).update(note="pays late", has_account=False)
    gone = Customer.objects.create(name="Acme GmbH", merged_into=victim)
    CustomerMerge.objects.create(
        kept=victim,
        gone=gone,
        moved={"orders": [], "identities": [], "entries": []},
        was_blocked=False,
        at=timezone.now(),
        by=system,
    )
    TermsProposal.objects.create(
        customer=victim,
        kind="exemption",
        status="waiting",
        country="DE",
        tax_id="DE136695976",
        by=system,
        proposed_at=timezone.now(),
    )
    named = STRANGER | {"name": "", "phone": ACME["phone"], "email": ""}
    answer = make_client(channel=other).post("orders", tea(named))
    assert answer.status_code == 201, answer.content
    assert Order.objects.latest("pk").customer_id == victim.pk
    return victim


def row_of(customer):
    return Customer.objects.filter(pk=customer.pk).values().get()


@pytest.mark.parametrize("purpose", PURPOSES)
def test_nothing_that_was_agreed_is_told(shared, other, make_client, purpose):
    for channel in (other, Channel.objects.get(code="web")):
        answer = make_client(channel=channel, purpose=purpose).get(
            f"customers/{public_id('cus', shared.pk)}"
        )
        if answer.status_code == 403:
            continue
        assert answer.status_code == 200
        document = answer.json()
        assert not AGREED & document.keys()
        assert document["allowed_actions"] == []


@pytest.mark.parametrize("purpose", PURPOSES)
def test_nothing_is_changed(shared, other, make_client, purpose):
    before = row_of(shared)
    client = make_client(channel=other, purpose=purpose)
    own = STRANGER | {"name": "Own", "email": "own@b.example"}
    make_client(channel=other).post("orders", tea(own))
    names = {
        "other": public_id("cus", Order.objects.latest("pk").customer_id),
        "merge": public_id("mrg", CustomerMerge.objects.get().pk),
        "identity": public_id("idn", shared.identities.get(kind="phone").pk),
    }
    for verb, said in VERBS:
        body = {k: v.format(**names) if isinstance(v, str) else v for k, v in said.items()}
        path = f"customers/{public_id('cus', shared.pk)}/{verb.format(**names)}"
        answer = client.post(path, body)
        assert answer.status_code == 403, (verb, answer.content)
        assert row_of(shared) == before, verb
        assert CustomerMerge.objects.filter(undone_at=None).count() == 1, verb


def test_the_other_way_round_it_is_not_merged_either(shared, other, make_client):
    client = make_client(channel=other, purpose="owner")
    client.post("orders", tea(STRANGER | {"name": "Own", "email": "own@b.example"}))
    mine = Order.objects.latest("pk").customer
    assert mine.pk != shared.pk
    answer = client.post(
        f"customers/{public_id('cus', mine.pk)}/merge", {"other": public_id("cus", shared.pk)}
    )
    assert answer.status_code == 403
    assert "Other channels" in answer.json()["detail"]


def test_of_its_own_customers_a_key_is_told_and_may_change_them(victim, api, make_client):
    path = f"customers/{public_id('cus', victim.pk)}"
    assert api.get(path).json().keys() >= AGREED
    storefront = make_client(purpose="storefront")
    assert storefront.get(path).json()["allowed_actions"] == ["change"]
    assert storefront.post(f"{path}/change", {"note": "rings twice"}).status_code == 200
    for verb, body in (("block", {}), ("merge", {"other": "cus_1"})):
        assert storefront.post(f"{path}/{verb}", body).status_code == 403


def test_a_proposed_tax_id_is_masked_for_who_sees_no_contacts(victim, system, make_client, sign_in):
    TermsProposal.objects.create(
        customer=victim,
        kind="exemption",
        status="waiting",
        country="DE",
        tax_id="DE136695976",
        by=system,
        proposed_at=timezone.now(),
    )
    path = f"customers/{public_id('cus', victim.pk)}"
    shown = make_client(purpose="finance").get(path).json()
    assert "136695" not in str(shown)
    assert TAX_ID not in str(shown)
    (asked,) = shown["proposed_terms"]
    assert asked["tax_id"].endswith("976")
    for role, sees in (("analyst", False), ("warehouse", False), ("finance", True)):
        assert ("DE136695976" in sign_in(role, role).get(f"/{path}/").content.decode()) is sees


def test_no_key_agrees_terms_or_blocks_and_merges_for_a_storefront():
    for code, purpose in PURPOSES.items():
        rights = rights_of(purpose.role)
        assert not {"customers.terms", "customers.export", "customers.erase"} & rights, code
        assert code == "owner" or not {"customers.block", "customers.merge"} & rights, code


TELLING = (
    *("terms_not_proven", "unproven_terms", "customer_blocked", "is_blocked", "contact_blocked"),
    *("contact_of", "customer_orders", "customer_group", "trade", "doubles"),
)


def told(client, number) -> str:
    """All that a key is told of an order, by every way there is to ask."""
    ways = (f"orders/{number}", f"orders/{number}/decisions", f"orders/{number}/events", "orders")
    return " ".join(client.get(way).content.decode() for way in ways)


def names_victim(client, by):
    """Place an order that names a contact of the victim's; what was answered, and its number."""
    named = STRANGER | {"name": by or "Mallory", "phone": ACME["phone"], "email": ""}
    answer = client.post("orders", tea(named))
    assert answer.status_code == 201, answer.content
    return answer.content.decode(), answer.json()["number"]


@pytest.mark.parametrize("is_blocked", [True, False])
@pytest.mark.parametrize("review", ["record", "hold"])
@pytest.mark.parametrize("by", ["", "Mallory Quite Another"])
def test_an_order_that_names_them_asks_nothing_about_them(
    shared, other, make_client, review, by, is_blocked
):
    """By their own name, and by another: then it is another customer's order, that has a contact of theirs."""
    ChannelPolicy.objects.filter(channel=other).update(review=review)
    Customer.objects.filter(pk=shared.pk).update(is_blocked=is_blocked)
    client = make_client(channel=other, purpose="owner")
    answer, number = names_victim(client, by)
    order = Order.objects.get(number=number)
    assert ("customer_blocked" in codes(order)) == is_blocked
    assert codes(order) & OF_OTHERS
    said = answer + told(client, number)
    assert [word for word in TELLING if word in said] == []
    if is_blocked or review == "record":
        assert ("withheld" in answer) == is_blocked


def test_of_its_own_customers_a_key_is_told_why(victim, api):
    Customer.objects.filter(pk=victim.pk).update(is_blocked=True)
    _answer, number = names_victim(api, "Acme Ltd")
    said = told(api, number)
    assert "customer_blocked" in said
    assert "terms_not_proven" in said
    assert "withheld" not in said


def test_staff_are_told_why_whoever_else_knows_the_customer(shared, other, make_client, sign_in):
    client = make_client(channel=other)
    _answer, number = names_victim(client, "")
    order = Order.objects.get(number=number)
    assert naming_others(ApiKey.objects.latest("pk").actor, [order.pk]) == {order.pk}
    assert naming_others(sign_in("service", "sue").actor, [order.pk]) == set()


def test_what_rules_were_told_of_them_is_left_out_too():
    said = {
        "facts": {
            "customer_orders": 9,
            "customer_group": "trade",
            "findings": ["x", "terms_not_proven"],
        }
    }
    assert without_others(said) == {"facts": {"findings": ["x"]}}
    outcome = {"holds": [["customer", "customer_blocked"], ["payment", "y"]]}
    assert without_others(outcome) == {"holds": [["customer", "withheld"], ["payment", "y"]]}
    assert without_others({"kind": "fraud", "reason": "contact_blocked", "params": 1}) == {
        "kind": "customer",
        "reason": "withheld",
        "params": 1,
    }
