"""The page of a SKU: what it is told by its forms."""

import pytest

from inventory.models import StockMovement

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
