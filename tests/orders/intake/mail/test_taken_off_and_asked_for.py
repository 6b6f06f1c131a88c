"""Letters that cancel, send back or only ask, in the body or above it: nothing of them is a plain order."""

from datetime import date
from email.message import EmailMessage

import pytest

from orders.intake.mail.catalogue import Catalogue, Good
from orders.intake.mail.email_orders import read_email_order
from orders.intake.mail.mail import read_mail
from orders.intake.mail.subjects import under_subject

A, B = "POT-009", "MUG-007"
SHOP = Catalogue([Good(A, "Stoneware teapot"), Good(B, "Stoneware mug")])


def read(text, subject="order"):
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "ann@example.com", subject
    mail.set_content(text)
    found = read_mail(mail.as_bytes())
    letter = under_subject(read_email_order(found.fresh, SHOP, date(2026, 11, 29)), found.subject)
    issues = {issue.code for issue in letter.issues} - {"address_missing", "no_goods_found"}
    return {line.sku: line.quantity for line in letter.lines}, issues, letter


@pytest.mark.parametrize(
    "text",
    [
        f"5 adet {A} siparişimi iptal edin.",
        f"Xin hủy đơn hàng 5 {A}.",
        f"कृपया 5 {A} का ऑर्डर रद्द करें।",
        f"Скасуйте замовлення на 5 {A}.",
        f"Jag vill avbeställa 5 {A}.",
        f"ขอยกเลิกคำสั่งซื้อ 5 {A}",
        f"الرجاء إلغاء طلب 3 x {A}",
        f"{A} 5개 주문을 취소해 주세요.",
        f"Proszę anulować zamówienie na 5 {A}.",
        f"Rezygnujemy z 5 {A}.",
        f"Ik wil graag 5 {A} annuleren.",
        f"Vorrei annullare l'ordine di 5 {A}.",
        f"Cancelem o pedido de 5 {A}.",
        f"Jeg vil gerne afbestille 5 {A}.",
        f"Haluan peruuttaa tilauksen: 5 {A}",
        f"Prosím zrušte objednávku 5 {A}.",
        f"Kérem törölje: 5 {A}",
        f"Tolong batalkan pesanan 5 {A}.",
        f"Ακυρώστε 5 {A}.",
        f"請取消我訂的 5 個 {A}。",
        f"Please hold off on 3 x {A}.",
        f"{A} 退两个，{B} 换三个",
        f"5 {A} ürünü iade etmek istiyorum.",
    ],
)
def test_what_is_taken_off_is_no_line(text):
    goods, issues, _letter = read(text)
    assert (goods, issues) == ({}, {"says_no"})


@pytest.mark.parametrize(
    "subject",
    [
        "CANCELLATION of PO 123",
        "Storno",
        "取消订单",
        "Re: please cancel my order",
        "İptal",
        "Hủy đơn hàng",
        "ऑर्डर रद्द",
        "Скасування замовлення",
        "Avbeställning",
        "ยกเลิก",
        "إلغاء الطلب",
        "주문 취소",
        "Anulowanie zamówienia",
        "Annulering",
        "Annullamento ordine",
        "Cancelamento",
        "Annulation de commande",
        "キャンセルのお願い",
    ],
)
def test_a_subject_that_cancels_takes_everything_off(subject):
    goods, issues, _letter = read(f"5 x {A}", subject)
    assert (goods, issues) == ({}, {"says_no"})


@pytest.mark.parametrize("subject", ["Return of 5 teapots", "Retoure", "退货", "Do not send"])
def test_a_subject_that_objects_makes_goods_doubtful(subject):
    _goods, issues, letter = read(f"5 x {A}", subject)
    assert "says_no" in issues
    assert all(line.confidence <= 0.5 for line in letter.lines)


@pytest.mark.parametrize(
    "subject",
    ["Request for quotation", "RFQ 123", "Preisanfrage", "询价", "Price request", "견적 요청"],
)
def test_a_subject_that_asks_for_a_price(subject):
    goods, issues, letter = read(f"5 x {A}", subject)
    assert (goods, issues, letter.is_quote) == ({A: 5}, {"asks_for_a_quote"}, True)


@pytest.mark.parametrize(
    "subject",
    [
        "order",
        "Order 123",
        "Bestellung",
        "Return address inside",
        "Cancellation policy and an order",
        "Our PO",
        "",
    ],
)
def test_a_subject_of_an_order(subject):
    assert read(f"5 x {A}", subject)[:2] == ({A: 5}, set())


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        (f"Do you have 5 x {A} in stock? What is the price?", "asks_for_a_quote"),
        (f"Do you have 5 x {A} in stock?", "conditional"),
        (f"Are 5 x {A} available?", "conditional"),
        (f"Haben Sie 5 x {A} auf Lager?", "conditional"),
        (f"Avez-vous 5 x {A} ?", "conditional"),
        (f"¿Tienen 5 x {A}?", "conditional"),
        (f"{A} 有没有 5 个？", "conditional"),
        (f"{A} 5個、在庫ありますか", "conditional"),
        (f"It was 5 x {A} last time; now 6 x {B}.", "conditional"),
        (f"上次是 {A} 5 个，这次 {B} 6 个", "conditional"),
        (f"5 x {A}, price?", "asks_for_a_quote"),
        (f"Please send me a price for 100 x {A}, and order 2 x {B}.", "asks_for_a_quote"),
        (f"Was kosten 5 x {A}?", "asks_for_a_quote"),
        (f"Combien coûtent 5 x {A} ?", "asks_for_a_quote"),
    ],
)
def test_what_is_only_asked_or_told_is_no_plain_order(text, issue):
    _goods, issues, _letter = read(text)
    assert issue in issues


@pytest.mark.parametrize(
    "text",
    [
        f"Could you send 5 x {A}?",
        f"5 x {A} at the price of 3.00",
        f"5 x {A} at the prices of your list",
        f"请寄 5 个 {A}",
        f"Vi vill beställa 5 x {A}",
        f"5 adet {A} sipariş etmek istiyoruz",
        f"Chúng tôi muốn đặt 5 x {A}",
        f"Замовляємо 5 x {A}",
    ],
)
def test_a_plain_order_is_one(text):
    assert read(text)[:2] == ({A: 5}, set())
