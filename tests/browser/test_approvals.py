"""What waits for a second person, in a real browser: the proposer's buttons are off and say why."""

from decimal import Decimal

import pytest

from erp.access.queries import actor_of_user
from erp.approvals.models import ApprovalKind, ApprovalLimit
from erp.ids import public_id
from erp.once import perform
from inventory.models import Supplier
from inventory.purchasing.actions.purchase import Wanted, draft_purchase
from inventory.stock.actions.adjust import write_off
from inventory.stock.actions.ledger import Change
from orders.customers.actions.terms import change_customer, exempt_customer
from orders.customers.terms import Terms
from orders.models import Order
from returns.refunds.actions.propose import propose_refund
from tests.browser.visitor import Visitor
from tests.conftest import NOON, order_body

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def paths(shop, owner, api) -> list[str]:
    """Pages of what the owner has proposed above every limit."""
    by = actor_of_user(owner.user_id)
    for kind in ApprovalKind.values:
        ApprovalLimit.objects.create(kind=kind, amount=50)
    order = Order.objects.get(number=api.post("orders", order_body()).json()["number"])
    refunded = {"order_id": order.pk, "amount": Decimal(60), "reason": "goodwill"}
    perform(propose_refund, **refunded, by=by, now=NOON)
    lost = {"warehouse_id": shop.east.pk, "changes": [Change(shop.mug.pk, 1)], "reason": "broken"}
    document = perform(write_off, **lost, by=by, now=NOON)
    supplier = Supplier.objects.create(code="acme", name="Acme Ceramics Trading", currency="CNY")
    bought = {"supplier_id": supplier.pk, "warehouse_id": shop.east.pk}
    wanted = [Wanted(shop.mug.pk, 100, Decimal(2))]
    purchase = perform(draft_purchase, **bought, wanted=wanted, by=by, now=NOON)
    terms = {"min_shelf_life_days": 0, "note": "", "terms": Terms("", Decimal(900), 60)}
    perform(change_customer, customer_id=order.customer_id, **terms, by=by, now=NOON)
    exempt = {"country": "DE", "tax_id": "DE136695976"}
    perform(exempt_customer, customer_id=order.customer_id, **exempt, by=by, now=NOON)
    return [
        "/settings/approvals/",
        f"/orders/{order.number}/",
        f"/stock/documents/{document.pk}/",
        f"/purchasing/{purchase.number}/",
        f"/customers/{public_id('cus', order.customer_id)}/",
        "/customers/?proposed=1",
    ]


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh-hans")])
def test_pages_of_what_waits(chromium, live_server, paths, theme, language):
    visitor = Visitor(chromium, live_server.url, language)
    visitor.page.emulate_media(color_scheme=theme)
    visitor.sign_in()
    said = {"en": "Somebody else must approve this", "zh-hans": "须由他人审批"}[language]
    for path in paths[1:5]:
        visitor.page.goto(visitor.base + path)
        assert visitor.page.get_by_text(said).first.is_visible(), path
        assert visitor.page.locator("button[data-off]").first.is_disabled(), path
    visitor.page.goto(f"{visitor.base}/orders/")
    assert not visitor.complaints
