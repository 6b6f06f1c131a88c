"""Parses pasted Chinese addresses: name, phone, province, city, district, street."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from orders.customers.chinese_places import (
    CITY_TAILS,
    PROVINCE_TAILS,
    ROAD,
    Place,
    divisions,
    find_place,
    has_districts,
    names_another,
    place_names,
    spellings,
)
from orders.customers.countries import country_code

# 138 1234 5678, +86 …, 0571-8888 8888; a marketplace's private number has an extension behind it.
PHONE = re.compile(
    r"(?<!\d)(?:\+?86[\s-]?)?(1[3-9]\d(?:[\s-]?\d{4}){2})(?:\s?(?:-|转|#|,)\s?(\d{2,6}))?(?!\d)"
    r"|(?<!\d)(?:\+?86[\s-]?)?(0\d{2,3}[\s-]?\d{4}[\s-]?\d{3,4})(?:\s?(?:-|转|#)\s?(\d{1,6}))?(?!\d)"
)


MASKED = re.compile(r"(?<!\d)1[3-9]\d\*{4,}\d{0,4}(?!\d)")


POSTAL_CODE = re.compile(r"(?<![\d-])[0-8]\d{5}(?![\d-])")


LABEL = re.compile(
    r"(?:收件人|收货人|联系人|姓名|名字|客户|联系电话|手机号码|手机号|电话号码|电话|手机|所在地区|收货地址|收件地址|"
    r"详细地址|地址|地区|邮政编码|邮编|区域|街道地址)\s*[:：]?\s*"
)


BREAK = re.compile(r"[\s,，;；、|/]+")


TITLES = ("先生", "女士", "小姐", "老师", "同学", "收")


# 王小二, 阿布都拉·买买提, 何**, John Smith
NAME = re.compile(
    r"[\u4e00-\u9fff]{2,6}|[\u4e00-\u9fff]{1,12}(?:[·•‧∙.][\u4e00-\u9fff]{1,12}){1,4}"
    r"|[\u4e00-\u9fff]\*{1,3}|[A-Za-z][A-Za-z .'-]{1,39}"
)
LONG_NAME = re.compile(r"[\u4e00-\u9fff]{7,14}")  # of a name in one piece: only beside the phone


SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
    "陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔葛温欧古阿买努"
)


PHONE_WAS = "\x1f"  # what stands where the phone was


@dataclass(frozen=True)
class PastedAddress:
    """What a pasted text says. `missing` names what it does not; `confidence` is from 0 to 1."""

    name: str = ""
    phone: str = ""
    region: str = ""  # province
    city: str = ""
    district: str = ""
    street: str = ""
    postal_code: str = ""
    confidence: float = 0.0
    missing: tuple[str, ...] = ()


def read_address(text: str) -> PastedAddress:
    """Parse a pasted text. Parts not found stay empty and are named in `missing`."""
    plain = unicodedata.normalize("NFKC", text.replace("\x00", ""))[:1000]
    plain = LABEL.sub(" ", plain.replace(PHONE_WAS, " "))
    phone, plain = _take_phone(plain)
    plain = _country().sub(r"\1 ", plain)
    plain = (
        re.sub(r"[【】\[\]()<>《》\"“”'‘’:：]+", " ", plain) if not ROAD.search(plain) else plain
    )
    place = find_place(plain)
    postal_code, plain = _take_postal_code(plain, place)
    place = find_place(plain)
    name, street, is_whole = _around(plain, place)
    found = {
        "name": name,
        "phone": phone,
        "region": place.region if place else "",
        "city": place.city if place else "",
        "district": place.district if place else "",
        "street": street,
    }
    optional = {"district"} if place and not has_districts(place) else set()
    missing = tuple(key for key, value in found.items() if not value and key not in optional)
    return PastedAddress(
        **found,
        postal_code=postal_code,
        missing=missing,
        confidence=_confidence(
            found, place, missing, is_sure=is_whole and not names_another(plain, place)
        ),
    )


@lru_cache(maxsize=1)
def _country() -> re.Pattern[str]:
    """The country, where it stands by itself or in front of a province: it is no part of an address within."""
    provinces = {spelling for name in divisions() for spelling in spellings(name, PROVINCE_TAILS)}
    return re.compile(
        r"(^|[\s,，;；、|/\x1f])(?:中华人民共和国|中国大陆|中国|P\.?\s?R\.?\s?China|China|CHN|CN)"
        rf"(?=$|[\s,，;；、|/\x1f]|{'|'.join(provinces)})",
        re.I,
    )


def _confidence(
    found: dict[str, str], place: Place | None, missing: Sequence[str], *, is_sure: bool
) -> float:
    """Each part that is there counts; a place whose names were shortened or guessed counts less.

    is_sure   nothing of the text is left over, and it names one place only
    """
    score = (1.0 if is_sure else 0.7) - 0.17 * len(missing)
    if place is not None:
        score -= 0.03 * (place.said - place.whole) + 0.05 * (3 - min(3, place.said))
    if found["street"] and not re.search(r"\d|[一二三四五六七八九十]", found["street"]):
        score -= 0.1
    return round(max(0.0, min(1.0, score)), 2)


def _take_phone(text: str) -> tuple[str, str]:
    if match := MASKED.search(text):
        return match[0], f"{text[: match.start()]} {PHONE_WAS} {text[match.end() :]}"
    match = PHONE.search(text)
    if match is None:
        return "", text
    number = re.sub(r"\D", "", match[1] or match[3])
    extension = match[2] or match[4]
    shown = f"{number}-{extension}" if extension else number
    return shown, f"{text[: match.start()]} {PHONE_WAS} {text[match.end() :]}"


def _take_postal_code(text: str, place: Place | None) -> tuple[str, str]:
    for match in POSTAL_CODE.finditer(text):
        after = text[match.end() : match.end() + 1]
        if after in {"号", "弄", "室", "栋", "幢", "楼", "单"}:
            continue
        return match[0], f"{text[: match.start()]} {text[match.end() :]}"
    return "", text


@dataclass(frozen=True)
class _Piece:
    """A word of a text. `glued`: it stands right behind the place, so that it is the street's first."""

    text: str
    before: bool
    glued: bool = False
    by_phone: bool = False


def _pieces(text: str, place: Place | None) -> list[_Piece]:
    """The words around a place, without its own names said again."""
    if place is None:
        return _marked(text, before=True)
    again = {*spellings(place.region, PROVINCE_TAILS), *spellings(place.city, CITY_TAILS)}
    before = [x for x in _marked(text[: place.start], before=True) if x.text not in again]
    behind = _marked(text[place.end :], before=False)
    if behind and text[place.end : place.end + 1].strip(" \n\t,，;；、|/\x1f"):
        behind[0] = replace(behind[0], glued=True)
    return before + behind


def _marked(text: str, *, before: bool) -> list[_Piece]:
    found: list[_Piece] = []
    beside = False
    for piece in BREAK.split(text.replace(PHONE_WAS, f" {PHONE_WAS} ")):
        if piece == PHONE_WAS:
            beside = True
            if found:
                found[-1] = replace(found[-1], by_phone=True)
        elif piece:
            found.append(_Piece(piece, before, by_phone=beside))
            beside = False
    return found


def _around(text: str, place: Place | None) -> tuple[str, str, bool]:
    """The name and the street before and behind the place, and whether nothing is left over."""
    pieces = _pieces(text, place)
    first, last = _pick(pieces)
    name = " ".join(piece.text for piece in pieces[first:last])
    rest = pieces[:first] + pieces[last:]
    behind = [x.text for x in rest if not x.before]
    ahead = [x for x in rest if x.before]
    used = [x.text for x in ahead if place is None or ROAD.search(x.text)]
    street = " ".join([*behind, *used]).strip(" -")
    return _without_title(name), street, len(used) == len(ahead)


def _pick(pieces: Sequence[_Piece]) -> tuple[int, int]:
    """Which words are the person's name: (first, behind the last); (0, 0) where none is.

    The likeliest counts: beside the phone, with a surname in front, not called as streets and places are.
    """
    best, chosen = 0.0, (0, 0)
    for index in range(len(pieces) - 1, -1, -1):
        likely = _likeness(pieces[index])
        if likely <= 0:
            continue
        likely += 0.2 if pieces[index].before else 0.1 * (index == len(pieces) - 1)
        if likely > best:
            first = index
            while (  # John Smith: two words
                pieces[index].text.isascii()
                and first > 0
                and pieces[first - 1].text.isascii()
                and _likeness(pieces[first - 1]) > 0
            ):
                first -= 1
            best, chosen = likely, (first, index + 1)
    return chosen


def _likeness(piece: _Piece) -> float:
    """How likely a word is somebody's name; not above 0 where it is none."""
    text = piece.text
    is_long = piece.by_phone and LONG_NAME.fullmatch(text)
    if piece.glued or not (NAME.fullmatch(text) or is_long):
        return 0.0
    if text in place_names() or (country_code(text) and (len(text) > 2 or not text.isascii())):
        return 0.0
    likely = 1.0 + 2.0 * piece.by_phone + (text[0] in SURNAMES)
    return likely - 2.5 * bool(ROAD.search(text[1:]))


def _without_title(name: str) -> str:
    for title in TITLES:
        if name.endswith(title) and len(name) > len(title) + 1:
            return name.removesuffix(title)
    return name
