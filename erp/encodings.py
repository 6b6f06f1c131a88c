"""Guesses how bytes are encoded that are no UTF-8, and says whether nothing else could be meant.

Each encoding is judged by how its reading looks: common characters of its language, words of one alphabet, letters
in the case that people write. What reads as words in two of them is no certainty, however well one reads: kanji
alone of EUC-JP are Chinese characters of GBK, and a file in a code page that is not ours reads as something.
"""

import codecs
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

SAMPLE = 1 << 20
MOST_JUDGED = 100_000  # bytes of the lines that hold more than ASCII
SURE, AHEAD, LIKELY = 0.85, 0.12, 0.8
OF_TWO_BYTES = frozenset({"gb18030", "big5", "cp932", "euc_jp", "cp949"})
ENOUGH = 16  # characters of them: fewer may lie among the common ones by chance
UTF_16 = 8  # so many times as often NUL is one half of each character as the other
ENOUGH_HANGUL = (
    8  # syllables: so many Chinese characters do not all lie in the Korean ones' place by chance
)

# The longer one first: the mark of UTF-16 begins one of UTF-32.
UNICODE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


OWN = re.compile("[\ue000-\uf8ff\ufffd]")  # of nobody's alphabet: what a wrong reading is full of
MIXED = re.compile("[A-Za-z][\u1100-\ud7ff]|[\u1100-\ud7ff][a-z]")  # J걊gen: no word is written so
WORD = re.compile(r"[A-Za-z\u0080-\uffff]+")
MARKS = "–—‘’‚“”„«»‹›•…€£¥©®°§№·\xa0\xad´`"
# ü as Ã¼, what was lost, and what switches to another alphabet in seven bits and was not followed: ESC $ B, ~{.
_SWITCHES = re.compile(r"\x1b(?:\$[@AB]|\$[()][A-Z]|\([BIJ])|~\{(?:[!-w][!-~])+~\}")
GARBLED = re.compile(rf"[ÃÂ][\u0080-\u00bf]|Ð[\u0080-\u00bf]|\ufffd|ï»¿|{_SWITCHES.pattern}")
# Words of nothing but question marks: each stands for a letter that a code page lacked.
_UNKNOWN_LETTERS = re.compile(r"(?<![^\s,;:()/])\?{2,}(?![^\s,;:()/])")

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
BALTIC = ("āčēģīķļņšūž", "ąčęėįšųūž", "äõöüšž")
# A letter, with at most a vowel and a tone above or below it.
THAI = re.compile(
    "(?:[\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46][\u0e31\u0e34-\u0e3a]?[\u0e47-\u0e4e]?)+"
)
TONES = "άέήίόύώΆΈΉΊΌΎΏϊϋΐΰ"


class Guess(NamedTuple):
    """An encoding, and whether nothing but it could be meant."""

    encoding: str
    is_sure: bool


def guess(data: bytes) -> Guess:
    """How bytes are encoded that are not UTF-8: sure where no other encoding makes likely words of them."""
    if (wide := utf_16(data)) is not None:
        return Guess(wide, True)
    sample = _judged(data[:SAMPLE])
    read = [
        (_score_of(text, name), name, text)
        for name in SCORES
        if (text := decoded(sample, name)) is not None
    ]
    if not read:
        return Guess("latin-1", False)
    best, name, text = max(read, key=lambda x: x[0])
    rival = max((score for score, _name, other in read if other != text), default=0.0)
    is_ahead = best >= SURE and best - rival >= AHEAD and rival < LIKELY
    return Guess(name, is_ahead and (name not in OF_TWO_BYTES or len(set(_wide(text))) >= ENOUGH))


def name_of(raw: bytes) -> str:
    """A file's name whose encoding nobody stated: UTF-8, or what its bytes look like; what is lost is marked."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(guess(raw).encoding, "replace")


def marked(data: bytes) -> str | None:
    """The encoding of Unicode that bytes begin with the mark of; None where they have none."""
    return next((name for mark, name in UNICODE_MARKS if data.startswith(mark)), None)


def utf_16(data: bytes) -> str | None:
    """Which UTF-16 bytes without its mark are: half of each plain character is NUL.

    None: another encoding, or damaged.
    """
    sample = data[:4096]
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    if (
        not odd + even
        or max(odd, even) < UTF_16 * min(odd, even)
        or 16 * (odd + even) < len(sample)
    ):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _judged(sample: bytes) -> bytes:
    """The lines that hold more than ASCII: all that tells one encoding from another."""
    kept = [line for line in sample.split(b"\n") if not line.isascii()]
    return b"\n".join(kept)[:MOST_JUDGED]


def _score_of(text: str, name: str) -> float:
    score = SCORES[name](text)
    return score / 2 if OWN.search(text) or MIXED.search(text) else score


def decoded(sample: bytes, name: str) -> str | None:
    """Bytes read in an encoding; None where they are not that. A character that the sample cuts is left out."""
    try:
        return codecs.getincrementaldecoder(name)().decode(sample, final=len(sample) < MOST_JUDGED)
    except UnicodeDecodeError:
        return None


def is_garbled(text: str) -> bool:
    """Whether a text shows that it was once read in a wrong encoding: Ã¼ for ü, or characters that were lost."""
    is_plain = text.isascii() and "\x1b" not in text and "~{" not in text
    return not is_plain and GARBLED.search(text) is not None


def has_lost_letters(text: str) -> bool:
    """Whether a name or an address holds question marks where a code page lacked its letters: ??? ????."""
    return "??" in text and _UNKNOWN_LETTERS.search(text) is not None


def seven_bit(sample: bytes) -> Guess | None:
    """Which encoding of seven bits bytes are that switch alphabets; None where they do not, or not as any does.

    What escapes is sure; ~{ and ~} of HZ are characters of ASCII that may be meant as such.
    """
    if b"\x1b$" not in sample and b"~{" not in sample:
        return None
    if not sample.isascii() or _SWITCHES.search(sample.decode("ascii")) is None:
        return None
    names = ("iso2022_kr", "iso2022_jp_2") if b"\x1b" in sample else ("hz",)
    for name in names:
        text = decoded(sample, name)
        if text is not None and not text.isascii() and "\x1b" not in text:
            return Guess(name, name != "hz")
    return None


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
    return _share(sum("\uac00" <= c <= "\ud7a3" and _is_common(c) for c in wide), len(wide))


@lru_cache(maxsize=16384)
def _is_common(syllable: str) -> bool:
    """Whether a syllable of Hangul is one of the 2,350 of KS X 1001: the others are seldom written."""
    try:
        return bool(syllable.encode("euc_kr"))
    except UnicodeEncodeError:
        return False


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


def _thai(text: str) -> float:
    words = _words(text)
    return _share(sum(THAI.fullmatch(word) is not None for word in words), len(words))


def _one_of(languages: tuple[str, ...]) -> Callable[[str], float]:
    """How well a text reads as one of some languages; a little less as a mixture of them."""
    scores = [_latin(frozenset(letters + letters.upper())) for letters in languages]
    mixed = "".join(languages)
    any_of = _latin(frozenset(mixed + mixed.upper()))
    return lambda text: max(0.9 * any_of(text), *(score(text) for score in scores))


# The likeliest of two that read alike stands first.
SCORES: dict[str, Callable[[str], float]] = {
    "gb18030": _simplified,
    "cp1252": _latin(WESTERN),
    "big5": lambda text: _leads(text, "big5", 0xA4, 0xC6),
    "cp932": lambda text: _japanese(text, "cp932", 0x88, 0x97, 0.9),
    "euc_jp": lambda text: _japanese(text, "euc_jp", 0xB0, 0xCF, 0.9),
    "cp949": _hangul,
    "cp1251": _alphabet("А", "я", "ЁёІіЇїЄєҐґЎў"),
    "koi8_r": _alphabet("А", "я", "Ёё"),
    "cp866": _alphabet("А", "я", "Ёё"),
    "cp1250": _one_of(CENTRAL),
    "cp1254": _one_of(TURKISH),
    "cp1253": _alphabet("Ά", "ώ", accents=TONES),
    "cp1256": _alphabet("\u0621", "\u0652"),
    "cp1255": _alphabet("\u05d0", "\u05ea"),
    "cp874": _thai,
    "cp1257": _one_of(BALTIC),
    "iso8859_2": _one_of(CENTRAL),
    "cp850": _latin(WESTERN),
    "mac_roman": _latin(WESTERN),
}

# What a person may declare a file to be in, as it is called in lists of them.
TITLES: Mapping[str, object] = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "gb18030": _("Chinese, simplified (GB18030, GBK)"),
    "big5": _("Chinese, traditional (Big5)"),
    "cp932": _("Japanese (Shift JIS)"),
    "euc_jp": _("Japanese (EUC-JP)"),
    "cp949": _("Korean (EUC-KR)"),
    "cp1252": _("Western European (Windows-1252)"),
    "cp850": _("Western European (DOS 850)"),
    "mac_roman": _("Western European (Mac)"),
    "cp1250": _("Central European (Windows-1250)"),
    "iso8859_2": _("Central European (ISO 8859-2)"),
    "cp1257": _("Baltic (Windows-1257)"),
    "cp1251": _("Cyrillic (Windows-1251)"),
    "koi8_r": _("Cyrillic (KOI8-R)"),
    "cp866": _("Cyrillic (DOS 866)"),
    "cp1253": _("Greek (Windows-1253)"),
    "cp1254": _("Turkish (Windows-1254)"),
    "cp1255": _("Hebrew (Windows-1255)"),
    "cp1256": _("Arabic (Windows-1256)"),
    "cp874": _("Thai (Windows-874)"),
}
