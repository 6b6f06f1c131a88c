"""A price, a cost or a rate that is finer than what is kept is refused where it stands, never rounded in silence."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.access.models import Company
from erp.money import DIGITS, decimals, minor_unit
from inventory.models import PurchaseLine, PurchaseOrder, StockMovement, Supplier, SupplierTerm
from inventory.stock.actions.amounts import flaw_of, flaw_of_sum
from inventory.stock.codes import cost_of

pytestmark = pytest.mark.django_db(transaction=True)

LINE = {"sku": "TEA-001", "quantity": 1}
STOCK = {"warehouse": "east", "reason": "x"}
# Where an amount is stated: the path, the body with it, its pointer, and how many decimals are kept.
STATED = {
    "price of a line": (
        "purchase-orders",
        lambda said: {
            "supplier": "acme",
            "warehouse": "east",
            "lines": [{"sku": "MUG-001", "quantity": 1}, LINE | {"unit_price": said}],
        },
        "/lines/1/unit_price",
        4,
    ),
    "terms": (
        "suppliers/acme/terms",
        lambda x: {"sku": "TEA-001", "unit_price": x},
        "/unit_price",
        4,
    ),
    "least order": (
        "suppliers",
        lambda said: {"code": "acme", "name": "Acme", "min_order_value": said},
        "/min_order_value",
        2,
    ),
    "receipt": (
        "stock/receipts",
        lambda said: {"warehouse": "east", "lines": [LINE, LINE | {"unit_cost": said}]},
        "/lines/1/unit_cost",
        4,
    ),
    "adjustment": (
        "stock/adjustments",
        lambda said: STOCK | {"lines": [LINE, LINE | {"unit_cost": said}]},
        "/lines/1/unit_cost",
        4,
    ),
    "rate": ("purchase-orders/{sent}/send", lambda x: {"exchange_rate": x}, "/exchange_rate", 8),
    "landed cost": ("purchase-orders/{came}/land-cost", lambda x: {"amount": x}, "/amount", 2),
}


@pytest.fixture
def bought(api, shop) -> dict[str, str]:
    """Numbers of purchase orders: one to be sent, and one that has arrived."""
    made = {"code": "acme", "name": "Acme"}
    assert api.post("suppliers", made).status_code == 201
    for sku in ("MUG-001", "TEA-001"):
        api.post("suppliers/acme/terms", {"sku": sku, "unit_price": "3.5"})
    numbers = {}
    for name in ("sent", "came"):
        body = {"supplier": "acme", "warehouse": "east", "lines": [LINE]}
        numbers[name] = api.post("purchase-orders", body).json()["number"]
        assert api.post(f"purchase-orders/{numbers[name]}/approve", {}).status_code == 200
    path = f"purchase-orders/{numbers['came']}"
    assert api.post(f"{path}/send", {}).status_code == 200
    came = {"lines": [{"sku": "TEA-001", "good": 1}]}
    assert api.post(f"{path}/receive", came).status_code == 200
    return numbers


@pytest.mark.parametrize("name", STATED)
def test_one_decimal_too_many_is_refused_where_it_stands(name, api, bought):
    path, body, pointer, kept = STATED[name]
    path = path.format(**bought)
    for said in ("1." + "0" * kept + "1", f"0.{'9' * (kept + 1)}", f"1E-{kept + 1}"):
        answer = api.post(path, body(said))
        assert answer.status_code == 422, (said, answer.content)
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer], said
    assert not SupplierTerm.objects.exclude(unit_price=Decimal("3.5")).exists()
    for said in ("NaN", "Infinity", "-1", "1e30", "x"):
        answer = api.post(path, body(said))
        assert answer.status_code == 422, (said, answer.content)
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer], said
    answer = api.post(path, body("1." + "0" * (kept - 1) + "10000"))
    assert answer.status_code in {200, 201}, answer.content


def test_what_is_taken_is_kept_to_the_last_digit(api, bought):
    said = Decimal("0.0375")
    for name in ("price of a line", "terms", "receipt"):
        path, body, *_rest = STATED[name]
        assert api.post(path, body(str(said))).status_code == 201
    assert PurchaseLine.objects.latest("pk").unit_price == said
    assert SupplierTerm.objects.get(sku__code="TEA-001").unit_price == said
    assert StockMovement.objects.latest("pk").unit_cost == said


@pytest.mark.parametrize(("currency", "least"), [("JPY", "0.5"), ("KRW", "1.10")])
def test_an_amount_has_the_decimals_of_its_currency(currency, least, api, sign_in):
    said = {"code": "far", "name": "Far", "currency": currency, "min_order_value": least}
    answer = api.post("suppliers", said)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/min_order_value"]
    owner = sign_in("owner")
    owner.post("/purchasing/suppliers/new/", said)
    assert not Supplier.objects.exists()
    assert api.post("suppliers", said | {"min_order_value": "10.00"}).status_code == 201


def test_a_landed_cost_has_the_decimals_of_the_companys_currency(api, bought):
    Company.objects.update(currency="JPY")
    path = f"purchase-orders/{bought['came']}/land-cost"
    answer = api.post(path, {"amount": "10.5"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/amount")
    answer = api.post(path, {"amount": "10", "basis": "colour"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/basis")
    assert api.post(path, {"amount": "10"}).status_code == 200


def test_a_price_that_is_pasted_is_not_rounded(shop, api, bought, sign_in):
    before, owner = PurchaseOrder.objects.count(), sign_in("owner")
    form = {"supplier": "acme", "warehouse": "east"}
    for price in ("0.00001", "9999999999999", "1.23456"):
        owner.post("/purchasing/new/", form | {"lines": f"TEA-001\t5\t{price}"})
    assert PurchaseOrder.objects.count() == before
    owner.post("/purchasing/new/", form | {"lines": "TEA-001\t5\t1.2345"})
    assert PurchaseLine.objects.latest("pk").unit_price == Decimal("1.2345")


@given(st.decimals(min_value=-10, max_value=10**13, allow_nan=False), st.integers(0, 8))
def test_what_has_no_flaw_is_what_a_column_keeps(amount, places):
    if flaw_of(amount, places) is None:
        assert amount == amount.quantize(Decimal(1).scaleb(-places))
        assert 0 <= amount < 10**12
    elif 0 <= amount < 10**12:
        assert decimals(amount) > places
    text = f"{amount:f}"
    assert cost_of(text, places) == (
        (amount, None) if not flaw_of(amount, places) else (None, flaw_of(amount, places))
    )


@given(st.decimals(min_value=0, max_value=10**6, places=4), st.sampled_from(sorted(DIGITS)))
def test_a_sum_without_a_flaw_is_whole_minor_units(amount, currency):
    whole = amount == amount.quantize(minor_unit(currency))
    assert (flaw_of_sum(amount, currency) is None) == whole
