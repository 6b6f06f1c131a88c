"""Encodings of partners' documents: read as their mark, zeros or declaration says; else refused in words that fit."""

import itertools

import pytest
from django.utils import translation

from orders.intake.edi import edifact, ubl, x12
from orders.intake.edi.formats import source_of
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.wording import cause_text
from orders.models import Order, OutgoingDocument
from tests.orders.intake.edi.test_interchanges import edifact_interchange, edifact_message
from tests.orders.samples import INTERCHANGE

NAME = "上海茶叶有限公司"
READERS = {"x12": x12, "edifact": edifact, "ubl": ubl}


def document(declared="", name=NAME, root="Order"):
    says = f"<?xml version='1.0' encoding='{declared}'?>" if declared else "<?xml version='1.0'?>"
    return (
        f"{says}<{root} xmlns='urn:oasis:names:specification:ubl:schema:xsd:Order-2'><ID>U-1</ID>"
        "<IssueDate>2026-03-01</IssueDate><DocumentCurrencyCode>CNY</DocumentCurrencyCode>"
        f"<BuyerCustomerParty><Party><PartyName><Name>{name}</Name></PartyName></Party></BuyerCustomerParty>"
        "<OrderLine><LineItem><ID>1</ID><Quantity>2</Quantity><Price><PriceAmount>5</PriceAmount></Price>"
        "<Item><SellersItemIdentification><ID>TEA-001</ID></SellersItemIdentification></Item></LineItem>"
        f"</OrderLine></{root}>"
    )


ORDERS = {
    "x12": INTERCHANGE.decode().replace("Tea House Berlin", NAME),
    "edifact": edifact_interchange(edifact_message("ORDERS", 1)).decode().replace("Shop", NAME),
    "ubl": document(),
}
MARKED = ("utf-8-sig", "utf-16", "utf-32")
UNMARKED = ("utf-8", "utf-16-le", "utf-16-be")


def name_of(order):
    names = {order.customer.name, order.shipping_address.name}
    return NAME if NAME in names else names


@pytest.mark.parametrize("source", sorted(ORDERS))
@pytest.mark.parametrize("encoding", [*MARKED, *UNMARKED])
def test_whatever_encoding_of_unicode_it_is_in_it_is_read(source, encoding):
    plain = READERS[source].read("", ORDERS[source].encode(), currency="CNY")
    body = ORDERS[source].encode(encoding)
    assert source_of(body) == source
    found = READERS[source].read("", body, currency="CNY")
    assert found == plain
    (said,) = found
    assert name_of(said.order) == NAME
    assert said.order.doubts == []
    for mark in ("\ufeff".encode(encoding.removesuffix("-sig")),) if encoding in UNMARKED else ():
        assert source_of(mark + body) == source
        assert READERS[source].read("", mark + body, currency="CNY") == plain


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        *(("GB2312", x) for x in ("gb2312", "gbk", "gb18030")),
        *itertools.product(("gbk", "GB18030", "cp936"), ("gbk", "gb18030")),
        ("UTF-8", "utf-8"),
        ("utf8", "utf-8"),
        ("Big5", "big5"),
        ("Shift_JIS", "cp932"),
        ("EUC-JP", "euc_jp"),
        ("EUC-KR", "cp949"),
        ("ISO-8859-1", "latin-1"),
        ("windows-1252", "cp1252"),
        ("windows-1251", "cp1251"),
        ("KOI8-R", "koi8_r"),
    ],
)
def test_a_document_is_read_in_the_encoding_that_it_declares(declared, written):
    names = {"gb2312": NAME, "gbk": "陳茶葉镕", "gb18030": NAME, "utf-8": NAME, "cp949": "한국 차"}
    names |= {
        "big5": "上海茶葉",
        "cp932": "上海茶葉カナ",
        "euc_jp": "上海茶葉カナ",
        "koi8_r": "Чай",
    }
    names |= {"latin-1": "Tee für Köln", "cp1252": "Tee für 5 €", "cp1251": "Чай"}
    body = document(declared, names[written]).encode(written)
    assert source_of(body) == "ubl"
    (said,) = ubl.read("", body, currency="CNY")
    assert said.order.customer.name == names[written]
    assert said.order.doubts == []


@pytest.mark.parametrize(
    "body",
    [
        document().encode("gbk"),  # undeclared: it has to be UTF-8
        document("UTF-8").encode("gbk"),
        document("GB2312").encode("utf-8") + "<!-- é -->".encode("latin-1"),
        document("US-ASCII").encode(),
        document("x-nobody").encode(),
        document("rot13").encode(),
        document("hex").encode(),
        document("utf-7").encode(),
        document("idna").encode(),
        document("UTF-16").encode(),  # declared, and plain bytes
        document("UTF-32").encode(),
        document().encode("utf-16")[:-1],
    ],
)
def test_what_is_in_another_encoding_than_it_says_is_refused_in_words_that_say_so(body):
    with pytest.raises(Unreadable) as refused:
        ubl.read("", body, currency="CNY")
    assert refused.value.code == "xml_encoding"
    with translation.override("en"):
        assert "encoding" in cause_text(refused.value.code, refused.value.params)


def test_a_wide_interchange_that_lost_a_byte_is_doubted():
    for source in ("x12", "edifact"):
        for encoding in ("utf-16", "utf-16-le"):
            body = ORDERS[source].encode(encoding)[:-1]
            (said,) = READERS[source].read("", body, currency="CNY")
            assert said.order.doubts == ["encoding_doubtful"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "gbk"])
def test_what_is_handed_over_so_is_placed(handed, encoding):
    declared = "GBK" if encoding == "gbk" else "UTF-16"
    message = handed(document(declared).encode(encoding))
    order = Order.objects.get()
    assert (message.status, message.cause, message.order) == ("processed", "", order)
    assert OutgoingDocument.objects.filter(order=order).exists()
