"""Letters: every item of a sentence is read, and what is not understood is named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.intake.mail.email_orders import Catalogue, Good, read_email_order
from orders.intake.mail.need_by import need_by
from orders.intake.mail.quantities import quantity_in

SHOP = Catalogue(
    [
        Good("POT-009", "Stoneware teapot, ochre", ("赭石茶壶",)),
        Good("MUG-007", "Stoneware mug, ochre", ("赭石马克杯",)),
        Good("TEA-018", "Salt and pepper tea"),
    ]
)
TODAY = date(2026, 11, 29)


def read(text):
    letter = read_email_order(text, SHOP, TODAY)
    issues = {issue.code: dict(issue.params) for issue in letter.issues}
    issues.pop("address_missing", None)
    return {line.sku: line.quantity for line in letter.lines}, issues, letter


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        (
            "Please send 3 x POT-009, 2 x MUG-007 and 5 x TEA-018",
            {"POT-009": 3, "MUG-007": 2, "TEA-018": 5},
        ),
        ("3 x POT-009 and two Stoneware mug, ochre", {"POT-009": 3, "MUG-007": 2}),
        ("我要订 POT-009 三个，MUG-007 两个，送到上海市南京西路1号", {"POT-009": 3, "MUG-007": 2}),
        ("赭石马克杯两件、赭石茶壶十二个", {"MUG-007": 2, "POT-009": 12}),
        ("赭石茶壶一百二十个和MUG-007 两打", {"POT-009": 120, "MUG-007": 24}),
        ("a dozen POT-009 plus half a dozen MUG-007", {"POT-009": 12, "MUG-007": 6}),
        ("We need 4 Salt and pepper tea", {"TEA-018": 4}),
        ("P\u200bOT-009 x 2", {"POT-009": 2}),
    ],
)
def test_every_item_of_a_sentence(text, goods):
    found, issues, _letter = read(text)
    assert (found, issues) == (goods, {})


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("3 x POT-009, plus 1 NOPE-77", "unknown_goods", "NOPE-77"),
        ("3 x POT-009\n1 x NOPE-77\n2 x MUG-007", "unknown_goods", "NOPE-77"),
        ("3 x POT-009\nand the nope-77 x 2 please", "unknown_goods", "nope-77"),
        ("3 x POT-009\n5 x blue widgets", "not_understood", "5 x blue widgets"),
        ("3 x POT-009\n蓝色杯子两个", "not_understood", "蓝色杯子两个"),
        ("POT-009 2 or 3 pcs", "several_quantities", "POT-009 2 or 3 pcs"),
        ("3 x POT-009 by next Friday", "date_unclear", "3 x POT-009 by next Friday"),
        ("3 x POT-009\nNeeded by 31 February", "date_unclear", "Needed by 31 February"),
        ("3 x POT-009\nbefore 3/4/2027", "date_unclear", "before 3/4/2027"),
    ],
)
def test_what_is_not_understood_is_named(text, code, words):
    _found, issues, _letter = read(text)
    assert issues[code]["words"] == words


@pytest.mark.parametrize("unit", ["boxes of", "cases of", "pairs of", "箱", "盒", "套"])
def test_a_box_is_no_piece(unit):
    _found, issues, letter = read(f"2 {unit} MUG-007")
    assert issues["unit_unknown"]["unit"] in unit
    assert letter.lines[0].confidence < 0.8


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("by 10 December", date(2026, 12, 10)),
        ("by December 10th", date(2026, 12, 10)),
        ("by 3rd of March", date(2027, 3, 3)),
        ("12月10日前", date(2026, 12, 10)),
        ("1月5号之前", date(2027, 1, 5)),
        ("by 10 December 2027", date(2027, 12, 10)),
        ("2026-12-10", date(2026, 12, 10)),
    ],
)
def test_days(text, day):
    found = need_by(text, TODAY)
    assert found is not None
    assert found.day == day


def test_words_that_begin_as_months_do_are_none():
    for text in ("maybe 5 pcs", "3 decent mugs", "march 4 of them", "10 marches"):
        found = need_by(text, TODAY)
        assert found is None or "march 4" in text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三个", 3),
        ("两件", 2),
        ("十二瓶", 12),
        ("二十个", 20),
        ("一百零五个", 105),
        ("two of", 2),
        ("x 3 ", 3),
    ],
)
def test_numbers_in_words(text, value):
    assert quantity_in(text).value == value


@given(
    st.lists(
        st.tuples(
            st.integers(1, 99),
            st.sampled_from(["POT-009", "MUG-007", "TEA-018", "NOPE-77", "ZZ-1"]),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda item: item[1],
    ),
    st.sampled_from([", ", " and ", "; ", "\n", " plus ", "、", "，"]),
)
def test_nothing_that_is_asked_for_is_dropped_in_silence(items, apart):
    found, _issues, letter = read(apart.join(f"{n} x {code}" for n, code in items))
    unknown = [i.params["words"] for i in letter.issues if i.code == "unknown_goods"]
    for n, code in items:
        assert found.get(code) == n or code in unknown


@given(st.text("POT-009 MUG三个两件x2,and和NOPE-77\n", max_size=60))
def test_nothing_raises(text):
    read(text)
