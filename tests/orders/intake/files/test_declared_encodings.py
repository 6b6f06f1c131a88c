"""A file is read in the encoding that somebody declared; it is kept with the layout and used again."""

import pytest

from erp.encodings import SCORES, TITLES
from erp.files import Header, RawRow, Unreadable, read_rows

# Words that each encoding can write.
WORDS = {
    "utf-8": "赭石茶壶 Ü", "utf-16": "赭石茶壶 Ü", "gb18030": "赭石茶壶", "big5": "茶壺", "cp932": "急須です",
    "euc_jp": "急須です", "cp949": "찻주전자", "cp1252": "Müller", "cp850": "Müller", "mac_roman": "Müller",
    "cp1250": "Łódź", "iso8859_2": "Łódź", "cp1257": "Žąsų", "cp1251": "Чайник", "koi8_r": "Чайник",
    "cp866": "Чайник", "cp1253": "Τσάι", "cp1254": "Çaydanlık", "cp1255": "קומקום", "cp1256": "إبريق", "cp874": "กาน้ำ",
}  # fmt: skip


def test_every_encoding_that_is_guessed_can_be_declared():
    assert set(TITLES) == set(WORDS) == {"utf-8", "utf-16", *SCORES}


@pytest.mark.parametrize("encoding", TITLES)
def test_a_declared_encoding_is_certain(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes(f"name,sku\n{WORDS[encoding]},A\n".encode(encoding))
    header, row = read_rows(path, encoding)
    assert isinstance(header, Header)
    assert (header.names, row.cells, row.is_sure) == (("name", "sku"), (WORDS[encoding], "A"), True)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes("name,sku\nTea,A\n".encode(encoding))
    _header, row = read_rows(path, "utf-16")
    assert isinstance(row, RawRow)
    assert row.cells == ("Tea", "A")


def test_what_it_cannot_be_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("name\nMüller\n".encode("cp1252"))
    with pytest.raises(Unreadable):
        list(read_rows(path, "utf-8"))
