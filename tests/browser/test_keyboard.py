"""The whole work of an order with the keyboard alone, in both languages: no mouse is ever touched."""

import re

import pytest

from orders.models import Order, OrderAddress
from tests.browser.visitor import Visitor, run_jobs, run_relay
from tests.conftest import order_body

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = {
    "en": {
        "hold": "Hold",
        "release": "Release",
        "edit": "Edit the address",
        "held": "On hold",
        "pick": "Mark all as picked",
        "pack": "Pack into one parcel",
        "ship": "Ship",
        "return": "Request a return",
        "hold_all": "Hold",
    },
    "zh-hans": {
        "hold": "暂停",
        "release": "解除暂停",
        "edit": "编辑地址",
        "held": "已暂停",
        "pick": "全部标记为已拣",
        "pack": "打成一个包裹",
        "ship": "发货",
        "return": "申请退货",
        "hold_all": "暂停",
    },
}


class Typist(Visitor):
    """A visitor without a mouse."""

    def type(self, text):
        self.page.keyboard.type(text)

    def press_keys(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def command(self, name):
        """Run a command by the palette."""
        self.press_keys("Control+k")
        self.page.wait_for_selector("#palette[open]")
        self.type(name)
        option = self.page.locator("#palette [role=option][aria-selected=true]")
        option.filter(has_text=re.compile(f"^{re.escape(name)}")).first.wait_for()
        self.press_keys("Enter")

    def settled(self):
        self.page.wait_for_load_state("networkidle")

    def tab_to(self, locator, most=80):
        """Move the focus by Tab until it is there."""
        for _ in range(most):
            if locator.evaluate("e => e === document.activeElement"):
                return
            self.press_keys("Tab")
        raise AssertionError(f"Tab does not come to {locator}")


@pytest.mark.parametrize("language", WORDS)
def test_found_edited_held_released_shipped_and_returned(  # noqa: PLR0915 (one story)
    chromium, live_server, shop, owner, api, language, laws_hold
):
    words = WORDS[language]
    number = api.post("orders", order_body()).json()["number"]
    run_relay()
    visitor = Typist(chromium, live_server.url, language)
    page = visitor.page
    visitor.sign_in()
    visitor.settled()

    # Found: `/`, its number, Enter.
    visitor.press_keys("/")
    visitor.type(number)
    visitor.press_keys("Enter")
    page.wait_for_url(f"**/orders/{number}/")
    visitor.settled()

    # Edited: `e`, the first field is focused; Tab to the street; Enter saves.
    visitor.press_keys("e")
    page.wait_for_selector("#edit-name")
    visitor.settled()
    visitor.tab_to(page.locator("#edit-line1"))
    visitor.press_keys("Control+a")
    visitor.type("West Lake Road 9")
    visitor.press_keys("Enter")
    page.get_by_text("West Lake Road 9").wait_for()
    visitor.settled()
    assert (
        OrderAddress.objects.get(order__number=number, kind="shipping").line1 == "West Lake Road 9"
    )

    # Held and released, by the palette.
    visitor.command(words["hold"])
    page.wait_for_selector("#hold-dialog[open]")
    visitor.press_keys("Tab")
    visitor.type("they call back")
    visitor.press_keys("Enter")
    page.locator(".held").wait_for()
    visitor.settled()
    visitor.command(words["release"])
    page.locator(".held").wait_for(state="detached")
    visitor.settled()
    run_relay()

    # Shipped: go to fulfillment, the row, its steps.
    visitor.press_keys("g", "f")
    page.wait_for_url("**/fulfillment/")
    visitor.settled()
    visitor.press_keys("j", "Enter")
    page.wait_for_url(re.compile(r"/fulfillment/\d+/"))
    visitor.settled()
    for step in ("pick", "pack", "ship"):
        visitor.command(words[step])
        page.get_by_role("status").locator(".toast").first.wait_for()
        visitor.settled()
    assert Order.objects.get(number=number).fulfillment_status == "fulfilled"

    # Returned, from the order's page.
    visitor.press_keys("g", "o")
    page.wait_for_url("**/orders/")
    visitor.settled()
    visitor.press_keys("j", "Enter")
    page.wait_for_url(f"**/orders/{number}/")
    visitor.settled()
    visitor.command(words["return"])
    visitor.type("1")
    visitor.press_keys("Enter")
    page.get_by_role("link", name=re.compile("^RMA")).wait_for()
    visitor.settled()

    assert visitor.complaints == []
    laws_hold()
    visitor.context.close()


@pytest.mark.parametrize("language", WORDS)
def test_an_order_is_entered_at_the_phone(chromium, live_server, shop, owner, api, language):
    api.post("orders", order_body())
    visitor = Typist(chromium, live_server.url, language)
    page = visitor.page
    visitor.sign_in()
    visitor.settled()

    visitor.press_keys("n")
    page.wait_for_url("**/orders/new/")
    visitor.settled()
    visitor.type("5678")
    page.locator("#suggestions [role=option]").first.wait_for()
    visitor.press_keys("Enter")
    assert page.input_value("#line1") == "南京西路 1 号"
    visitor.type("green")
    page.locator("#suggestions [data-sku]").first.wait_for()
    visitor.press_keys("Enter")
    visitor.type("3")
    visitor.press_keys("Enter")
    visitor.type("MUG-001")
    page.locator("#suggestions [data-sku]").first.wait_for()
    visitor.press_keys("Enter", "Enter")
    page.locator("#quote-body .sum").first.wait_for()
    visitor.settled()
    total = page.locator("#quote-body dd.sum").inner_text()
    visitor.press_keys("Control+Enter")
    page.wait_for_url(re.compile(r"/orders/SO\d+/"))

    order = Order.objects.latest("pk")
    lines = list(order.lines.order_by("position").values_list("sku_code", "quantity_ordered"))
    assert lines == [("TEA-001", 3), ("MUG-001", 1)]
    assert f"{order.total:.2f}" in total.replace(",", "")
    assert visitor.complaints == []
    visitor.context.close()


def test_rows_are_selected_and_held_by_the_keyboard(chromium, live_server, shop, owner, api):
    for _ in range(4):
        api.post("orders", order_body(lines=[{"sku": "WRAP", "quantity": 1}]))
    visitor = Typist(chromium, live_server.url, "en")
    page = visitor.page
    visitor.sign_in()
    visitor.press_keys("g", "o")
    page.wait_for_url("**/orders/")
    visitor.settled()

    visitor.press_keys("j", "x", "j", "j", "Shift+X")
    assert page.locator("#bulk-count").inner_text() == "3"
    visitor.press_keys("b", "Enter")
    page.wait_for_selector("#bulk-hold[open]")
    visitor.press_keys("Tab")
    visitor.type("all of them")
    visitor.press_keys("Enter")
    page.wait_for_url(re.compile(r"/jobs/\d+/"))
    run_jobs()
    page.get_by_text("Done", exact=True).first.wait_for()
    page.locator(".pill-good").wait_for()  # by itself, without a reload

    assert Order.objects.filter(open_holds=1).count() == 3
    assert visitor.complaints == []
    visitor.context.close()


def test_a_barcode_scanned_anywhere_opens_what_it_names(chromium, live_server, shop, owner):
    shop.mug.barcode = "6901234567892"
    shop.mug.save()
    visitor = Typist(chromium, live_server.url, "en")
    visitor.sign_in()
    visitor.settled()

    visitor.page.keyboard.type("6901234567892\n", delay=2)
    visitor.page.wait_for_url("**/inventory/MUG-001/")
    visitor.context.close()


def test_single_keys_can_be_switched_off(chromium, live_server, shop, owner):
    owner.user.shortcuts = False
    owner.user.save()
    visitor = Typist(chromium, live_server.url, "en")
    visitor.sign_in()
    visitor.settled()

    visitor.press_keys("n", "g", "o", "/")
    assert visitor.page.url == f"{live_server.url}/"
    assert visitor.page.evaluate("document.activeElement === document.body")
    visitor.context.close()


def test_two_people_edit_one_address(chromium, live_server, shop, owner, api, sign_in):
    number = api.post("orders", order_body()).json()["number"]
    other = sign_in("service")
    visitor = Typist(chromium, live_server.url, "en")
    page = visitor.page
    visitor.sign_in()
    page.goto(f"{live_server.url}/orders/{number}/")
    visitor.settled()
    visitor.press_keys("e")
    page.wait_for_selector("#edit-name")
    shown = {
        f"was-{n}": page.input_value(f"#edit-{n}")
        for n in ("name", "phone", "email", "line1", "line2", "postal_code", "city")
    }
    theirs = shown | {name[4:]: value for name, value in shown.items()} | {"city": "苏州市"}
    assert other.post(f"/orders/{number}/edit/address/", theirs).status_code == 200

    visitor.tab_to(page.locator("#edit-city"))
    visitor.press_keys("Control+a")
    visitor.type("杭州市")
    visitor.press_keys("Enter")
    page.get_by_text("Current value:").wait_for()
    assert page.locator(".clash").inner_text().count("市") == 2
    assert page.input_value("#edit-city") == "杭州市"
    visitor.is_accessible()
    visitor.press_keys("Enter")
    page.locator("form.edit").wait_for(state="detached")
    assert OrderAddress.objects.get(order__number=number, kind="shipping").city == "杭州市"
    visitor.context.close()
