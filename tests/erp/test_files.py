"""What cannot be read of a file is said in the words of whoever sent it; what is guessed of one is said to be."""

import io
import os
import random
import tarfile
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from erp.encodings import guess
from erp.files import Unreadable, read_rows

# What no sender can make anything of: our libraries' own words.
RAW = (
    "codec",
    "Error",
    "0x",
    "position",
    "decode",
    "byte ",
    "magic",
    "Exception",
    "line contains",
    "pickle",
)
PLAIN = "order,name,sku\n1,Ann,TEA-001\n2,Bob,TEA-001\n"


def workbook() -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        book.add_worksheet().write_row(0, 0, ["order", "sku"])
    return written.getvalue()


def zipped(name: str, body: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, body)
    return written.getvalue()


def tarred() -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as packed:
        found = tarfile.TarInfo("a.csv")
        found.size = len(PLAIN)
        packed.addfile(found, io.BytesIO(PLAIN.encode()))
    return written.getvalue()


def damaged(body: bytes, at: int) -> bytes:
    return body[:at] + bytes(255 - x for x in body[at : at + 40]) + body[at + 40 :]


BROKEN = {
    "NUL in a cell": ("a.csv", PLAIN.replace("Bob", "B\x00b").encode(), 3),
    "NUL far down": ("a.csv", (PLAIN + PLAIN * 2000 + "3,\x00,X\n").encode(), 6004),
    "NUL alone": ("a.csv", b"\x00" * 5000, None),
    "half a UTF-16": ("a.csv", b"\xff\xfe" + PLAIN.encode("utf-16-le")[:-1], None),
    "two encodings": ("a.csv", b"\xff\xfe" + "a,b\n".encode("utf-16-le") + b"\x00\xd8\x00\xd8,", None),
    "a quote that never ends": ("a.csv", (PLAIN + '3,"' + "x" * 200_000).encode(), 4),
    "no workbook": ("a.xlsx", b"PK no workbook", None),
    "a page": ("a.xlsx", b"<html><table><tr><td>1", None),
    "a workbook cut short": ("a.xlsx", workbook()[:-900], None),
    "a workbook of nothing": ("a.xlsx", zipped("a.txt", b"x"), None),
    "no archive": ("a.zip", b"PK\x03\x04 no archive", None),
    "a damaged archive": ("a.zip", damaged(zipped("a.csv", PLAIN.encode() * 99), 40), None),
    "no tar": ("a.tar.gz", b"\x1f\x8b no tar", None),
    "a damaged tar": ("a.tar.gz", damaged(tarred(), 30), None),
    "a tar cut short": ("a.tar.gz", tarred()[:-30], None),
    "no zstd": ("a.tar.zst", b"no zstd", None),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_said_in_its_senders_words(tmp_path, case):
    name, body, row = BROKEN[case]
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(Unreadable) as refused:
        list(read_rows(path))
    said = str(refused.value)
    assert said.startswith(name)
    assert not any(word in said for word in RAW), said
    assert row is None or f"row {row}" in said, said


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["csv", "xlsx", "zip", "tar.gz"]), st.integers(0, 3000), st.binary(max_size=60)
)
def test_no_damage_shows_a_librarys_words(tmp_path_factory, suffix, at, junk):
    body = {
        "csv": PLAIN.encode(),
        "xlsx": workbook(),
        "zip": zipped("a.csv", PLAIN.encode()),
        "tar.gz": tarred(),
    }[suffix]
    path = tmp_path_factory.mktemp("f") / f"a.{suffix}"
    path.write_bytes(body[: at % len(body)] + junk + body[at % len(body) + len(junk) :])
    said = ""
    try:
        list(read_rows(path))
    except Unreadable as refused:
        said = str(refused)
    assert not any(word in said for word in RAW)


def tar_of(names: list[bytes]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.GNU_FORMAT) as packed:
        for name in names:
            found = tarfile.TarInfo(name.decode("utf-8", "surrogateescape"))
            found.size = len(PLAIN)
            packed.addfile(found, io.BytesIO(PLAIN.encode()))
    return written.getvalue()


def zip_of(name: bytes, flag: int) -> bytes:
    """An archive of one member whose name is these bytes, said to be UTF-8 or not."""
    stands_for = b"x" * (len(name) - 4) + b".csv"
    body = bytearray(zipped(stands_for.decode(), PLAIN.encode()).replace(stands_for, name))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = body.index(mark) + at
        body[place : place + 2] = flag.to_bytes(2, "little")
    return bytes(body)


@pytest.mark.parametrize("suffix", ["tar", "zip"])
def test_members_are_called_what_their_sender_called_them(tmp_path, suffix):
    name = "订单/十月订单明细.csv"
    path = tmp_path / f"a.{suffix}"
    for raw in (name.encode("gbk"), name.encode()):
        path.write_bytes(tar_of([raw]) if suffix == "tar" else zip_of(raw, 0))
        found = list(read_rows(path))
        assert [row.file for row in found] == ["十月订单明细.csv"] * 3


def test_a_name_that_is_said_to_be_utf_8_and_is_not_is_told_as_damage(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of("订单.csv".encode("gbk"), 0x800))
    with pytest.raises(Unreadable, match=r"^a\.zip is damaged"):
        list(read_rows(path))


def test_a_file_on_a_disk_is_called_what_its_bytes_look_like(tmp_path):
    (tmp_path / os.fsdecode("订单.csv".encode("gbk"))).write_text(PLAIN)
    assert [row.file for row in read_rows(tmp_path)] == ["订单.csv"] * 3


# Words of a language, and the encodings that its files come in beside UTF-8.
WORDS = {
    (
        "cp932",
        "shift_jis",
        "euc_jp",
    ): "山田太郎 佐藤花子 鈴木一郎 高橋 田中 東京都 大阪府 札幌市 マンション さくら 渡辺 横浜市西区 株式会社",
    (
        "gb18030",
        "gb2312",
    ): "王小明 李娜 张伟 上海市 浙江省 杭州市余杭区 南京西路 刘洋 陈静 深圳市 有限公司 欧阳",
    ("big5", "cp950"): "王小明 林志玲 陳怡君 臺北市大安區 忠孝東路 高雄市 新北市板橋區 黃俊傑",
    ("cp949", "euc_kr"): "김민수 이영희 서울특별시 강남구 테헤란로 박지성 부산광역시 주식회사",
    ("cp1250", "iso8859_2"): "Jiří Dvořák Plzeň Łódź Wałęsa Kraków Győr Škoda Čapek Żółw Őrség",
    ("cp1251", "koi8_r", "cp866"): "Иван Пример Москва Ольга Ленина Щука Петербург",
    ("cp1252", "cp850", "mac_roman"): "Jürgen Müller José Peña François Köln Málaga Noël Straße",
    ("cp1253", "iso8859_7"): "Γιώργος Παπαδόπουλος Αθήνα Μαρία Θεσσαλονίκη",
    ("cp1254", "iso8859_9"): "Ayşe Yılmaz Beşiktaş İstanbul Gökçe Şahin",
    ("cp1255",): "דוד כהן תל-אביב ירושלים משה",
    ("cp1256",): "محمد أحمد القاهرة شارع الرياض",
    ("cp1257", "iso8859_13"): "Jānis Bērziņš Rīga Šiauliai Vilnius Žemaitė Tõnu",
    ("cp874",): "สมชาย กรุงเทพ เชียงใหม่",
}


@pytest.mark.parametrize(("encodings", "words"), WORDS.items(), ids=lambda x: x[0])
def test_a_wrong_guess_is_never_sure(encodings, words):
    dice = random.Random(7)
    for encoding in encodings:
        for size in (1, 1, 1, 2, 2, 3, 5, 8) * 12:
            rows = [
                f"A-{n},{dice.choice(words.split())},{dice.choice(words.split())},2"
                for n in range(size)
            ]
            text = "order,name,city,quantity\n" + "\n".join(rows)
            data = text.encode(encoding, "ignore")
            text = data.decode(encoding)
            found = guess(data)
            assert not found.is_sure or data.decode(found.encoding) == text, (encoding, found, text)


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "cp932", "cp1251", "cp1252"])
def test_a_file_of_many_words_asks_nobody(encoding):
    (words,) = [w for names, w in WORDS.items() if encoding in names]
    dice = random.Random(7)
    text = "\n".join(f"A-{n},{dice.choice(words.split())},2" for n in range(200))
    assert guess(text.encode(encoding)) == (encoding, True)
