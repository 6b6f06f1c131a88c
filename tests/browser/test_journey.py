"""The whole life of one order by hand, in both languages."""

import os
import re

import pytest
from django.utils import timezone

from tests.browser.visitor import Visitor, run_relay
from tests.conftest import ApiClient, order_body

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in our thread
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = {
    "en": {
        "pick": "Mark all as picked",
        "pack": "Pack into one parcel",
        "ship": "Ship",
        "return": "Request a return",
        "approve": "Approve",
        "receive": "Receive",
        "inspect": "Inspect",
        "propose": "Propose a refund for the received goods",
        "paid": "Paid out",
        "track": "Delivered",
    },
    "zh-hans": {
        "pick": "全部标记为已拣",
        "pack": "打成一个包裹",
        "ship": "发货",
        "return": "申请退货",
        "approve": "同意",
        "receive": "入库",
        "inspect": "验货",
        "propose": "按已收数量发起退款",
        "paid": "已打款",
        "track": "已送达",
    },
}


@pytest.mark.parametrize("language", WORDS)
def test_an_order_from_placing_to_refund_by_hand(
    chromium, live_server, shop, owner, language, laws_hold
):
    from erp.access.actions import create_api_key

    words = WORDS[language]
    key = create_api_key(
        channel_id=shop.web.pk, name="k", purpose="owner", by=shop.system, now=timezone.now()
    )
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
    page.locator("details form[action^='/returns/for/'] button").click()
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
