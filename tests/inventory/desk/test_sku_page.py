"""The page of a SKU: what it is told by its forms."""

from decimal import Decimal

import pytest
from django.utils import timezone

from inventory.models import SkuCost, StockMovement
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.receive import receive_stock

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["+-5", "--5", "five", "1.5", "", "99999999", "五"])
@pytest.mark.parametrize("kind", ["receive", "adjust"])
def test_a_quantity_that_is_no_number_is_named_and_none_is_booked(sign_in, kind, text):
    """It was taken for nought, and the refusal spoke of a nought that nobody had typed."""
    browser, before = sign_in(), StockMovement.objects.count()
    said = {"kind": kind, "warehouse": "east", "quantity": text, "reason": "count"}
    page = browser.post(
        "/inventory/TEA-001/change/",
        said,
        follow=True,
        headers={"Referer": "http://testserver/inventory/TEA-001/"},
    )
    assert f"“{text}” is not a whole number." in page.content.decode()
    assert StockMovement.objects.count() == before


def test_a_quantity_may_have_its_sign(sign_in):
    browser, before = sign_in(), StockMovement.objects.count()
    said = {"kind": "adjust", "warehouse": "east", "quantity": "-2", "reason": "count"}
    browser.post("/inventory/TEA-001/change/", said)
    assert StockMovement.objects.count() == before + 1


def test_a_cost_that_nobody_knows_is_no_cost_of_nought(sign_in, shop):
    browser = sign_in()
    assert "Cost unknown" in browser.get("/inventory/TEA-001/").content.decode()
    there = SkuCost.objects.get(sku__code="TEA-001")
    change = Change(there.sku_id, there.quantity, unit_cost=Decimal(5))
    receive_stock(
        warehouse_id=shop.east.pk,
        changes=[change],
        reference="PO",
        by=shop.system,
        now=timezone.now(),
    )
    page = browser.get("/inventory/TEA-001/").content.decode()
    assert "Average cost CN¥2.50" in " ".join(page.split())
