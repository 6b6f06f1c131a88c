"""The confirmation that customers get, and the invoices they ask for."""

import io

import pytest
from pypdf import PdfReader

from erp.messages.models import Message
from erp.wiring import PAPERS, resolve
from orders.invoicing.papers import confirmation
from orders.models import InvoiceRequest, Order, OrderEvent
from tests.conftest import order_body
from tests.orders.steps import placed
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


SPECIAL = {
    "title": "上海茶业有限公司",
    "tax_id": "91310000775785552L",
    "kind": "special",
    "registered_address": "南京西路 1 号",
    "registered_phone": "021-12345678",
    "bank": "工商银行",
    "bank_account": "1001 2345",
}


def text_of(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


class TestConfirmation:
    def test_it_comes_with_the_mail_and_says_what_was_agreed(self, api, sign_in):
        order = placed(api, note="门口有狗", invoice={"title": "李娜"})
        run_relay()
        message = Message.objects.get(template="confirmed")
        kind, _colon, pk = message.attachment.partition(":")
        name, make = resolve(PAPERS[kind])([int(pk)])[int(pk)]
        pdf = make()
        assert name == f"{order.number}.pdf"
        text = text_of(pdf)
        for words in (order.number, "TEA-001", "116.80", "南京西路 1 号", "门口有狗", "李娜"):
            assert words in text
        page = sign_in().get(f"/orders/{order.number}/confirmation/")
        assert page["Content-Type"] == "application/pdf"

    def test_it_is_in_the_customers_language(self, api):
        order = placed(api)
        Order.objects.update(language="zh-hans")
        order.refresh_from_db()
        assert "订单确认单" in text_of(confirmation(order))


class TestInvoices:
    def test_asked_with_the_order_and_issued(self, api, sign_in):
        order = placed(api, invoice=SPECIAL)
        request = InvoiceRequest.objects.get(order=order)
        assert (request.kind, request.title, request.tax_id, request.status) == (
            "special",
            "上海茶业有限公司",
            "91310000775785552L",
            "requested",
        )
        client = sign_in("finance")
        assert order.number in client.get("/orders/?invoice=1").content.decode()
        assert api.post(f"orders/{order.number}/invoice", {"number": "24312000"}).status_code == 200
        assert api.post(f"orders/{order.number}/invoice", {"number": "24312000"}).status_code == 200
        assert api.post(f"orders/{order.number}/invoice", {"number": "2"}).status_code == 409
        again = api.post(f"orders/{order.number}/invoice-request", {"title": "x"})
        assert again.status_code == 409
        steps = OrderEvent.objects.filter(order=order, kind="invoice.issued")
        assert [s.data for s in steps] == [{"number": "24312000"}]  # no personal data
        assert order.number not in client.get("/orders/?invoice=1").content.decode()

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"title": " "}, "/invoice/title"),
            ({"tax_id": "91310000775785552A"}, "/invoice/tax_id"),
            ({"bank": ""}, "/invoice/bank"),
            ({"email": "x"}, "/invoice/email"),
            ({"title": "x" * 201}, "/invoice/title"),
        ],
    )
    def test_what_is_wrong_is_named_and_no_order_is_made(self, api, changes, pointer):
        answer = api.post("orders", order_body(invoice=SPECIAL | changes))
        assert answer.status_code == 422
        assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]
        assert not Order.objects.exists()

    def test_the_same_order_without_one_is_the_same_as_before(self, api):
        body = order_body()
        assert api.post("orders", body).status_code == 201
        assert api.post("orders", body).status_code == 200
        assert api.post("orders", body | {"invoice": {"title": "x"}}).status_code == 409

    def test_asked_on_its_page(self, api, sign_in):
        order = placed(api)
        client = sign_in("service")
        client.post(
            f"/orders/{order.number}/request_invoice/", {"title": "李娜", "kind": "ordinary"}
        )
        assert InvoiceRequest.objects.get().title == "李娜"
        assert "李娜" in client.get(f"/orders/{order.number}/").content.decode()
        client.post(f"/orders/{order.number}/request_invoice/", {"title": "", "kind": "ordinary"})
        assert InvoiceRequest.objects.get().title == "李娜"
        client.post(f"/orders/{order.number}/note_invoice/", {"number": "77"})
        assert InvoiceRequest.objects.get().status == "issued"
