"""The papers read back as what they must say, Chinese included."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from pypdf import PdfReader

from erp.access.models import Company
from fulfillment.models import Parcel
from fulfillment.packing import papers as packing_papers
from tests.conftest import order_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def parcel(api, settings, tmp_path) -> Parcel:
    settings.MEDIA_ROOT = tmp_path
    company = Company.objects.get()
    company.name, company.tax_id, company.address = "山止茶事", "91330110MA2XXXXX0T", "杭州"
    picture = BytesIO()
    Image.new("RGB", (40, 20), "green").save(picture, "PNG")
    company.logo.save("logo.png", ContentFile(picture.getvalue()), save=True)
    number = api.post("orders", order_body(note='#panic("boom") $x$')).json()["number"]
    api.post("shipments", {"order": number})
    return Parcel.objects.select_related("order", "fulfillment_order__warehouse").get()


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_the_packing_slip_names_company_order_customer_and_lines(parcel):
    text = text_of(packing_papers.packing_slip(parcel))

    for words in (
        "山止茶事",
        "91330110MA2XXXXX0T",
        parcel.order.number,
        "李娜",
        "TEA-001",
        "MUG-001",
        '#panic("boom")',
    ):
        assert words in text


def test_the_label_is_a_hundred_by_a_hundred_and_fifty(parcel):
    content = packing_papers.shipping_label(parcel)

    box = PdfReader(BytesIO(content)).pages[0].mediabox
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (
        100,
        150,
    )
    assert parcel.tracking_number in text_of(content)
    assert "南京西路" in text_of(content)
