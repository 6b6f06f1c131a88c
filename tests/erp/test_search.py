"""The words of a text, and the query of what somebody typed."""

import pytest

from erp.search import phone_words, query, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张三丰", {"张三丰", "张", "三", "丰", "张三", "三丰"}),
        ("Sophie Martin", {"sophie", "martin"}),
        ("TEA-001", {"tea-001", "tea", "001"}),
        ("Ｔｅａ", {"tea"}),
        ("李 Anna", {"李", "anna"}),
        ("", set()),
    ],
)
def test_words(text, expected):
    assert set(words(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张", "('张')"),
        ("张三丰", "('张三' & '三丰')"),
        ("sophie mar", "('sophie' & 'mar':*)"),
        ("web-1", "('web' & '1') | ('web-1')"),
        ("5678", "('5678':*) | ('~8765':*)"),
        ("x' | y", "('x' & 'y')"),
        (" -- ", ""),
    ],
)
def test_query(text, expected):
    assert query(text) == expected


def test_a_phone_number_is_found_by_its_end():
    assert phone_words("+86 138-1234-5678") == ["~8765432183168"]
    assert phone_words("12") == []
