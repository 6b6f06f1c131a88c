"""What of a text can be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.encodings import Guess, guess
from erp.visible import is_blank, seen

NOTHING = "\u200b\u200c\u200d\u2060\ufeff\u202a\u202c\u200e\u00ad\u3164\u115f\u2800\xa0\u3000\t\n \ufe0f\u034f\x00"


@given(st.text(NOTHING))
def test_marks_of_no_width_are_nothing(text):
    assert is_blank(text)


@given(
    st.text(NOTHING), st.sampled_from(["Kim", "王", "محمد", "🍵", "ß", "é", "0"]), st.text(NOTHING)
)
def test_a_letter_is_something_whatever_is_around_it(before, letter, behind):
    assert not is_blank(before + letter + behind)


@given(st.text("MUG-001", min_size=1), st.sampled_from("\u200b\u200d\ufeff\u202a\u00ad"))
def test_a_code_is_compared_without_them(code, mark):
    assert seen(mark.join(code)) == code.strip()


@pytest.mark.parametrize("text", ["A", "Ünal", ""])
def test_bytes_of_two_to_a_letter(text):
    data = f"id,name\n1,{text}\n".encode("utf-16-le")
    assert guess(data) == Guess("utf-16-le", True)


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_have_some_reading(data):
    data.decode(guess(data).encoding, "replace")
