"""Purchase orders of business customers: X12, EDIFACT and UBL, handed over as they are."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.intake.edi import edifact, ubl, x12
from orders.intake.edi.formats import source_of
from orders.intake.inbox.tasks import read_some
from orders.intake.messages.foreign_json import Unreadable
from orders.models import IncomingMessage, Order
from tests.orders.samples import DATA, INTERCHANGE, real

READERS = {"x12": x12.read, "edifact": edifact.read, "ubl": ubl.read}


def read(body: bytes):
    return READERS[source_of(body)]("purchase_order", body, currency="EUR")


def lines(statement):
    return [(x.code, x.quantity, x.unit_price) for x in statement.order.lines]


def test_an_850_by_hand():
    (statement,) = read(INTERCHANGE)

    order = statement.order
    assert (order.external_id, order.number, order.currency, order.total) == (
        "BUYER:PO-17",
        "PO-17",
        "EUR",
        60,
    )
    assert lines(statement) == [("TEA-001", 12, Decimal("3.5")), ("4006381333931", 2, 9)]
    assert (order.customer.name, order.customer.email) == ("Tea House", "ann@tea.example")
    address = order.shipping_address
    assert (address.name, address.line1, address.line2, address.postal_code, address.country) == (
        "Tea House Berlin",
        "Hauptstr. 1",
        "Hof",
        "10115",
        "DE",
    )


@real
class TestRealDocuments:
    def test_850a(self):
        (statement,) = read((DATA / "business/x12.850a.edi").read_bytes())

        assert lines(statement) == [
            ("A_QU001-BLK", 2500, Decimal("2.53")),
            ("A_QF001-BLK", 2000, Decimal("3.41")),
            ("A_QF001-RED", 1000, Decimal("3.41")),
        ]
        assert statement.order.number == "4600000406"
        assert statement.order.shipping_address.city == "Laredo"
        assert statement.order.total == Decimal("16555.00")

    def test_two_orders_in_one_interchange_and_a_terminator_left_out(self):
        found = read((DATA / "business/x12.850.issue135.edi").read_bytes())

        assert [s.order.number for s in found] == ["740150", "740151"]
        assert [len(s.order.lines) for s in found] == [10, 11]
        assert all(line.is_unpriced for line in found[0].order.lines)
        assert lines(found[0])[:2] == [("F07EXPLBA1818", 13200, 0), ("F07EXPLLO1224", 13892, 0)]

    @pytest.mark.parametrize(
        "name", sorted(p.name for p in (DATA / "oca-orders").glob("base_edifact*"))
    )
    def test_edifact(self, name):
        (statement,) = read((DATA / "oca-orders" / name).read_bytes())

        if name.endswith("ORDERS_sample1.txt"):
            assert lines(statement) == [
                ("9783898307529", 5, Decimal("27.5")),
                ("9783898307538", 1, Decimal("10.87")),
                ("9783898307645", 3, Decimal("3.85")),
            ]
            assert (statement.order.number, statement.order.currency) == ("1AA1TEST", "EUR")
        assert statement.order.lines

    @pytest.mark.parametrize("name", ["CreateInvoicePartner", "CreateShippingPartner"])
    def test_ubl_21(self, name):
        path = DATA / f"oca-orders/sale_order_import_ubl__UBL-Order-2.1-Example-{name}.xml"
        (statement,) = read(path.read_bytes())

        order = statement.order
        assert (order.number, order.currency) == ("34", "SEK")
        assert [(x.quantity, x.unit_price) for x in order.lines if x.code][:2] == [
            (120, 50),
            (15, 15),
        ]

    def test_ubl_20(self):
        path = DATA / "oca-orders/sale_order_import_ubl__UBL-Order-2.0-Example.xml"
        (statement,) = read(path.read_bytes())

        (line,) = statement.order.lines
        assert (line.code, line.quantity, line.subtotal, line.tax) == (
            "17589683",
            100,
            100,
            Decimal("17.5"),
        )
        assert statement.order.total == Decimal("117.50")

    def test_what_is_malformed_or_another_message_is_refused_with_a_reason(self):
        refused = {}
        for path in [
            *(DATA / "malformed").iterdir(),
            *(DATA / "business").iterdir(),
            *(DATA / "syntax-edge").iterdir(),
            *(DATA / "invoices").iterdir(),
        ]:
            body = path.read_bytes()
            if not source_of(body):
                refused[path.name] = "unknown"
                continue
            try:
                found = read(body)
            except Unreadable as error:
                refused[path.name] = error.code
            else:
                assert found, path.name
                assert b"850" in body, path.name
        assert refused["badx12__bad_file.edi"] == "unknown"
        assert refused["badx12__error_validation.edi"] in {
            "control_numbers_differ",
            "no_purchase_order",
        }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"ISA", "not_edi"),
        (INTERCHANGE.replace(b"*12*EA", b"*1.5*EA"), "quantity_not_whole"),
        (INTERCHANGE.replace(b"*12*EA", b"*0*EA"), "quantity_not_whole"),
        (INTERCHANGE.replace(b"*3.5*", b"*-3*"), "price_below_zero"),
        (INTERCHANGE.replace(b"SE*12*0001", b"SE*12*0002"), "control_numbers_differ"),
        (INTERCHANGE.partition(b"CTT")[0], "transaction_not_closed"),
        (INTERCHANGE.replace(b"ST*850", b"ST*810"), "no_purchase_order"),
        (b"UNB+UNOA:2+a+b'UNH+1+INVOIC:D'UNT+2+1'", "no_purchase_order"),
        (b"<Invoice xmlns='ubl'/>", "no_purchase_order"),
        (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><Order>&a;</Order>", "xml_declares"),
        (b"<?xml version='1.0' encoding='x-nobody'?><Order/>", "xml_encoding"),
        (b"<Order", "not_xml"),
    ],
)
def test_what_cannot_be_an_order_says_why(body, code):
    with pytest.raises(Unreadable) as refusal:
        read(body)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    "start", [b"", b"ISA*", b"UNA:+.? '", b"UNB+", b"<Order xmlns='ubl'>", INTERCHANGE[:400]]
)
@given(
    rest=st.binary(max_size=300)
    | st.text("ISASTSE*~+':?<>/OrderPO1LINQTY0123456789.\n", max_size=300).map(str.encode)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_nothing_that_is_handed_over_breaks_a_reader(start, rest):
    body = start + rest
    if source_of(body) in READERS:  # a mail has a reader of its own
        with suppress(Unreadable):
            read(body)


@pytest.mark.django_db(transaction=True)
class TestHandingOver:
    def test_by_the_api_once(self, api, shop, laws_hold):
        def post(body):
            return api.client.post(
                "/api/v1/channels/web/messages", body, content_type="application/edi-x12"
            )

        first, again = post(INTERCHANGE), post(INTERCHANGE)
        assert first.status_code == again.status_code == 202
        assert first.json()["id"] == again.json()["id"]
        while read_some():
            pass

        message = IncomingMessage.objects.get()
        order = Order.objects.get()
        assert (message.status, message.order) == ("processed", order)
        assert (order.payment_method, order.status) == (
            "on_account",
            "pending",
        )  # a SKU is unknown
        assert order.lines.get(position=1).sku is None
        shown = api.get("channels/web/messages").json()["data"][0]
        assert (shown["status"], shown["order"]) == ("processed", order.number)
        assert post(b"hello").status_code == 422
        laws_hold()

    def test_by_a_page(self, sign_in, shop):
        from django.core.files.uploadedfile import SimpleUploadedFile

        client = sign_in("service")
        answer = client.post(
            "/orders/inbox/hand-over/",
            {
                "channel": "desk",
                "file": [
                    SimpleUploadedFile("po.edi", INTERCHANGE),
                    SimpleUploadedFile("x.txt", b"no"),
                ],
            },
            follow=True,
        )

        texts = [str(m) for m in answer.context["messages"]]
        assert any("po.edi" in text for text in texts)
        assert any("x.txt" in text for text in texts)
        while read_some():
            pass
        message = IncomingMessage.objects.get()
        page = client.get(f"/orders/inbox/{message.pk}/").content.decode()
        assert "PO-17" in page
        assert message.order.number in page
        assert message.order.number in client.get("/orders/?q=PO-17").content.decode()
