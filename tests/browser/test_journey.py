"""The whole life of one order by hand, in both languages; every page accessible and quiet."""

import os
import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from tests.conftest import ApiClient, order_body

os.environ.setdefault(
    "DJANGO_ALLOW_ASYNC_UNSAFE", "true"
)  # playwright runs a loop in our thread
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "a-long-enough-password"
WORDS = {
    "en": {"pick": "All picked", "pack": "Pack into one parcel", "ship": "Ship", "return": "Request a return",
           "approve": "Approve", "receive": "Receive", "inspect": "Inspect", "propose": "Propose a refund for what was received", "paid": "Paid back", "track": "Delivered"},
    "zh-hans": {"pick": "全部拣完", "pack": "打成一个包裹", "ship": "发货", "return": "申请退货",
           "approve": "同意", "receive": "入库", "inspect": "验货", "propose": "按已收数量提交退款", "paid": "已打款", "track": "已送达"},
}  # fmt: skip


def run_relay() -> None:
    from erp.events.relay import deliver, lease_due

    while ids := lease_due(now=timezone.now() + timedelta(seconds=1)):
        for pk in ids:
            deliver(delivery_id=pk, now=timezone.now())


class Visitor:
    """A signed-in owner in one browser context, who notices every complaint of the browser."""

    def __init__(self, chromium, base, language, width=1280):
        self.base = base
        self.context = chromium.new_context(viewport={"width": width, "height": 900})
        self.context.add_cookies([{"name": "django_language", "value": language, "url": base}])
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on(
            "console",
            lambda m: (
                self.complaints.append(m.text) if m.type in {"error", "warning"} else None
            ),
        )
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on(
            "request",
            lambda r: (
                None if r.url.startswith((base, "data:")) else self.complaints.append(r.url)
            ),
        )

    def sign_in(self):
        self.page.goto(f"{self.base}/accounts/login/")
        self.page.fill("[name=login]", "owner")
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(f"{self.base}/")

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state()

    def is_accessible(self):
        results = Axe().run(self.page)
        serious = [
            v for v in results.response["violations"] if v["impact"] in {"serious", "critical"}
        ]
        assert not serious, [
            (self.page.url, v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in serious
        ]


@pytest.fixture
def owner(shop):
    from erp.access.actions import add_person

    return add_person(
        username="owner",
        name="Owner",
        email="o@example.com",
        role="owner",
        password=PASSWORD,
        by=shop.system,
    )


@pytest.mark.parametrize("language", WORDS)
def test_an_order_from_placing_to_refund_by_hand(
    chromium, live_server, shop, owner, language, laws_hold
):
    from erp.access.actions import create_api_key

    words = WORDS[language]
    key = create_api_key(channel_id=shop.web.pk, name="k", by=shop.system, now=timezone.now())
    number = ApiClient(key).post("orders", order_body()).json()["number"]
    run_relay()
    visitor = Visitor(chromium, live_server.url, language)
    visitor.sign_in()
    page = visitor.page

    page.goto(f"{live_server.url}/fulfillment/")
    page.get_by_role("link", name=number).click()
    for step in ("pick", "pack", "ship"):
        visitor.press(words[step])
    page.goto(f"{live_server.url}/orders/{number}/")
    visitor.is_accessible()
    page.get_by_text(words["return"]).first.click()
    page.locator("input[name^=line-]").first.fill("1")
    page.locator("details form button").last.click()
    page.get_by_role("link", name=re.compile("^RMA")).click()
    visitor.press(words["approve"])
    page.locator("input[name^=receive-]").fill("1")
    visitor.press(words["receive"])
    visitor.press(words["inspect"])
    visitor.press(words["propose"])
    visitor.press(words["approve"])
    visitor.press(words["paid"])

    from orders.models import Order

    order = Order.objects.get(number=number)
    assert (order.payment_status, order.return_status) == ("part_refunded", "returned")
    assert visitor.complaints == []
    laws_hold()
    visitor.context.close()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/orders/",
        "/orders/review/",
        "/inventory/",
        "/fulfillment/",
        "/shipments/",
        "/returns/",
        "/customers/",
        "/analytics/",
        "/settings/",
        "/track/",
    ],
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible_and_quiet(chromium, live_server, shop, owner, path, theme):
    from erp.access.actions import create_api_key

    key = create_api_key(channel_id=shop.web.pk, name="k", by=shop.system, now=timezone.now())
    number = ApiClient(key).post("orders", order_body()).json()["number"]
    ApiClient(key).post(f"orders/{number}/hold", {"kind": "address", "reason": "call"})
    visitor = Visitor(chromium, live_server.url, "en")
    visitor.page.emulate_media(color_scheme=theme)
    visitor.sign_in()

    visitor.page.goto(f"{live_server.url}{path}")

    visitor.is_accessible()
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visitor.page.set_viewport_size({"width": 360, "height": 780})
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "it scrolls sideways on a phone"
    )
    assert visitor.complaints == []
    visitor.context.close()
