"""Letters: a number is the one that is written, or doubted; names of goods stay what they are called."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.intake.mail.catalogue import Catalogue, Good
from orders.intake.mail.email_orders import read_email_order
from orders.intake.mail.mail import as_text

SHOP = Catalogue(
    [
        Good("TEA-001", "Green tea", ("绿茶",)),
        Good("POT-009", "Stoneware teapot, ochre", ("赭石茶壶",)),
        Good("BL-21", "Twenty One blend"),
        Good("OIL-1", "Vitamin E oil"),
        Good("SET-5", "Between three and five set"),
    ]
)
TODAY = date(2026, 11, 29)
DOUBTS = {"quantity_unclear", "several_quantities"}


def read(text):
    letter = read_email_order(text, SHOP, TODAY)
    return letter.lines, {issue.code for issue in letter.issues}


@given(
    whole=st.integers(1, 999),
    part=st.from_regex(r"[0-9]{1,2}", fullmatch=True),
    mark=st.sampled_from(",."),
    form=st.sampled_from(
        [
            "{n} x Green tea",
            "{n} Green tea",
            "{n} TEA-001",
            "Green tea {n} kg",
            "Green tea x {n}",
            "Green tea qty: {n}",
            "we need {n} Green tea",
            "{n} pcs Green tea",
            "{n} 绿茶",
            "绿茶 {n}",
        ]
    ),
    more=st.sampled_from(
        ["", ", 3 x POT-009", " and two Stoneware teapot, ochre", "\n4 x POT-009"]
    ),
)
def test_a_decimal_is_a_whole_number_or_doubted(whole, part, mark, form, more):
    lines, issues = read(form.format(n=f"{whole}{mark}{part}") + more)
    tea = [line for line in lines if line.sku == "TEA-001"]
    is_whole = not int(part)

    assert tea
    assert all((is_whole and line.quantity == whole) or line.confidence <= 0.5 for line in tea)
    assert issues & DOUBTS or (is_whole and tea[0].quantity == whole)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("2 x Green tea 12,50 EUR", 2),
        ("3 x TEA-001 à 12,50", 3),
        ("2 x Green tea 2,5 kg", 2),
        ("2,0 x Green tea", 2),
        ("绿茶 卅六个", 36),
        ("绿茶 卌二个", 42),
        ("绿茶 廿个", 20),
        ("綠茶/绿茶 貳拾參個", 23),
    ],
)
def test_what_else_stands_there_is_no_quantity(text, quantity):
    lines, issues = read(text)
    assert ([line.quantity for line in lines], issues & DOUBTS) == ([quantity], set())


@pytest.mark.parametrize(
    "text",
    [
        "绿茶 三到五个",
        "绿茶 三至五件",
        "绿茶 三个到五个",
        "绿茶 三或五个",
        "zwischen drei und fünf TEA-001",
        "between three and five TEA-001",
        "entre trois et cinq TEA-001",
        "entre tres y cinco TEA-001",
        "tussen drie en vijf TEA-001",
        "tra 3 e 5 TEA-001",
        "от 3 до 5 TEA-001",
        "van 3 tot 5 TEA-001",
        "von drei bis fünf TEA-001",
    ],
)
def test_a_range_is_no_number(text):
    (line,), issues = read(text)
    assert (line.quantity, line.confidence <= 0.5) == (3, True)
    assert "several_quantities" in issues


@pytest.mark.parametrize(
    ("page", "quantity"),
    [
        ("1<sup>2</sup> x TEA-001", None),
        ("1<sub>2</sub> x TEA-001", None),
        ("1<b>2</b> x TEA-001", 12),
        ("<span style='x'>1</span><span>2</span> x TEA-001", 12),
        ("12 x TEA-001<sup>1</sup>", 12),
    ],
)
def test_digits_are_what_a_reader_sees_of_them(page, quantity):
    (line,), issues = read(as_text(f"<p>{page}</p>"))
    if quantity is None:
        assert line.confidence <= 0.5
        assert issues & DOUBTS
    else:
        assert (line.quantity, line.confidence) == (quantity, 1.0)


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("2 x Twenty One blend", {"BL-21": 2}),
        ("two Twenty One blend, 3 x TEA-001", {"BL-21": 2, "TEA-001": 3}),
        ("two hundred and five twenty one BLEND", {"BL-21": 205}),
        ("3 x Vitamin E oil and 2 x POT-009", {"OIL-1": 3, "POT-009": 2}),
        ("2 x POT-009 e 3 x Vitamin E oil", {"OIL-1": 3, "POT-009": 2}),
        ("2 x Between three and five set", {"SET-5": 2}),
    ],
)
def test_names_of_goods_stay_whole(text, goods):
    lines, _issues = read(text)
    assert {line.sku: line.quantity for line in lines} == goods
    assert all(line.confidence >= 0.85 for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "twenty-one Green tea",
        "2,5 x Green tea",
        "between 5 and 10 Green tea",
        "2 x Twenty One blend",
    ],
)
def test_a_letter_is_quoted_in_its_own_words(text):
    (line,), _issues = read(f"Dear all,\n{text}\nThanks")
    assert line.words == text
