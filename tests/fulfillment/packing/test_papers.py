"""The papers read back as what they must say, Chinese included."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from pypdf import PdfReader

from erp.access.models import Company
from erp.fonts import MISSING, unprintable
from erp.pdf import _settable, has_lost_logo
from fulfillment.models import Parcel
from fulfillment.packing import papers as packing_papers
from orders.invoicing import papers as order_papers
from orders.models import OrderAddress
from tests.conftest import order_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def parcel(api, settings, tmp_path) -> Parcel:
    settings.MEDIA_ROOT = tmp_path
    company = Company.objects.get()
    company.name, company.tax_id, company.address = "山止茶事", "91330110MA2T3C4R59", "杭州"
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
        "91330110MA2T3C4R59",
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


def pages_of(content: bytes) -> int:
    return len(PdfReader(BytesIO(content)).pages)


LONG = {"W": "W", "长": "长", "words": "Straße ", "Arabic": "شارع ", "dashes": "ab-"}


@pytest.mark.parametrize("piece", LONG.values(), ids=list(LONG))
def test_the_longest_address_fits_one_page(parcel, piece):
    longest = {
        field.name: (piece * field.max_length)[: field.max_length]
        for field in OrderAddress._meta.fields
        if field.name in {"name", "line1", "line2", "city", "region", "postal_code", "phone"}
    }
    OrderAddress.objects.filter(order=parcel.order).update(**longest)
    parcel.tracking_number, parcel.carrier, parcel.service = "9" * 70, "W" * 40, "w" * 50
    parcel.order.note = ""

    assert pages_of(packing_papers.shipping_label(parcel)) == 1
    assert pages_of(packing_papers.packing_slip(parcel)) == 1
    assert pages_of(order_papers.confirmation(parcel.order)) == 1
    digits = text_of(packing_papers.shipping_label(parcel)).replace("\u200b", "").count("9")
    assert digits >= 70


SCRIPTS = {
    "Łódź Đặng": "Latin",
    "Ελλάδα": "Greek",
    "Иван Їжак": "Cyrillic",
    "محمد": "Arabic",
    "שלום": "Hebrew",
    "ไทย": "Thai",
    "ລາວ": "Lao",
    "ខ្មែរ": "Khmer",
    "မြန်မာ": "Myanmar",
    "हिन्दी": "Devanagari",
    "বাংলা": "Bengali",
    "தமிழ்": "Tamil",
    "తెలుగు": "Telugu",
    "አማርኛ": "Ethiopic",
    "한글": "Hangul",
    "カナかな": "Kana",
    "臺灣體": "Traditional Chinese",
}


@pytest.mark.parametrize("name", SCRIPTS, ids=list(SCRIPTS.values()))
def test_every_script_has_a_font(parcel, name):
    OrderAddress.objects.filter(order=parcel.order).update(name=name)

    text = text_of(packing_papers.shipping_label(parcel))

    assert unprintable(name) == packing_papers.letters_without_font(parcel.order) == []
    assert MISSING not in text
    assert any(c in text for c in name if c.isalpha())


def test_a_letter_without_any_font_is_told_and_is_a_box(parcel, sign_in):
    OrderAddress.objects.filter(order=parcel.order).update(name="ꦄki ꦄ\u200d李")

    assert packing_papers.letters_without_font(parcel.order) == ["ꦄ"]
    assert f"{MISSING}ki" in text_of(packing_papers.shipping_label(parcel))
    owner = sign_in("owner")
    for path in (f"/orders/{parcel.order.number}/", f"/fulfillment/{parcel.fulfillment_order_id}/"):
        page = owner.get(path).content.decode()
        assert "<strong>ꦄ</strong>" in page, path


@pytest.mark.parametrize("how", ["gone", "empty", "text", "cut"])
def test_a_lost_logo_stops_no_paper(parcel, sign_in, how):
    logo = Company.objects.get().logo
    path = Path(logo.path)
    content = path.read_bytes()
    if how == "gone":
        logo.storage.delete(logo.name)
    else:
        path.write_bytes({"empty": b"", "text": b"no picture", "cut": content[:60]}[how])

    assert has_lost_logo(Company.objects.get())
    for paper in (packing_papers.shipping_label, packing_papers.packing_slip):
        assert pages_of(paper(parcel)) == 1
    assert pages_of(order_papers.confirmation(parcel.order)) == 1
    page = sign_in("owner").get("/settings/health/").content.decode()
    assert page.count("pill-bad") >= 1


def test_a_country_is_called_by_its_name_and_home_goes_without(parcel):
    assert "CN" not in text_of(packing_papers.shipping_label(parcel)).split()
    OrderAddress.objects.filter(order=parcel.order).update(country="DE")

    assert "GERMANY" in text_of(packing_papers.shipping_label(parcel))
    assert "Germany" in text_of(order_papers.confirmation(parcel.order))


@pytest.mark.parametrize("to", ["CN", "DE"])
def test_a_labels_sender_has_its_country(parcel, to):
    OrderAddress.objects.filter(order=parcel.order).update(country=to)
    assert "CHINA" in text_of(packing_papers.shipping_label(parcel))


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("Ann Lee, 12 Road", "Ann Lee, 12 Road"),
        ("李娜 שלום", "李娜 שלום"),
        ("+966 50 123 4567", "+966 50 123 4567"),
        ("الرياض 11564", "\u2068الرياض 11564\u2069"),
        ("רחוב 12.", "\u2068רחוב 12.\u2069"),
        ("اتصل على 050-1234567.", "\u2068اتصل على \u2066050-1234567\u2069.\u2069"),
    ],
)
def test_a_text_is_set_in_its_own_direction(text, set_as):
    assert _settable({"a": [text]}) == {"a": [set_as]}
