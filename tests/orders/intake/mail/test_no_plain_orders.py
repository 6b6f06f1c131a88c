"""Letters that order nothing, say it struck out, or say numbers and days in words: read, or named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.intake.mail.catalogue import Catalogue, Good
from orders.intake.mail.email_orders import read_email_order
from orders.intake.mail.mail import as_text, read_mail

SHOP = Catalogue([Good("POT-009", "Stoneware teapot"), Good("MUG-007", "Stoneware mug")])
A, B = "POT-009", "MUG-007"


def read(text):
    letter = read_email_order(text, SHOP, date(2026, 11, 29))
    issues = {issue.code for issue in letter.issues} - {"address_missing", "no_goods_found"}
    return {line.sku: line.quantity for line in letter.lines}, issues, letter.need_by


@pytest.mark.parametrize(
    ("text", "goods", "day"),
    [
        (f"fünf Stück {A} und einundzwanzig {B}. Lieferung bis dritten Januar 2027", {A: 5, B: 21}, "2027-01-03"),
        (f"cinq {A} et vingt et un {B}, avant le premier mars 2027", {A: 5, B: 21}, "2027-03-01"),
        (f"one hundred and twenty-five {A}; fifteen hundred {B}", {A: 125, B: 1500}, None),
        (f"Quero cinco {A} e vinte e duas {B}", {A: 5, B: 22}, None),
        (f"treinta y dos {A} y ciento veinte {B}", {A: 32, B: 120}, None),
        (f"zweihundertfünfzig {A}", {A: 250}, None),
        (f"quatre-vingt-dix-sept {A}", {A: 97}, None),
        (f"3 x {A} by the fifteenth of January 2027", {A: 3}, "2027-01-15"),
    ],
)  # fmt: skip
def test_numbers_and_days_in_words(text, goods, day):
    found, issues, by = read(text)
    assert (found, issues, by.value if by else None) == (goods, set(), day)


def test_about_twenty_is_no_number():
    found, issues, by = read(f"une vingtaine de {B}, avant le premier mars 2027")
    assert (found, by.value) == ({B: 20}, "2027-03-01")
    assert "quantity_unclear" in issues


@pytest.mark.parametrize(
    "text",
    [
        f"3 x {A}, not before 15 January 2027",
        f"3 x {A}, no earlier than 15.01.2027",
        f"3 x {A}, frühestens 15. Januar 2027",
        f"3 x {A}, ab 15. Januar 2027",
        f"3 x {A}, pas avant le 15 janvier 2027",
        f"3 x {A}, no antes del 15 de enero de 2027",
        f"3 x {A}，1月15日之后发货",
        f"3 x {A} in January 2027",
    ],
)
def test_a_first_day_is_not_the_last(text):
    found, issues, by = read(text)
    assert (found, by) == ({A: 3}, None)
    assert "date_unclear" in issues


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"We won't need the 4 x {A}", "says_no"),
        (f"Scrap the 4 x {A}", "says_no"),
        (f"Please forget about the 4 x {A}", "says_no"),
        (f"We will not be needing 4 x {A}", "says_no"),
        (f"Прошу отменить заказ на 5 шт. {A}", "says_no"),
        (f"{A} 5개 취소해 주세요", "says_no"),
        (f"I only received 3 x {A} of the 5 I ordered", "conditional"),
        (f"If in stock 5 x {A}; otherwise 5 x {B}", "conditional"),
        (f"Falls lieferbar 5 x {A}, sonst 5 x {B}", "conditional"),
        (f"如果有货 {A} 5个", "conditional"),
        (f"10 x {A} less the 2 you owe me", "conditional"),
        (f"Add 2 {A} to my order SO10025278", "conditional"),
        (f"We haven't received 2 x {A}", "conditional"),
        (f"Si hay en stock, 5 x {A}, de lo contrario 5 x {B}", "conditional"),
    ],
)
def test_what_orders_nothing_is_named(text, code):
    found, issues, _by = read(text)
    assert code in issues
    assert not (code == "says_no" and found)


@pytest.mark.parametrize(
    "text",
    [
        f"Please add 3 x {A}",
        f"3 x {A}, thanks. If you have any questions, call me.",
        f"I would like to order 3 x {A}. If something is missing, let me know.",
        f"We ordered last week. Now 3 x {A}.",
        f"3 x {A}, if possible soon",
        f"Wir brauchen 3 x {A}, wenn möglich bald",
    ],
)
def test_a_plain_order_stays_one(text):
    assert read(text)[:2] == ({A: 3}, set())


@pytest.mark.parametrize(
    "text",
    [
        f"Scrap the 4 x {B}; send 3 x {A}.",
        f"Scrap the 4 x {B}. Send 3 x {A}.",
        f"Drop the parcel at the door. 3 x {A}",
        f"Please ship 3 x {A}. We can't accept pallets.",
    ],
)
def test_what_is_taken_off_is_one_sentence(text):
    assert read(text)[0] == {A: 3}


def test_goods_beside_others_are_never_lost():
    found, issues, _by = read(f"cinco {A} mit zzz {B}")
    assert found == {A: 5}
    assert "not_understood" in issues


@pytest.mark.parametrize(
    "page",
    [
        f"<s>9 x {A}</s> 2 x {B} <del>4 x {B}</del>",
        f"<p style='display:none'>9 x {A}</p><p>2 x {B}</p>",
        f'<div style="DISPLAY: none;"><div>1 x {A}</div>9 x {A}</div>2 x {B}',
        f"<span style='text-decoration: line-through'>9 x {A}</span> 2 x {B}",
        f"<p hidden>9 x {A}<p>2 x {B}",
        f"<strike>9 x <b>{A}</strike><br>2 x {B}",
    ],
)
def test_what_is_struck_out_or_hidden_is_no_text(page):
    assert read(as_text(page))[0] == {B: 2}


@given(st.text("<>!-[]/= \"'abdelsp&#;0x\n", max_size=60))
def test_no_page_breaks_its_reader(page):
    assert isinstance(as_text(page), str)


@pytest.mark.parametrize(
    "page", [f"<![if !mso]><p>2 x {B}</p><![endif]>", f"<!--[if mso]>9 x {A}<![endif]-->2 x {B}"]
)
def test_outlooks_sections(page):
    assert read(as_text(page))[0] == {B: 2}


def test_what_hides_without_an_end_hides_nothing():
    assert read(as_text(f"<del>old<br>2 x {B}"))[0] == {B: 2}


def test_a_lost_character_is_named():
    mail = read_mail(f"From: a@b.example\nSubject: x\n\n1\x000 x {A}\n".encode())
    assert "\ufffd" in mail.fresh
    assert read(mail.fresh)[0].get(A) != 10
