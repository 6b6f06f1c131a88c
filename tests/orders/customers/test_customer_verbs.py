"""Customers over the API: changed, exempted, merged, each once, and only those of the key's channel."""

import pytest

from erp.access.models import Channel
from erp.ids import public_id
from orders.models import Customer, TaxExemption
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(api):
    for name in ("Anna Berg", "Anna Bergh"):
        contact = {"name": name, "email": f"{name[-5:].strip().lower()}@example.com", "phone": ""}
        assert api.post("orders", order_body(customer=contact)).status_code == 201
    return list(Customer.objects.order_by("pk"))


def path_of(customer, *more):
    return "/".join(["customers", public_id("cus", customer.pk), *more])


class TestChange:
    def test_what_is_left_out_stays(self, api, two):
        kept, _other = two
        done = api.post(path_of(kept, "change"), {"note": "Likes oolong"})
        assert done.status_code == 200, done.content
        again = api.post(path_of(kept, "change"), {"min_shelf_life_days": 90})

        kept.refresh_from_db()
        assert (kept.note, kept.min_shelf_life_days) == ("Likes oolong", 90)
        assert again.json()["note"] == "Likes oolong"

    @pytest.mark.parametrize(
        ("body", "status", "pointer"),
        [
            ({"credit_limit": "many"}, 422, "/credit_limit"),
            ({"credit_limit": "NaN"}, 422, "/credit_limit"),
            ({"min_shelf_life_days": "90"}, 400, "/min_shelf_life_days"),
            ({"colour": "red"}, 400, "/colour"),
        ],
    )
    def test_what_cannot_be_read_is_named_and_nothing_changes(
        self, api, two, body, status, pointer
    ):
        before = Customer.objects.filter(pk=two[0].pk).values().get()
        answer = api.post(path_of(two[0], "change"), {"note": "x", **body})

        assert answer.status_code == status
        assert answer.json()["errors"][0]["pointer"] == pointer
        assert Customer.objects.filter(pk=two[0].pk).values().get() == before

    def test_terms_need_their_own_right(self, api, two):
        """Keys of storefronts have no right to terms: who sells may not say what may be owed."""
        answer = api.post(path_of(two[0], "change"), {"credit_limit": "10000"})

        assert answer.status_code == 403
        two[0].refresh_from_db()
        assert two[0].credit_limit is None


class TestMerge:
    def test_merged_once_and_undone(self, api, two):
        kept, gone = two
        body = {"other": public_id("cus", gone.pk)}
        merged = api.post(path_of(kept, "merge"), body, key="m")
        again = api.post(path_of(kept, "merge"), body, key="m")

        assert merged.status_code == 200, merged.content
        assert again["Idempotent-Replayed"] == "true"
        (merge,) = merged.json()["merges"]
        assert merge["customer"] == public_id("cus", gone.pk)

        undone = api.post(path_of(kept, "merges", merge["id"], "undo"), {})

        assert undone.status_code == 200, undone.content
        assert undone.json()["merges"] == []

    def test_with_nobody_or_with_itself(self, api, two):
        for other in ("cus_000000000000", public_id("cus", two[0].pk), "x"):
            answer = api.post(path_of(two[0], "merge"), {"other": other})
            assert answer.status_code == 422
        assert Customer.objects.filter(merged_into=None).count() == 2


def test_an_exemption_needs_the_right_to_terms(api, two):
    answer = api.post(path_of(two[0], "exemptions"), {"country": "DE", "tax_id": "DE136695976"})

    assert answer.status_code == 403
    assert not TaxExemption.objects.exists()


def test_another_channels_customers_are_not_there(make_client, two, shop):
    other = Channel.objects.create(code="other", name="Other", kind="storefront", currency="CNY")
    stranger = make_client(channel=other)
    for path in (path_of(two[0]), path_of(two[0], "change")):
        answer = stranger.get(path) if path == path_of(two[0]) else stranger.post(path, {})
        assert answer.status_code == 404


def test_contacts_are_masked_for_who_does_not_see_them(make_client, two):
    blind = make_client(scopes=["customers.view"])
    shown = blind.get(path_of(two[0])).json()

    assert "Berg" not in shown["name"]
    assert all("*" in email for email in shown["emails"])
    assert (
        blind.get("customers").json()["data"][0]["name"]
        == blind.get(path_of(two[1])).json()["name"]
    )


class TestBlock:
    def test_every_order_of_a_blocked_customer_is_held_until_the_block_is_lifted(self, api, two):
        blocked, _other = two
        buyer = {"name": "Anna Berg", "email": "berg@example.com", "phone": ""}

        done = api.post(path_of(blocked, "block"), {})
        assert (done.status_code, done.json()["is_blocked"]) == (200, True)
        assert api.post(path_of(blocked, "block"), {}).status_code == 409
        held = api.post("orders", order_body(customer=buyer)).json()
        assert [hold["reason"] for hold in held["holds"]] == ["customer_blocked"]
        assert api.post(path_of(blocked, "unblock"), {}).json()["is_blocked"] is False
        assert api.post(path_of(blocked, "unblock"), {}).status_code == 409
        assert api.post("orders", order_body(customer=buyer)).json()["holds"] == []

    def test_on_its_page(self, api, two, sign_in):
        client, path = sign_in("service"), f"/customers/{public_id('cus', two[0].pk)}/"
        assert f"{path}block/" in client.get(path).content.decode()

        assert client.post(f"{path}block/").status_code == 302

        page = client.get(path).content.decode()
        assert f"{path}unblock/" in page
        assert f'"{path}block/"' not in page
        assert Customer.objects.get(pk=two[0].pk).is_blocked

    def test_another_name_on_the_same_phone_does_not_lift_it(self, api, shop):
        phone = "+8613812345678"
        first = {"name": "Anna Berg", "email": "berg@example.com", "phone": phone}
        api.post("orders", order_body(customer=first))
        api.post(path_of(Customer.objects.get(), "block"), {})

        other = {"name": "Wang Wei", "email": "wang@example.com", "phone": phone}
        held = api.post("orders", order_body(customer=other)).json()

        assert [hold["reason"] for hold in held["holds"]] == ["customer_blocked"]
