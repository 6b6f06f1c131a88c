"""What a purchase order costs has its currency's digits, whatever its prices have; suppliers' terms can hold."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from erp.money import DIGITS, decimals, minor_unit, shown_price
from inventory.models import PurchaseOrder, Supplier, SupplierTerm
from inventory.purchasing.decisions import sum_of_line
from inventory.purchasing.papers import _facts

MONEY = st.decimals(min_value=0, max_value=10**6, places=4)


@given(MONEY, st.integers(1, 10**6), st.sampled_from(sorted(DIGITS)))
def test_what_a_line_costs_is_whole_minor_units(price, quantity, currency):
    found = sum_of_line(price, quantity, currency)
    assert decimals(found) <= DIGITS[currency]
    assert abs(found - price * quantity) <= minor_unit(currency) / 2


@pytest.mark.parametrize(
    ("currency", "price", "total", "said", "shown"),
    [
        ("JPY", "10.1", "30", "10.1", "¥10.1"),
        ("JPY", "10.5", "32", "10.5", "¥10.5"),
        ("KWD", "1.4857", "4.457", "1.4857", "KWD1.4857"),
        ("CNY", "0.0375", "0.11", "0.0375", "CN¥0.0375"),
        ("CNY", "5.9", "17.70", "5.90", "CN¥5.90"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_price_may_be_finer_than_its_currency_and_a_sum_never(
    currency, price, total, said, shown, api, shop
):
    """Three at 10.1 JPY were approved at 30.3."""
    api.post("suppliers", {"code": "far", "name": "Far", "currency": currency})
    lines = [{"sku": "TEA-001", "quantity": 3, "unit_price": price}]
    body = {"supplier": "far", "warehouse": "east", "lines": lines}
    number = api.post("purchase-orders", body).json()["number"]
    made = api.post(f"purchase-orders/{number}/approve", {}).json()

    assert made["total"] == {"amount": total, "currency": currency}
    assert made["lines"][0]["unit_price"] == {"amount": said, "currency": currency}
    purchase = PurchaseOrder.objects.get(number=number)
    assert purchase.total == Decimal(total)
    assert shown_price(Decimal(price), currency) == shown
    facts = _facts(purchase)
    assert facts["lines"][0]["total"] == facts["total"]
    assert facts["lines"][0]["price"] == shown_price(Decimal(price), currency, "en")


GOOD = {"sku": "TEA-001", "unit_price": "3.5"}


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"valid_from": "2026-12-02", "valid_until": "2026-12-01"}, "/valid_until"),
        ({"min_quantity": 0}, "/min_quantity"),
        ({"min_quantity": -1}, "/min_quantity"),
        ({"pack_size": 0}, "/pack_size"),
        ({"moq": 0}, "/moq"),
        ({"unit_price": "-1"}, "/unit_price"),
        ({"unit_price": ""}, "/unit_price"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_terms_that_never_could_hold_are_refused_where_they_stand(wrong, pointer, api, shop):
    api.post("suppliers", {"code": "acme", "name": "Acme"})
    answer = api.post("suppliers/acme/terms", GOOD | wrong)

    assert answer.status_code == 422, answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not SupplierTerm.objects.exists()
    same = {"valid_from": "2026-12-01", "valid_until": "2026-12-01"}
    assert api.post("suppliers/acme/terms", GOOD | same).status_code == 201
    with pytest.raises(IntegrityError), transaction.atomic():
        SupplierTerm.objects.update(min_quantity=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupplierTerm.objects.update(valid_until="2026-11-30")


# Numbers to Python, and none to anybody else.
ODD = (
    "١",
    "１２",
    "1_000",
    " 5 ",
    "5 ",
    "\u20095",
    "1e3",
    "1E+2",
    "0x1F",
    "1,5",
    ".5",
    "5.",
    "५",
    "²",
    "+-5",
    "--5",
    "1__0",
    "١.٥",
)


@pytest.mark.parametrize("said", ODD)
@pytest.mark.django_db(transaction=True)
def test_a_number_is_read_by_one_rule_at_every_door(said, api, shop, sign_in):
    api.post("suppliers", {"code": "acme", "name": "Acme"})
    body = {"supplier": "acme", "warehouse": "east"}
    line = {"sku": "TEA-001", "quantity": 1}
    doors = {
        "suppliers/acme/terms": (GOOD | {"unit_price": said}, "/unit_price"),
        "purchase-orders": (body | {"lines": [line | {"unit_price": said}]}, "/lines/0/unit_price"),
        "suppliers": (
            {"code": "b", "name": "B", "min_order_value": said},
            "/min_order_value",
        ),
        "stock/receipts": (
            {"warehouse": "east", "lines": [line | {"unit_cost": said}]},
            "/lines/0/unit_cost",
        ),
    }
    for path, (given_body, pointer) in doors.items():
        answer = api.post(path, given_body)
        assert answer.status_code == 422, (path, answer.content)
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer], path
    if said.strip() != said:  # people's blanks are taken off a form
        return
    owner, before = sign_in("owner"), Supplier.objects.count()
    owner.post("/purchasing/suppliers/new/", {"code": "c", "name": "C", "min_order_value": said})
    owner.post(
        "/purchasing/suppliers/acme/change/", {"what": "term", "sku": "TEA-001", "unit_price": said}
    )
    owner.post("/purchasing/new/", body | {"lines": f"TEA-001\t5\t{said}"})
    assert (Supplier.objects.count(), SupplierTerm.objects.count()) == (before, 0)
    assert not PurchaseOrder.objects.exists()
