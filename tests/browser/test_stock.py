"""Stock and purchasing in a real browser: every page, and a day on the floor with a scanner."""

import os

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from erp.once import perform
from inventory.channels.actions import list_skus, save_feed
from inventory.counting.actions.count import start_count
from inventory.models import (
    BinLevel,
    Listing,
    PurchaseOrder,
    Sku,
    StockCount,
    StockDocument,
    Transfer,
)
from inventory.purchasing.actions.purchase import (
    Wanted,
    approve_purchase,
    draft_purchase,
    send_purchase,
)
from inventory.purchasing.actions.suppliers import save_supplier, save_term
from inventory.replenishment.actions.suggest import suggest_purchases
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.places import add_bins, open_warehouse
from inventory.stock.actions.policies import set_allotment, set_policy
from inventory.stock.actions.receive import receive_stock
from inventory.transfers.actions import draft_transfer
from tests.browser.visitor import Visitor, run_relay

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# One face; `FACES=full` (`make faces`) walks each theme in each language. `test_pages` walks more than one.
FACES = [("dark", "zh-hans")]
if os.environ.get("FACES") == "full":
    FACES += [("light", "en"), ("dark", "en"), ("light", "zh-hans")]
PATHS = (
    "/inventory/?short=1",
    "/inventory/LOT-001/",
    "/inventory/LOT-001/?at=2026-01-01T10:00",
    "/stock/receive/",
    "/stock/receive/?purchase={purchase}",
    "/stock/move/",
    "/stock/documents/",
    "/stock/documents/{document}/",
    "/stock/documents/new/",
    "/stock/lots/",
    "/stock/counts/",
    "/stock/counts/new/",
    "/stock/counts/{count}/",
    "/stock/counts/{count}/scan/",
    "/stock/transfers/",
    "/stock/transfers/new/",
    "/stock/transfers/{transfer}/",
    "/stock/bins/",
    "/stock/bins/new/",
    "/stock/bins/{bin}/",
    "/stock/allotments/",
    "/stock/listings/",
    "/stock/feeds/",
    "/stock/valuation/",
    "/purchasing/",
    "/purchasing/new/",
    "/purchasing/{purchase}/",
    "/purchasing/suggestions/",
    "/purchasing/suppliers/",
    "/purchasing/suppliers/new/",
    "/purchasing/suppliers/acme/",
    "/data/",
)


@pytest.fixture
def things(shop, owner, settings):
    """One of everything that has a page."""
    by, now = shop.system, timezone.now()
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    lot = Sku.objects.create(
        code="LOT-001", name="Tea in lots", tracking="lot", barcode="06901234567892"
    )
    pot = Sku.objects.get(code="POT-001")
    bins = perform(
        add_bins,
        warehouse_id=shop.east.pk,
        zone="A",
        codes=["A-01-01", "A-01-02"],
        by=by,
        now=now,
    )
    perform(
        receive_stock,
        warehouse_id=shop.east.pk,
        reference="first",
        by=by,
        now=now,
        changes=[Change(lot.pk, 8, None, bins[0].pk, "B7", now.date().replace(year=2031))],
    )
    supplier = perform(
        save_supplier,
        code="acme",
        name="Acme 茶业",
        email="a@acme.example",
        by=by,
        now=now,
    )
    for sku in (lot, pot):
        perform(
            save_term,
            supplier_id=supplier.pk,
            sku_id=sku.pk,
            unit_price="3.50",
            by=by,
            now=now,
        )
    purchase = perform(
        draft_purchase,
        supplier_id=supplier.pk,
        warehouse_id=shop.east.pk,
        wanted=[Wanted(lot.pk, 24), Wanted(pot.pk, 12)],
        by=by,
        now=now,
    )
    perform(approve_purchase, purchase_id=purchase.pk, by=by, now=now)
    perform(send_purchase, purchase_id=purchase.pk, by=by, now=now)
    perform(
        set_policy,
        sku_id=pot.pk,
        warehouse_id=shop.east.pk,
        safety=1,
        reorder_point=500,
        order_up_to=600,
        by=by,
        now=now,
    )
    perform(suggest_purchases, by=by, now=now)
    count = perform(start_count, warehouse_id=shop.east.pk, bin_ids=[bins[0].pk], by=by, now=now)
    west = perform(open_warehouse, code="west", name="West", country="CN", by=by, now=now)
    transfer = perform(
        draft_transfer,
        from_warehouse_id=shop.east.pk,
        to_warehouse_id=west.pk,
        units={pot.pk: 2},
        by=by,
        now=now,
    )
    perform(
        set_allotment,
        channel_id=shop.web.pk,
        kind="fixed",
        value=2,
        sku_id=pot.pk,
        warehouse_id=shop.east.pk,
        by=by,
        now=now,
    )
    perform(save_feed, channel_id=shop.web.pk, url="http://127.0.0.1/stock", by=by, now=now)
    perform(list_skus, channel_id=shop.web.pk, by=by, now=now)
    Listing.objects.filter(sku=pot).update(error="no such offer", failures=3)
    return {
        "purchase": purchase.number,
        "document": StockDocument.objects.latest("pk").pk,
        "count": count.number,
        "transfer": transfer.number,
        "bin": bins[0].pk,
    }


@pytest.mark.parametrize(("theme", "language"), FACES)
def test_every_page(chromium, live_server, things, theme, language):
    visitor = Visitor(chromium, live_server.url, language)
    visitor.walk([path.format(**things) for path in PATHS], theme)


def scan(page, code):
    """What a scanner does: the code, quickly, and Enter; then the answer is there and has the focus.

    htmx takes the focus once more when what it put in has settled.
    """
    with page.expect_response("**/stock/scan/"):
        page.locator("#code").fill(code)
        page.locator("#code").press("Enter")
    expect(page.locator("#code")).to_have_value("")
    expect(page.locator(".htmx-settling, .htmx-added")).to_have_count(0)
    expect(page.locator("#code")).to_be_focused()


@pytest.fixture
def visitor(chromium, live_server, things, laws_hold):
    """The owner, signed in; at the end the browser had no complaint and every law holds."""
    somebody = Visitor(chromium, live_server.url, "en")
    somebody.sign_in()
    yield somebody
    assert somebody.complaints == []
    somebody.context.close()
    run_relay()
    laws_hold()


def test_goods_are_received_and_put_away_by_scanning(visitor, things):
    """A GS1 label says SKU, lot and expiry; a pot is scanned twice; one code is not ours."""
    page, number = visitor.page, things["purchase"]
    page.goto(f"{visitor.base}/stock/receive/?purchase={number}")
    scan(page, "(01)06901234567892(17)310228(10)B8")
    page.locator("[name=units-0]").fill("24")
    scan(page, "POT-001")
    scan(page, "POT-001")
    scan(page, "NEVER-SEEN-7")
    page.get_by_role("status").get_by_text("Neither a SKU nor a bin").wait_for()
    page.get_by_role("button", name="Receive", exact=True).click()
    page.wait_for_url(f"**/purchasing/{number}/")
    purchase = PurchaseOrder.objects.get(number=number)
    received = purchase.lines.order_by("pk").values_list("quantity_received", flat=True)
    assert (purchase.status, list(received)) == ("part_received", [24, 2])

    page.goto(f"{visitor.base}/stock/move/")
    scan(page, "MAIN")
    scan(page, "POT-001")
    page.locator("[name=units-0]").fill("5")
    scan(page, "A-01-02")
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_text("Moved.").wait_for()
    assert BinLevel.objects.get(place__code="A-01-02", sku__code="POT-001").on_hand == 5


def test_a_blind_count_finds_one_less(visitor, things):
    page = visitor.page
    page.goto(f"{visitor.base}/stock/counts/{things['count']}/scan/")
    assert page.locator("[name=units-0]").input_value() == ""  # what the ledger has is not shown
    page.locator("[name=units-0]").fill("7")
    page.get_by_role("button", name="Save document").click()
    page.wait_for_url(f"**/stock/counts/{things['count']}/")
    visitor.press("Finish")
    count = StockCount.objects.get(number=things["count"])
    if count.status == "submitted":
        visitor.press("Approve")
        count.refresh_from_db()
    assert count.status == "posted"
    assert BinLevel.objects.get(place__code="A-01-01", sku__code="LOT-001").on_hand == 7


def test_a_suggestion_is_bought_with_one_click_and_keeps_its_reasons(visitor):
    page = visitor.page
    page.goto(f"{visitor.base}/purchasing/suggestions/")
    visitor.press("Create purchase orders")
    page.wait_for_url("**/purchasing/?status=draft")
    made = PurchaseOrder.objects.latest("pk")
    assert made.is_suggested
    page.goto(f"{visitor.base}/purchasing/{made.number}/")
    page.get_by_text("Why?").first.click()
    page.get_by_text("The limits are set by hand").wait_for()


def test_a_transfer_loses_one_and_every_movement_opens_its_document(visitor, things):
    page = visitor.page
    page.goto(f"{visitor.base}/stock/transfers/{things['transfer']}/")
    visitor.press("Ship")
    page.locator("input[name^=units-]").fill("1")
    page.locator("[name=close]").check()
    visitor.press("Receive")
    page.get_by_text("Received.").first.wait_for()
    transfer = Transfer.objects.get(number=things["transfer"])
    assert list(transfer.lines.values_list("quantity_received", "quantity_lost")) == [(1, 1)]

    page.goto(f"{visitor.base}/inventory/POT-001/")
    links = page.locator("a[href^='/stock/movements/']").evaluate_all("all => all.map(a => a.href)")
    assert len(links) >= 3
    for link in links:
        assert page.goto(link).status == 200, link
        assert "/stock/movements/" not in page.url
