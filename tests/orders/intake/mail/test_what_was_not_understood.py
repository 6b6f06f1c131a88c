"""Letters: every item of a sentence is read, and what is not understood is named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.intake.mail.catalogue import Catalogue, Good
from orders.intake.mail.email_orders import read_email_order
from orders.intake.mail.need_by import need_by
from orders.intake.mail.quantities import quantity_in

SHOP = Catalogue(
    [
        Good("POT-009", "Stoneware teapot, ochre", ("赭石茶壶",)),
        Good("MUG-007", "Stoneware mug, ochre", ("赭石马克杯",)),
        Good("TEA-018", "Salt and pepper tea"),
        Good("CUP-031", "Blue and white cup", ("青花瓷杯",)),
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


# How many of POT-009 are asked for, and what is doubtful about it.
SURE, RANGE, VAGUE = (
    set(),
    {"several_quantities", "doubtful_line"},
    {"quantity_unclear", "doubtful_line"},
)
QUANTITIES = [
    ("5–10 pcs POT-009", 5, RANGE),
    ("5-10 pcs POT-009", 5, RANGE),
    ("POT-009: 5 to 10 pieces", 5, RANGE),
    ("between 5 and 10 POT-009", 5, RANGE),
    ("5 bis 10 Stück POT-009", 5, RANGE),
    ("zwischen 5 und 10 Stück POT-009", 5, RANGE),
    ("5 oder 6 POT-009", 5, RANGE),
    ("5 à 10 pièces POT-009", 5, RANGE),
    ("entre 5 et 10 POT-009", 5, RANGE),
    ("de 5 a 10 unidades POT-009", 5, RANGE),
    ("POT-009 5到10个", 5, RANGE),
    ("POT-009 三五个", 3, RANGE),
    ("POT-009 二三十个", 20, RANGE),
    ("POT-009を5〜10個", 5, RANGE),
    ("POT-009 5個から10個", 5, RANGE),
    ("-3 x POT-009", 3, VAGUE),
    ("−3 x POT-009", 3, VAGUE),
    ("about 5 pcs POT-009", 5, VAGUE),
    ("at least 5 x POT-009", 5, VAGUE),
    ("etwa 5 Stück POT-009", 5, VAGUE),
    ("mindestens 5 x POT-009", 5, VAGUE),
    ("environ 5 pièces POT-009", 5, VAGUE),
    ("unas 5 unidades POT-009", 5, VAGUE),
    ("POT-009 大约5个", 5, VAGUE),
    ("POT-009 十几个", None, VAGUE),
    ("POT-009 两个半", None, VAGUE),
    ("POT-009 5個程度", 5, VAGUE),
    ("2½ pcs POT-009", None, VAGUE),
    ("2.5 pcs POT-009", None, VAGUE),
    ("ein Dutzend POT-009", 12, SURE),
    ("zwei Dutzend POT-009", 24, SURE),
    ("ein halbes Dutzend POT-009", 6, SURE),
    ("anderthalb Dutzend POT-009", 18, SURE),
    ("une douzaine POT-009", 12, SURE),
    ("une demi-douzaine POT-009", 6, SURE),
    ("una docena POT-009", 12, SURE),
    ("media docena POT-009", 6, SURE),
    ("POT-009 两打半", 30, SURE),
    ("POT-009 半打", 6, SURE),
    ("POT-009 一打", 12, SURE),
    ("POT-009 2ダース", 24, SURE),
    ("a dozen and a half POT-009", 18, SURE),
    ("drei Stück POT-009", 3, SURE),
    ("trois pièces POT-009", 3, SURE),
    ("cinco unidades POT-009", 5, SURE),
    ("POT-009 叁拾伍个", 35, SURE),
    ("POT-009 一万两千个", 12000, SURE),
    ("POT-009を三個", 3, SURE),
    ("Menge: 7 POT-009", 7, SURE),
    ("3 x POT-009 spätestens 3.4.2027", 3, SURE),
    ("3 x POT-009 before 3/4", 3, {"date_unclear"}),
    ("3 x POT-009 by 4/25/2027", 3, SURE),
    ("3 x POT-009 bis zum 3. April", 3, SURE),
    ("3 x POT-009 avant le 1er avril", 3, SURE),
    ("3 x POT-009 antes del 3 de abril", 3, SURE),
    ("POT-009 三个，最晚5月3日", 3, SURE),
    ("POT-009を3個、4月3日までに", 3, SURE),
    ("3 x POT-009 bis nächsten Freitag", 3, {"date_unclear"}),
    ("3 x POT-009 avant vendredi", 3, {"date_unclear"}),
    ("POT-009を3個、来週まで", 3, {"date_unclear"}),
    ("POT-009 spätestens 3.4.2027", None, {"doubtful_line"}),
    ("POT-009 before 3/4", None, {"doubtful_line", "date_unclear"}),
    ("POT-009 最晚5月3日", None, {"doubtful_line"}),
    ("POT-009 au plus tard le 3 avril", None, {"doubtful_line"}),
    ("POT-009 x 1/2 dozen", 6, SURE),
    ("½ dozen POT-009", 6, SURE),
    ("1½ dozen POT-009", 18, SURE),
    ("1 1/2 dozen POT-009", 18, SURE),
    ("POT-009 x 1.5 dozen", 18, SURE),
    ("2,5 Dutzend POT-009", 30, SURE),
    ("zweieinhalb Dutzend POT-009", 30, SURE),
    ("two and a half dozen POT-009", 30, SURE),
    ("deux douzaines et demie POT-009", 30, SURE),
    ("a quarter of a dozen POT-009", 3, SURE),
    ("three quarters of a dozen POT-009", 9, SURE),
    ("1/5 dozen POT-009", None, VAGUE),
    ("1/2 pcs POT-009", None, VAGUE),
    ("POT-009 x 1/2", None, VAGUE),
    ("x 1½ POT-009", None, VAGUE),
    ("Menge: 3/4 POT-009", None, VAGUE),
    ("2,5 pcs POT-009", None, VAGUE),
    ("POT-009 四分之一打", None, VAGUE),
    ("POT-009 1 000 pcs", 1000, SURE),
    ("POT-009 1\u00a0000 pcs", 1000, SURE),
    ("POT-009 1\u2009000 pcs", 1000, SURE),
    ("POT-009 2\u202f500 pcs", 2500, SURE),
    ("POT-009 2 500 pcs", 2500, VAGUE),
    ("POT-009 x 2 500", 2500, VAGUE),
    ("POT-009 2 450", 2, RANGE),
    ("12 000 x POT-009", 12000, SURE),
    ("1'000 Stk POT-009", 1000, SURE),
    ("1’000 pièces POT-009", 1000, SURE),
    ("POT-009 1.000 Stk", 1000, SURE),
    ("POT-009 1.000Stk", 1000, SURE),
    ("POT-009 1,000 pcs", 1000, SURE),
    ("POT-009 1.000 pcs", 1000, VAGUE),
    ("POT-009 1,000 Stk", 1000, VAGUE),
    ("POT-009 １２個", 12, SURE),
    ("POT-009 １，０００個", 1000, SURE),
    ("POT-009 1，000个", 1000, SURE),
    ("half a dozen POT-009", 6, SURE),
    ("a half dozen POT-009", 6, SURE),
    ("half-dozen POT-009", 6, SURE),
    ("two dozen and a half POT-009", 30, SURE),
    ("two dozens and a half of POT-009", 30, SURE),
    ("2 half dozen POT-009", 12, VAGUE),
    ("two half-dozens POT-009", 12, VAGUE),
    ("2 x half a dozen POT-009", 12, VAGUE),
    ("2 x dozen POT-009", 24, VAGUE),
    ("2 x 1 dozen POT-009", 24, VAGUE),
    ("zwei halbe Dutzend POT-009", 12, VAGUE),
    ("deux demi-douzaines POT-009", 12, VAGUE),
    ("dos medias docenas POT-009", 12, VAGUE),
    ("a couple of POT-009", 2, VAGUE),
    ("a couple POT-009", 2, VAGUE),
    ("a couple of dozen POT-009", 24, VAGUE),
    ("ein paar POT-009", None, VAGUE),
    ("un par de POT-009", None, VAGUE),
    ("a handful of POT-009", None, VAGUE),
    ("POT-009 一些", None, VAGUE),
    ("1 dozen POT-009 x 2", None, RANGE),
    ("3 x POT-009 12 pcs", 3, RANGE),
    ("3 x POT-009 3 pcs", 3, SURE),
    ("POT-009 2027", 2027, VAGUE),
    ("2027 POT-009", 2027, VAGUE),
    ("POT-009 2027 pcs", 2027, SURE),
    ("2027 x POT-009", 2027, SURE),
    ("POT-009 1500", 1500, SURE),
    ("POT-009 3개", 3, SURE),
    ("POT-009 세 개", 3, SURE),
    ("POT-009 열개", 10, SURE),
    ("septante-cinq POT-009", 75, SURE),
    ("nonante et un POT-009", 91, SURE),
    ("tre POT-009", 3, SURE),
    ("duas POT-009", 2, SURE),
    ("twee stuks POT-009", 2, SURE),
    ("две штуки POT-009", 2, SURE),
    ("zwo POT-009", 2, SURE),
    ("zwoundzwanzig POT-009", 22, SURE),
    ("POT-009 3 шт.", 3, SURE),
]


@pytest.mark.parametrize(
    ("text", "quantity", "doubts"), QUANTITIES, ids=[text for text, _n, _d in QUANTITIES]
)
def test_how_many_in_many_languages(text, quantity, doubts):
    """A number that is meant is read; of one that is not, or not just so, something says that."""
    found, issues, _letter = read(text)
    assert set(issues) == doubts, (found, issues)
    assert found == {"POT-009": quantity or found.get("POT-009")}


def test_days_in_figures_and_words():
    for text, day in (
        ("spätestens 3.4.2027", date(2027, 4, 3)),
        ("bis zum 3. April", date(2027, 4, 3)),
        ("bis 3.4.", date(2027, 4, 3)),
        ("before 25/4/2027", date(2027, 4, 25)),
        ("before 4/25", date(2027, 4, 25)),
        ("before 3/4", None),
        ("avant le 1er août 2027", date(2027, 8, 1)),
        ("antes del 3 de abril de 2027", date(2027, 4, 3)),
        ("最晚5月3日", date(2027, 5, 3)),
        ("4月3日までに", date(2027, 4, 3)),
        ("spätestens 31.2.2027", None),
    ):
        found = need_by(text, TODAY)
        assert found is not None, text
        assert found.day == day, text


OBJECTIONS = [
    "Please cancel 3 x POT-009",
    "Please cancel 3 x POT-009 and 2 x MUG-007",
    "Please cancel:\n- 3 x POT-009\n- 2 x MUG-007",
    "Please do not send 3 x POT-009.",
    "We are returning 3 x POT-009",
    "Bitte stornieren Sie 3 x POT-009",
    "Bitte 3 x POT-009 nicht liefern",
    "Wir schicken 3 Stück POT-009 zurück",
    "Veuillez annuler 3 x POT-009",
    "Nous ne voulons plus 3 x POT-009",
    "Por favor cancelen 3 x POT-009",
    "No envíen 3 x POT-009",
    "Devolvemos 3 x POT-009",
    "请取消 POT-009 三个",
    "赭石马克杯两件、赭石茶壶十二个都不要了",
    "我要退货：POT-009 三个",
    "POT-009を3個キャンセルしてください",
    "POT-009 3個を返品します",
    "We would like you to cancel\n3 x POT-009 of our last order.",
    "Please do not\nsend 3 x POT-009 any more.",
    "Cancel from order 4711\n3 x POT-009\n2 x MUG-007",
    "Please cancel order no.\n4711 with 3 x POT-009",
    "Please cancel order No. 4711 with 3 x POT-009",
    "Please cancel:\n\n• 3 x POT-009.\n• 2 x MUG-007.",
    "Please cancel:\n1. 3 x POT-009 (no longer needed)\n2. 2 x MUG-007",
    "Please cancel:\n- 3 x POT-009\n\n- 2 x MUG-007",
    "Please cancel the following items.\n3 x POT-009\n2 x MUG-007",
    "3 x POT-009,\n2 x MUG-007 are no longer needed",
    "Bitte stornieren Sie\n3 x POT-009",
    "Bitte stornieren Sie vom 3. Dezember\n3 x POT-009",
    "Wir möchten 3 Stück POT-009\nstornieren.",
    "Wir möchten 3 x POT-009 aus unserer letzten\nBestellung nicht mehr",
    "Veuillez annuler\n3 x POT-009\n2 x MUG-007",
    "Nous ne voulons plus\n3 x POT-009",
    "Por favor cancelen\n3 x POT-009",
    "Devolvemos\n3 x POT-009",
    "请取消\n3个 POT-009",
    "以下取消：\n3个 POT-009\n2个 MUG-007",
    "请取消以下商品。\n3个 POT-009\n2个 MUG-007",
    "赭石马克杯两件、\n赭石茶壶十二个\n都不要了",
    "POT-009を3個\nキャンセルしてください",
    "POT-009 3個をキャン\nセルしてください",
    "以下をキャンセルしてください。\n・POT-009 3個\n・MUG-007 2個",
]
# Wrapped in the middle of a word, or of the name of goods.
WRAPPED = [
    "不要青花瓷杯",
    "不要青花瓷杯三个",
    "青花瓷杯三个不要了",
    "请取消青花瓷杯和赭石茶壶",
    "青花瓷杯退货",
    "赭石茶壶两个、青花瓷杯三个都不需要了",
]
INSTEAD = [
    "Please send 5 x TEA-018",
    "Instead please send:\n5 x TEA-018",
    "Stattdessen bitte\n5 x TEA-018",
    "À la place, veuillez envoyer\n5 x TEA-018",
    "En su lugar\n5 x TEA-018",
    "改为\n5个 TEA-018",
    "代わりに\nTEA-018を5個",
]


@pytest.mark.parametrize("text", OBJECTIONS)
def test_what_is_taken_off_or_back_is_no_order(text):
    found, issues, _letter = read(text)
    assert found == {}
    assert "says_no" in issues


@pytest.mark.parametrize("text", OBJECTIONS)
def test_what_is_ordered_beside_it_is(text):
    found, issues, _letter = read(f"{text}\n\nPlease send 5 x TEA-018")
    assert found == {"TEA-018": 5}
    assert "says_no" in issues


@pytest.mark.parametrize("instead", INSTEAD)
@pytest.mark.parametrize("text", OBJECTIONS)
def test_what_is_ordered_in_its_place_is(text, instead):
    found, issues, _letter = read(f"{text}\n{instead}")
    assert found == {"TEA-018": 5}
    assert "says_no" in issues


@pytest.mark.parametrize("text", WRAPPED)
@pytest.mark.parametrize("end", ["\n", " \n", "\n\u3000"])
def test_a_chinese_objection_is_one_wherever_it_is_wrapped(text, end):
    for at in range(1, len(text)):
        found, issues, _letter = read(f"{text[:at]}{end}{text[at:]}")
        assert found == {}, (at, text)
        assert "says_no" in issues, (at, text)


@given(st.integers(1, 3))
def test_goods_are_found_in_a_name_that_is_wrapped(at):
    name = "青花瓷杯"
    assert read(f"我要{name[:at]}\n{name[at:]}三个")[:2] == ({"CUP-031": 3}, {})


@pytest.mark.parametrize("text", [x for x in OBJECTIONS if "\n" not in x and max(x) < "\u3000"])
def test_an_objection_is_one_wherever_it_is_wrapped(text):
    for at in (at for at, c in enumerate(text) if c == " "):
        found, issues, _letter = read(f"{text[:at]}\n{text[at + 1 :]}")
        assert found == {}, (at, text)
        assert "says_no" in issues


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("Please send\n3 x POT-009\n2 x MUG-007\nDo not ring the bell.", {"POT-009", "MUG-007"}),
        ("- 3 x POT-009 (not the old ones)\n- 2 x MUG-007", {"MUG-007"}),
        ("Changes:\n- cancel 3 x POT-009\n- add 2 x MUG-007", {"MUG-007"}),
        ("3 x POT-009\nbut cancel 2 x MUG-007", {"POT-009"}),
        ("Please do not send 3 x POT-009. Send 2 x MUG-007\n1 x TEA-018", {"MUG-007", "TEA-018"}),
        ("Please do not call.\n3 x POT-009", {"POT-009"}),
    ],
)
def test_an_objection_ends(text, goods):
    found, _issues, _letter = read(text)
    assert set(found) == goods


def test_what_takes_an_order_off_as_a_whole_is_named():
    _found, issues, _letter = read("Please cancel our last order.\n3 x POT-009")
    assert issues["says_no"]["words"] == "Please cancel our last order."


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
