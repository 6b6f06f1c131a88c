"""A new owner gets from an installation in which there is nothing to a parcel that has left, in the dashboard alone."""

import os
from pathlib import Path

import pytest

from erp.access.actions import add_person
from orders.models import Order
from tests.browser.visitor import PASSWORD, Visitor, run_relay

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_CLICKS = 60
SHOTS = os.environ.get("SHOTS", "")  # a folder that gets a picture of each step
WORDS = {
    "en": {
        "setup": "Continue setup",
        "continue": "Continue",
        "add": "Add products",
        "test": "Place a test order",
        "work": "Pick, pack and ship it",
        "pick": "Mark all as picked",
        "pack": "Pack into one parcel",
        "ship": "Ship",
        "over": "Your first order is on its way.",
    },
    "zh-hans": {
        "setup": "继续设置",
        "continue": "继续",
        "add": "添加商品",
        "test": "下一张测试订单",
        "work": "拣货、打包、发货",
        "pick": "全部标记为已拣",
        "pack": "打成一个包裹",
        "ship": "发货",
        "over": "第一张订单已经发出。",
    },
}


class NewOwner(Visitor):
    """Counts what they click and type into."""

    clicks = 0

    def click(self, role: str, name: str) -> None:
        self.clicks += 1
        self.page.get_by_role(role, name=name, exact=True).first.click()

    def fill(self, selector: str, text: str) -> None:
        self.clicks += 1
        self.page.locator(selector).first.fill(text)

    def show(self, name: str) -> None:
        if SHOTS:
            path = Path(SHOTS) / f"{self.page.evaluate('document.documentElement.lang')}-{name}.png"
            self.page.screenshot(path=path, full_page=True)


def found(visitor: NewOwner, words: dict[str, str]) -> None:
    """Describe the company, by its country, and enter a product."""
    page = visitor.page
    visitor.show("home")
    visitor.click("link", words["setup"])
    visitor.fill("#setup-name", "Teehaus Nord")
    visitor.clicks += 1
    with page.expect_response("**/setup/proposal/**"):
        page.select_option("#setup-country", "DE")
    page.wait_for_function("document.querySelector('#setup-currency').value === 'EUR'")
    assert page.input_value("#setup-tax") == "19"
    visitor.is_accessible()
    visitor.show("company")
    visitor.click("button", words["continue"])
    typed = (("code", "TEA-001"), ("name", "Green tea"), ("price", "12.50"), ("units", "20"))
    for column, text in typed:
        visitor.fill(f"[name={column}]", text)
    visitor.is_accessible()
    visitor.show("products")
    visitor.click("button", words["add"])
    visitor.show("order")


def sell(visitor: NewOwner, words: dict[str, str]) -> None:
    """Enter the first order, as by phone."""
    page = visitor.page
    visitor.click("link", words["test"])
    visitor.show("entry")
    for field, text in (
        ("#phone", "+49 30 1234567"),
        ("#name", "Ada"),
        ("#line1", "Unter den Linden 1"),
        ("#postal_code", "10117"),
        ("#city", "Berlin"),
        ("[name=sku]", "TEA-001"),
        ("[name=quantity]", "2"),
    ):
        visitor.fill(field, text)
    visitor.clicks += 2
    page.select_option("[name=payment]", "cod")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/orders/SO*/")
    visitor.show("placed")
    run_relay()


def ship(visitor: NewOwner, words: dict[str, str]) -> None:
    """Pick, pack and ship it."""
    visitor.page.goto(f"{visitor.base}/setup/")
    visitor.clicks += 1
    visitor.click("link", words["work"])
    visitor.clicks += 1
    visitor.page.locator("main table a").first.click()
    visitor.show("work")
    for step in ("pick", "pack", "ship"):
        visitor.clicks += 1
        visitor.press(words[step])


@pytest.mark.parametrize("language", WORDS)
def test_a_first_order_leaves(chromium, live_server, system, language, laws_hold):
    add_person(username="owner", name="Olga", email="", role="owner", password=PASSWORD, by=system)
    words = WORDS[language]
    visitor = NewOwner(chromium, live_server.url, language)
    page = visitor.page
    visitor.sign_in()
    page.get_by_role("link", name=words["setup"]).wait_for()
    for part in (found, sell, ship):
        part(visitor, words)
    assert Order.objects.get().fulfillment_status == "fulfilled"
    page.goto(f"{live_server.url}/setup/")
    page.get_by_text(words["over"]).wait_for()
    visitor.show("done")
    page.goto(live_server.url)
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("link", name=words["setup"]).count() == 0
    assert visitor.clicks <= MOST_CLICKS
    assert visitor.complaints == []
    visitor.context.close()
    laws_hold()
