"""Guesses how bytes are encoded that are no UTF-8, and says whether nothing else could be meant.

Each encoding is judged by how its reading looks: common characters of its language, words of one alphabet, letters
in the case that people write. A small file may read well in two; then the guess is no certainty.
"""

import codecs
import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

SAMPLE = 1 << 20
SURE, AHEAD = 0.85, 0.12
ENOUGH_HANGUL = (
    8  # syllables: so many Chinese characters do not all lie in the Korean ones' place by chance
)

WORD = re.compile(r"[A-Za-z\u0080-\uffff]+")
MARKS = "–—‘’‚“”„«»‹›•…€£¥©®°§№·\xa0\xad´`"
GARBLED = re.compile("[ÃÂ][\u0080-\u00bf]|Ð[\u0080-\u00bf]|\ufffd|ï»¿")

WESTERN = frozenset("äöüßéèêëàâçîïôùûœæáíóúñãõåøìòÿº" + "ÄÖÜÉÈÊËÀÂÇÎÏÔÙÛŒÆÁÍÓÚÑÃÕÅØÌÒ")
# Polish, Czech, Slovak, Hungarian, Romanian, Croatian: a file is in one of them.
CENTRAL = (
    "ąćęłńóśźż",
    "áčďéěíňóřšťúůýž",
    "áäčďéíĺľňóôŕšťúýž",
    "áéíóöőúüű",
    "ăâîşţ",
    "čćđšž",
)
TURKISH = ("çğıöşüâîûİ",)
TONES = "άέήίόύώΆΈΉΊΌΎΏϊϋΐΰ"


class Guess(NamedTuple):
    """An encoding, and whether nothing but it could be meant."""

    encoding: str
    is_sure: bool


def guess(data: bytes) -> Guess:
    """How bytes are encoded that are not UTF-8."""
    sample = data[:SAMPLE]
    if b"\x00" in sample[:4096]:
        odd = sample[1:4096:2].count(0) > sample[0:4096:2].count(0)
        return Guess("utf-16-le" if odd else "utf-16-be", True)
    read = [
        (score(text), name, text)
        for name, score in SCORES.items()
        if (text := decoded(sample, name)) is not None
    ]
    if not read:
        return Guess("latin-1", False)
    best, name, text = max(read, key=lambda x: x[0])
    rivals = [score for score, _name, other in read if other != text]
    return Guess(name, best >= SURE and best - max(rivals, default=0.0) >= AHEAD)


def decoded(sample: bytes, name: str) -> str | None:
    """Bytes read in an encoding; None where they are not that. A character that the sample cuts is left out."""
    try:
        return codecs.getincrementaldecoder(name)().decode(sample, final=len(sample) < SAMPLE)
    except UnicodeDecodeError:
        return None


def is_garbled(text: str) -> bool:
    """Whether a text shows that it was once read in a wrong encoding: Ã¼ for ü, or characters that were lost."""
    return not text.isascii() and GARBLED.search(text) is not None


def _wide(text: str) -> list[str]:
    return [c for c in text if ord(c) > 127 and c.isalpha()]


def _share(found: int, of: int) -> float:
    return found / of if of else 0.0


def _leads(text: str, name: str, low: int, high: int) -> float:
    """The share of characters that stand among the common ones of a table, by their first byte."""
    wide = _wide(text)
    return _share(sum(low <= c.encode(name, "replace")[0] <= high for c in wide), len(wide))


def _hangul(text: str) -> float:
    wide = _wide(text)
    return _share(sum("\uac00" <= c <= "\ud7a3" for c in wide), len(wide))


def _simplified(text: str) -> float:
    score = _leads(text, "gb18030", 0xB0, 0xD7)
    again = decoded(text.encode("gb18030"), "cp949")
    if again is not None and len(_wide(again)) >= ENOUGH_HANGUL and _hangul(again) > 0.97:
        return score / 2
    return score


def _japanese(text: str, name: str, low: int, high: int, without_kana: float) -> float:
    wide = _wide(text)
    kana = sum("\u3041" <= c <= "\u30ff" for c in wide)
    common = sum(
        "\u3041" <= c <= "\u30ff"
        or (ord(c) >= 0x4E00 and ord(c) < 0xF900 and low <= c.encode(name, "replace")[0] <= high)
        for c in wide
    )
    return _share(common, len(wide)) * (1.0 if kana >= 0.1 * len(wide) else without_kana)


def _words(text: str) -> list[str]:
    """The words that hold more than ASCII, without marks at their ends."""
    found = (word.strip(MARKS) for word in set(WORD.findall(text)))
    return [word for word in found if word and not word.isascii()]


def _has_case(word: str) -> bool:
    """Whether letters are in a case that people write: small, with a capital in front, or all capitals."""
    if word[:2].isupper() and len(word) > 1:
        return not any(c.islower() for c in word)
    return not any(a.islower() and b.isupper() for a, b in pairwise(word))


def _alphabet(first: str, last: str, more: str = "", accents: str = "") -> Callable[[str], float]:
    """How well a text reads in an alphabet of its own: words of nothing else, longer ones with an accent."""

    def score(text: str) -> float:
        words = _words(text)
        good = sum(
            all(first <= c <= last or c in more for c in re.sub(rf"[{MARKS}]", "", word))
            and _has_case(word)
            and (not accents or len(word) < 4 or word.isupper() or any(c in accents for c in word))
            for word in words
        )
        return _share(good, len(words))

    return score


def _latin(letters: frozenset[str]) -> Callable[[str], float]:
    """How well a text reads as Latin: a few letters with accents among plain ones."""

    def score(text: str) -> float:
        words = _words(text)
        good = 0
        for word in words:
            high = [c for c in word if ord(c) > 127 and c not in MARKS]
            plain = sum(c.isascii() for c in word)
            good += (
                all(c in letters for c in high)
                and (plain >= 0.4 * len(word) or len(word) <= 2)
                and _has_case(word)
            )
        return _share(good, len(words))

    return score


def _one_of(languages: tuple[str, ...]) -> Callable[[str], float]:
    scores = [_latin(frozenset(letters + letters.upper())) for letters in languages]
    return lambda text: max(score(text) for score in scores)


# The likeliest of two that read alike stands first.
SCORES: dict[str, Callable[[str], float]] = {
    "gb18030": _simplified,
    "cp1252": _latin(WESTERN),
    "big5": lambda text: _leads(text, "big5", 0xA4, 0xC6),
    "cp932": lambda text: _japanese(text, "cp932", 0x88, 0x97, 0.9),
    "euc_jp": lambda text: _japanese(text, "euc_jp", 0xB0, 0xCF, 0.6),
    "cp949": _hangul,
    "cp1251": _alphabet("А", "я", "ЁёІіЇїЄєҐґЎў"),
    "koi8_r": _alphabet("А", "я", "Ёё"),
    "cp866": _alphabet("А", "я", "Ёё"),
    "cp1250": _one_of(CENTRAL),
    "cp1254": _one_of(TURKISH),
    "cp1253": _alphabet("Ά", "ώ", accents=TONES),
    "cp1256": _alphabet("\u0621", "\u0652"),
}
