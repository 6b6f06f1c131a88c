"""Who is asked for a SKU: the preferred one who can be, and the next where that one cannot."""

from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest

from inventory.models import PurchaseOrder, Suggestion, Supplier, SupplierTerm
from inventory.purchasing.actions.purchase import terms_of
from inventory.purchasing.wording import sentences
from inventory.replenishment.actions.buy_for_order import buy_for_order
from inventory.replenishment.actions.suggest import preferred_sellers, suggest_purchases
from tests.conftest import NOON

pytestmark = pytest.mark.django_db

TODAY = NOON.date()
DAY = timedelta(days=1)
# What keeps somebody from being asked: of the supplier, and of the terms.
SILENT = {
    "inactive": ({"is_active": False}, {}),
    "in no currency": ({"currency": "ABC"}, {}),
    "in none at all": ({"currency": ""}, {}),
    "terms over": ({}, {"valid_until": TODAY - DAY}),
    "terms not begun": ({}, {"valid_from": TODAY + DAY}),
    "only for more": ({}, {"min_quantity": 5000}),
}
CASES = {"fine": ({}, {}), **SILENT}


@pytest.fixture
def sellers(shop):
    """Adds three suppliers of tea, the preferred first, each in a case."""

    def add(*cases):
        for n, case in enumerate(cases, 1):
            of, terms = CASES[case]
            supplier = Supplier.objects.create(code=f"s{n}", name=f"Seller {n}", **of)
            # The least preferred is the cheapest: preference goes before price.
            SupplierTerm.objects.create(
                supplier=supplier, sku=shop.tea, preference=n, unit_price=Decimal(9 - n), **terms
            )

    return add


@pytest.mark.parametrize("cases", list(product(CASES, repeat=2)), ids="-".join)
def test_the_next_is_asked_where_the_preferred_cannot_be(cases, sellers, shop, system):
    sellers(*cases)
    suggest_purchases(
        by=system, now=NOON, backordered={(shop.tea.pk, shop.east.pk): 1000}, sku_ids=[shop.tea.pk]
    )
    row = Suggestion.objects.get(sku=shop.tea, warehouse=shop.east)

    if "fine" in cases:
        first = cases.index("fine") + 1
        assert (row.supplier.code, row.unit_price) == (f"s{first}", Decimal(9 - first))
    else:
        assert row.unit_price is None
        assert "Seller" in sentences(row.reasons)[-1]


@pytest.mark.parametrize("silent", SILENT)
def test_what_an_order_lacks_is_bought_from_the_next(silent, sellers, shop, system):
    sellers(silent, "fine", "fine")
    (purchase,) = buy_for_order(
        order_number="T1", missing={shop.tea.pk: 3}, warehouse_id=shop.east.pk, by=system, now=NOON
    )
    assert purchase.supplier.code == "s2"
    assert PurchaseOrder.objects.get().total == 3 * 7


def test_terms_that_are_over_do_not_put_their_supplier_first(sellers, shop):
    sellers("fine", "fine")
    last = Supplier.objects.get(code="s2")
    over = {"preference": 0, "unit_price": 1, "valid_until": TODAY - DAY, "min_quantity": 2}
    SupplierTerm.objects.create(supplier=last, sku=shop.tea, **over)

    asked = preferred_sellers([shop.tea.pk], TODAY)[shop.tea.pk]
    assert [supplier.code for supplier, _terms in asked] == ["s1", "s2"]
    assert [len(terms) for _supplier, terms in asked] == [1, 1]


def test_the_newest_dated_price_that_holds_goes_before_the_undated_one(sellers, shop):
    sellers("fine")
    supplier = Supplier.objects.get()
    for days, price in ((20, 7), (10, 6), (-10, 5)):
        SupplierTerm.objects.create(
            supplier=supplier, sku=shop.tea, unit_price=price, valid_from=TODAY - days * DAY
        )

    terms = terms_of(supplier.pk, [shop.tea.pk], TODAY)[shop.tea.pk]
    assert [term.unit_price for term in terms] == [8, 7, 6]
    ((_supplier, asked),) = preferred_sellers([shop.tea.pk], TODAY)[shop.tea.pk]
    assert [term.unit_price for term in asked] == [8, 7, 6]
