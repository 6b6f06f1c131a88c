"""Texts of seven bits that switch alphabets, and question marks for letters that were lost: read, or doubted."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp.encodings import has_lost_letters, is_garbled, seven_bit
from orders.intake.files.headings import suggested
from orders.intake.files.rows import Reading
from orders.intake.mail.mail import read_mail
from tests.orders.intake.files.test_notations import PLACES, ROW, read, read_file


def read_bytes(tmp_path, name, encoding):
    path = tmp_path / "orders.csv"
    row = ";".join({**ROW, "shipping name": name, "city": "X"}.values())
    path.write_bytes("\n".join([";".join(PLACES), row]).encode(encoding))
    orders, _defects = read_file(path, Reading(suggested(PLACES), "CNY", ZoneInfo("Asia/Shanghai")))
    return orders["A-1"]


@pytest.mark.parametrize(
    ("encoding", "name", "doubts"),
    [
        ("iso2022_jp", "山田太郎", []),
        ("iso2022_jp_2", "山田太郎", []),
        ("iso2022_kr", "김철수", []),
        ("hz", "王小明", ["encoding_doubtful"]),
        ("ascii", "Ann ~{ Lee", []),
        ("ascii", "Ann Lee", []),
    ],
)
def test_a_file_of_seven_bits(tmp_path, encoding, name, doubts):
    order = read_bytes(tmp_path, name, encoding)
    assert (order.shipping_address.name, order.doubts) == (name, doubts)


@pytest.mark.parametrize("name", ["??? ????", "????", "?? Lee", "\x1b$B%Q%s\x1b(B", "~{MuP!Cw~}"])
@pytest.mark.parametrize("column", ["shipping name", "city", "address1"])
def test_letters_that_were_lost_hold(tmp_path, name, column):
    orders, _defects = read(tmp_path, {column: f"é{name}" if name[0] in "\x1b~" else name})
    assert "encoding_doubtful" in orders["A-0"].doubts


@pytest.mark.parametrize("name", ["Ann? Lee", "What?? Ltd", "Who? Me?", "~Ann~", "{Lee}"])
def test_a_question_mark_is_none_lost(tmp_path, name):
    orders, _defects = read(tmp_path, {"shipping name": name})
    assert orders["A-0"].doubts == []


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_plain_text_that_never_switches_is_plain(text):
    if "~{" not in text:
        assert seven_bit(text.encode()) is None
        assert not is_garbled(text)
    if "??" not in text:
        assert not has_lost_letters(text)


@pytest.mark.parametrize("declared", ["", "us-ascii", "utf-8", "iso-2022-jp"])
def test_a_letter_of_seven_bits(declared):
    kind = f"; charset={declared}" if declared else ""
    head = f"From: a@example.com\r\nSubject: order\r\nContent-Type: text/plain{kind}\r\n\r\n"
    mail = read_mail(head.encode() + "POT-009を5個お願いします".encode("iso2022_jp"))
    assert (mail.fresh, mail.is_sure) == ("POT-009を5個お願いします", True)
