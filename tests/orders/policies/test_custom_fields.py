"""A merchant's own fields on orders: set by shops and staff, of their kind, asked by rules, found and exported."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from erp.errors import Invalid
from erp.once import perform
from orders.models import CustomField, Decision, Order
from orders.order.actions.marks import mark_order
from orders.policies.custom_fields import as_facts, text_of, value_of
from orders.rehearsal.replay import replay
from orders.review.rule_facts import orders_as_they_are
from tests.conftest import order_body
from tests.orders.rules import asks
from tests.relay import run_relay


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=4
    )
)
def test_a_number_is_kept_as_it_was(number):
    assert Decimal(value_of("number", f"{number:f}", ())) == number


@given(st.sampled_from(["text", "number", "yes_no", "date", "choice"]), st.text(max_size=40))
def test_whatever_is_written_is_of_its_kind_or_refused(kind, text):
    try:
        value = value_of(kind, text, ["a", "b"])
    except ValueError:
        return
    assert value is None or value_of(kind, text_of(value), ["a", "b"]) == value


@pytest.fixture
def fields(db):
    CustomField.objects.create(
        code="stage",
        name="Stage",
        translations={"zh": "阶段"},
        kind="choice",
        choices=["new", "checked"],
    )
    CustomField.objects.create(code="gift", name="Gift", kind="yes_no")
    CustomField.objects.create(code="pallets", name="Pallets", kind="number")
    CustomField.objects.create(code="fair", name="Fair", kind="date")
    CustomField.objects.create(code="old", name="Old", kind="text", is_active=False)


@pytest.mark.django_db(transaction=True)
class TestOnOrders:
    def placed(self, api, **metadata):
        number = api.post("orders", order_body(metadata=metadata)).json()["number"]
        return Order.objects.get(number=number)

    def mark(self, order, system, **custom):
        return perform(mark_order, order_id=order.pk, custom=custom, by=system, now=timezone.now())

    def test_staff_set_them_and_take_them_away(self, api, fields, system, sign_in):
        order = self.placed(api, ref="x", gift=True)
        client = sign_in("service")
        page = client.get(f"/orders/{order.number}/").content.decode()
        assert 'name="custom.stage"' in page
        assert "custom.old" not in page
        form = {
            "custom.stage": "checked",
            "custom.gift": "",
            "custom.pallets": "1,200.50",
            "custom.fair": "2026-12-01",
        }
        assert client.post(f"/orders/{order.number}/mark/", form).status_code == 302
        order.refresh_from_db()
        assert order.metadata == {
            "ref": "x",
            "stage": "checked",
            "pallets": "1200.5",
            "fair": "2026-12-01",
        }
        assert api.get(f"orders/{order.number}").json()["metadata"] == order.metadata

    @pytest.mark.parametrize(
        ("code", "text"),
        [
            ("stage", "lost"),
            ("gift", "maybe"),
            ("pallets", "many"),
            ("fair", "tomorrow"),
            ("old", "x"),
            ("none", "x"),
        ],
    )
    def test_what_is_not_of_its_kind_is_refused_by_name(self, api, fields, system, code, text):
        order = self.placed(api)
        with pytest.raises(Invalid) as refusal:
            self.mark(
                order,
                system,
                **{"stage": "new"} | {code: text},
            )
        assert [e.pointer for e in refusal.value.errors] == [f"/custom/{code}"]
        order.refresh_from_db()
        assert order.metadata == {}

    def test_rules_ask_for_them_when_it_is_placed_and_later(
        self, api, fields, system, write, laws_hold
    ):
        write("checked", asks("custom", "any", ["stage=checked", "gift=true"]), tags=["seen"])
        sent = self.placed(api, gift=True, pallets=2.5, none=None)
        assert sent.tags == ["seen"]
        order = self.placed(api)
        assert order.tags == []
        self.mark(order, system, stage="checked")
        run_relay()
        order.refresh_from_db()
        assert order.tags == ["seen"]
        kept = Decision.objects.filter(order=sent, kind="rules").first().inputs["facts"]["custom"]
        assert kept == ["gift=true", "none=", "pallets=2.5"]
        (known,) = orders_as_they_are([sent.pk], timezone.now())
        assert known.asked["custom"] == set(kept) == as_facts(sent.metadata)
        assert not replay().differing
        laws_hold()

    def test_orders_are_found_by_them(self, api, fields, sign_in):
        checked, gift = self.placed(api, stage="checked"), self.placed(api, gift=True, boxes=3)
        client = sign_in("service")
        for asked, there, gone in (
            ("stage=checked", checked, gift),
            ("gift=true", gift, checked),
            ("boxes=3", gift, checked),
        ):
            page = client.get("/orders/", {"custom": asked}).content.decode()
            assert there.number in page
            assert gone.number not in page
            (only,) = api.get("orders", custom=asked).json()["data"]
            assert only["number"] == there.number

    def test_programs_set_them_too(self, api, fields):
        order = self.placed(api)
        body = {"custom": {"stage": "new", "pallets": "2"}}
        answer = api.post(f"orders/{order.number}/marks", body)
        assert answer.json()["metadata"] == {"stage": "new", "pallets": "2"}
        wrong = api.post(f"orders/{order.number}/marks", {"custom": {"stage": "lost"}})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (
            422,
            "/custom/stage",
        )

    def test_a_choice_has_choices(self, db):
        with pytest.raises(IntegrityError), transaction.atomic():
            CustomField.objects.create(code="none", name="None", kind="choice")
