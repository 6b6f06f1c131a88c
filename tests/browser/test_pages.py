"""Every page in light and dark, wide and narrow: accessible, quiet, and no wider than the screen."""

import json
import os

import pytest
from django.utils import timezone

from tests.browser.visitor import Visitor, run_jobs, run_relay
from tests.conftest import ApiClient, order_body
from tests.sessions import let_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Every page in one theme and language; `FACES=full` (`make faces`) walks all of them in each theme and language.
FACES = [("light", "en"), ("dark", "zh-hans")]
IS_FULL = os.environ.get("FACES") == "full"
if IS_FULL:
    FACES += [("dark", "en"), ("light", "zh-hans")]
PATHS = (
    "/",
    "/orders/",
    "/orders/?hold=1",
    "/orders/?q=nothing",
    "/orders/review/",
    "/orders/new/",
    "/orders/{number}/",
    "/orders/{number}/change/",
    "/orders/{number}/split/",
    "{choose}",
    "/orders/inbox/",
    "/orders/inbox/{message}/",
    "/orders/{foreign}/",
    "/orders/drafts/",
    "/orders/drafts/{draft}/",
    "/orders/reconciliation/",
    "/orders/channel-news/",
    "/orders/files/",
    "/orders/files/{file}/",
    "/inventory/",
    "/inventory/TEA-001/",
    "/purchasing/",
    "/fulfillment/",
    "/fulfillment/{work}/",
    "/shipments/",
    "/imports/new/",
    "/returns/",
    "/returns/refunds/",
    "/returns/{rma}/",
    "/customers/",
    "/customers/{customer}/",
    "/analytics/",
    "/jobs/",
    "/jobs/{job}/",
    "/settings/",
    "/settings/company/",
    "/settings/channels/",
    "/settings/warehouses/",
    "/settings/carriers/",
    "/settings/people/",
    "/settings/roles/",
    "/settings/approvals/",
    "/settings/keys/",
    "/settings/webhooks/",
    "/settings/webhooks/deliveries/",
    "/settings/messages/",
    "/settings/schedules/",
    "/notices/",
    "/settings/notices/",
    "/settings/audit-log/",
    "/settings/looks/",
    "/settings/rules/",
    "/settings/rules/new/",
    "/settings/rules/apply/",
    "/settings/rehearsals/?routing=1&by=cheap",
    "/settings/rules/big/?days=30",
    "/settings/audit/",
    "/settings/health/",
    "/settings/design/",
    "/track/",
    "/docs/problems/",
    "/docs/problems/not-found",
)

LETTER = b"From: Ann Lee <ann@tea.example>\nSubject: An order\n\n2 x Green tea\nShip to: 1 Main St, Springfield\n"
INTERCHANGE = (
    b"ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         *260301*0936*U*00401*000000055*0*P*>~"
    b"GS*PO*BUYER*SELLER*20260301*1041*2*X*004010~ST*850*0001~BEG*00*SA*PO-17**20260301~N1*ST*Tea House~N3*Hauptstr. 1~"
    b"N4*Berlin**10115*DE~PO1*1*12*EA*3.5**VP*TEA-9~PID*F****Green tea~CTT*1~SE*9*0001~GE*1*2~IEA*1*000000055~"
)


@pytest.fixture
def things(shop, owner, client):
    """One of everything that has a page."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from erp.access.actions import create_api_key
    from erp.ids import public_id
    from erp.jobs.models import Job
    from fulfillment.models import FulfillmentOrder
    from orders.intake.inbox.tasks import read_some
    from orders.models import ChannelPolicy, IncomingMessage, Order, OrderDraft
    from orders.order.links import choice_signer
    from returns.models import ReturnAuthorization

    key = create_api_key(
        channel_id=shop.web.pk, name="k", purpose="owner", by=shop.system, now=timezone.now()
    )
    api = ApiClient(key)
    number = api.post("orders", order_body()).json()["number"]
    other = api.post("orders", order_body()).json()["number"]
    run_relay()
    assert api.post("shipments", {"order": other}).status_code == 201
    body = {"order": other, "lines": [{"sku": "MUG-001", "quantity": 1}]}
    assert api.post("returns", body).status_code == 201
    api.post(f"orders/{number}/hold", {"kind": "address", "reason": "call"})
    api.post("webhook-endpoints", {"url": "https://93.184.216.34/hook"})
    let_in(client, owner.user)
    client.post(
        "/settings/rules/new/",
        {
            "name": "Big orders",
            "code": "big",
            "field": "total",
            "op": "gte",
            "value": "10",
            "hold": "review",
        },
    )
    client.post(f"/orders/{number}/comment/", {"text": "Please call them."})
    client.post("/lists/orders/bulk/", {"verb": "note", "text": "x", "all": "1"})
    run_jobs()
    for name, text in (("po.edi", INTERCHANGE), ("letter.eml", LETTER)):
        client.post(
            "/orders/inbox/hand-over/",
            {"channel": "web", "file": SimpleUploadedFile(name, text)},
        )
    while read_some():
        pass
    sheet = "Order number,SKU,Quantity,Unit price\nF-1,TEA-001,1,39.90\n"
    handed = client.post(
        "/orders/files/hand-over/",
        {"channel": "web", "file": SimpleUploadedFile("orders.csv", sheet.encode())},
    )
    order = Order.objects.get(number=number)
    ChannelPolicy.objects.update(accepts_backorders=True, short_stock="ask")
    short = api.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 9}])).json()
    message = IncomingMessage.objects.get(source="x12")
    return {
        "number": number,
        "message": message.pk,
        "choose": f"/choose/?t={choice_signer().sign(short['number'])}",
        "foreign": message.order.number,
        "draft": OrderDraft.objects.get().pk,
        "customer": public_id("cus", order.customer_id),
        "work": FulfillmentOrder.objects.get(order=order).pk,
        "rma": ReturnAuthorization.objects.get().number,
        "job": Job.objects.get(kind="bulk").pk,
        "file": handed["Location"].split("/")[-2],
    }


@pytest.mark.parametrize(("theme", "language"), FACES)
def test_every_page(chromium, live_server, things, theme, language):
    visitor = Visitor(chromium, live_server.url, language)
    mine = PATHS if IS_FULL else PATHS[FACES.index((theme, language)) :: len(FACES)]
    visitor.walk([path.format(**things) for path in mine], theme)


def test_a_first_visit_loads_little(chromium, live_server, things):
    """Under 120 kB of CSS and JavaScript together, compressed, and nothing moves afterwards."""
    import gzip

    visitor = Visitor(chromium, live_server.url, "en")
    sizes: dict[str, int] = {}
    page = visitor.page
    page.on(
        "response",
        lambda r: (
            sizes.__setitem__(r.url, len(gzip.compress(r.body())))
            if r.request.resource_type in {"stylesheet", "script"}
            else None
        ),
    )
    visitor.sign_in()
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => { for (const e of list.getEntries())"
        " if (!e.hadRecentInput) window.moved += e.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    for path in ("/", "/orders/", "/orders/{number}/"):
        page.goto(live_server.url + path.format(**things))
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.moved") < 0.01, (path, page.evaluate("window.moved"))
    assert sum(sizes.values()) < 120_000, json.dumps(sizes, indent=1)
    visitor.context.close()


def test_a_server_that_fails_or_is_gone_is_said(chromium, live_server, things):
    visitor = Visitor(chromium, live_server.url, "en")
    page = visitor.page
    visitor.sign_in()
    page.goto(f"{live_server.url}/orders/{things['number']}/")
    page.wait_for_load_state("networkidle")

    page.route("**/timeline/**", lambda route: route.fulfill(status=500, body="broken"))
    page.get_by_role("link", name="Money", exact=True).click()
    page.get_by_role("alert").get_by_text("Something went wrong").wait_for()
    page.unroute("**/timeline/**")
    page.route("**/timeline/**", lambda route: route.abort())
    page.get_by_role("link", name="Scans", exact=True).click()
    page.get_by_role("alert").get_by_text("Cannot reach the server").wait_for()
    visitor.is_accessible()
    visitor.context.close()
