"""Labels open for who packs, slips with a mask for all others; each look of who sees contacts masked is recorded."""

import io

import pytest
from pypdf import PdfReader

from erp.access.models import Company
from fulfillment.planning.models import FulfillmentOrder, Parcel
from orders.models import PersonalDataLook
from tests.conftest import HOME
from tests.orders.steps import heard_of

pytestmark = pytest.mark.django_db(transaction=True)
STREET = HOME["line1"].replace(" ", "")


@pytest.fixture
def parcel(api):
    order = heard_of(api)
    work = api.get("fulfillment-orders", order=order.number).json()["data"][0]["id"]
    api.post(f"fulfillment-orders/{work}/pick", {})
    api.post(f"fulfillment-orders/{work}/pack", {})
    return Parcel.objects.get()


def opened(browser, parcel, kind):
    """Whether a paper opens, and whether it says where the parcel goes."""
    answer = browser.get(f"/shipments/{parcel.pk}/{kind}.pdf")
    if answer.status_code != 200:
        return answer.status_code, False
    pages = PdfReader(io.BytesIO(answer.content)).pages
    text = "".join(page.extract_text() for page in pages)
    return 200, STREET in "".join(text.replace("\u200b", "").split())


@pytest.mark.parametrize(
    ("role", "label", "slip", "looks"),
    [
        ("service", (200, True), (200, True), 0),  # sees contacts at once
        ("picker", (200, True), (200, True), 2),
        ("warehouse", (200, True), (200, True), 2),
        ("finance", (403, False), (200, False), 0),
        ("buyer", (403, False), (200, False), 0),
        ("analyst", (403, False), (200, False), 0),
        ("auditor", (403, False), (200, False), 0),
    ],
)
def test_who_opens_them(parcel, sign_in, role, label, slip, looks):
    browser = sign_in(role)
    assert opened(browser, parcel, "label") == label
    assert opened(browser, parcel, "packing-slip") == slip
    found = PersonalDataLook.objects.filter(subject=f"parcel:{parcel.pk}", by=browser.actor)
    assert [look.why for look in found.order_by("pk")] == ["label", "packing-slip"][:looks]
    page = browser.get(f"/fulfillment/{parcel.fulfillment_order_id}/").content.decode()
    assert ("label.pdf" in page) is label[1]
    assert (HOME["line1"] in page) is label[1]


def test_the_page_shows_where_until_it_has_gone(parcel, sign_in):
    picker, path = sign_in("picker"), f"/fulfillment/{parcel.fulfillment_order_id}/"
    assert HOME["line1"] in picker.get(path).content.decode()
    FulfillmentOrder.objects.update(status="shipped")
    assert HOME["line1"] not in picker.get(path).content.decode()


def test_where_the_company_masks_for_all_the_label_alone_says_it(parcel, sign_in):
    Company.objects.update_or_create(pk=1, defaults={"masks_contacts": True})
    for role in ("picker", "owner"):
        browser = sign_in(role)
        path = f"/fulfillment/{parcel.fulfillment_order_id}/"
        assert HOME["line1"] not in browser.get(path).content.decode()
        assert opened(browser, parcel, "label") == (200, True)
        assert PersonalDataLook.objects.get(by=browser.actor).why == "label"
