"""Reads numbers that letters write in several words: one hundred and twenty-five, einundzwanzig, vinte e duas."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import pairwise

# The words of each number by language: from 1 to 19, the tens from 20 on, the hundreds from 100 on.
_EN = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_DE = (
    "ein|eins|eine|einen zwei|zwo drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn "
    "vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"
)
_FR = (
    "un|une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "dix-sept dix-huit dix-neuf"
)
_ES = (
    "uno|un|una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis|dieciseis diecisiete dieciocho diecinueve"
)
_PT = (
    "um|uma dois|duas três|tres quatro cinco seis sete oito nove dez onze doze treze "
    "quatorze|catorze quinze dezesseis|dezasseis dezessete|dezassete dezoito dezenove|dezanove"
)
_TENS = {
    "en": "twenty thirty forty|fourty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig|dreissig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante septante huitante|octante nonante",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
}
_HUNDREDS = {
    "es": "cien|ciento doscientos|doscientas trescientos|trescientas cuatrocientos|cuatrocientas quinientos|quinientas"
    " seiscientos|seiscientas setecientos|setecientas ochocientos|ochocientas novecientos|novecientas",
    "pt": "cem|cento duzentos|duzentas trezentos|trezentas quatrocentos|quatrocentas quinhentos|quinhentas"
    " seiscentos|seiscentas setecentos|setecentas oitocentos|oitocentas novecentos|novecentas",
}


def _numbered(words: str, step: int = 1) -> dict[str, int]:
    """Words by their numbers: the first is `step`, the second twice as much."""
    return {word: n * step for n, of in enumerate(words.split(), start=1) for word in of.split("|")}


def _tens(language: str) -> dict[str, int]:
    return {word: n + 10 for word, n in _numbered(_TENS[language], 10).items()}


def _after_ten(known: Mapping[str, int]) -> dict[str, int]:
    return {word: n for word, n in known.items() if n < 10}


# Words that come one after the other, by language; what joins them; hundreds and thousands that multiply.
_SPOKEN: Mapping[str, tuple[Mapping[str, int], str, Mapping[str, int]]] = {
    "en": (_numbered(_EN) | _tens("en"), "and", {"hundred": 100, "thousand": 1000}),
    "fr": (
        {word: n for word, n in _numbered(_FR).items() if "-" not in word}
        | _tens("fr")
        | {"vingts": 20},
        "et",
        {"cent": 100, "cents": 100, "mille": 1000},
    ),
    "es": (
        _numbered(_ES)
        | _tens("es")
        | _numbered(_HUNDREDS["es"], 100)
        | {f"veinti{word}": 20 + n for word, n in _after_ten(_numbered(_ES)).items()}
        | {"veintiún": 21, "veintidós": 22, "veintitrés": 23, "veintiséis": 26},
        "y",
        {"mil": 1000},
    ),
    "pt": (_numbered(_PT) | _tens("pt") | _numbered(_HUNDREDS["pt"], 100), "e", {"mil": 1000}),
}


def _german() -> Iterator[tuple[str, int]]:
    """German numbers from 13 to 999, each one word."""
    ones, tens = _numbered(_DE), _tens("de")
    below = {word: n for word, n in ones.items() if n > 1} | tens
    short = {
        word: n for word, n in ones.items() if n < 10 and word not in {"eins", "eine", "einen"}
    }
    below |= {f"{one}und{ten}": n + m for one, n in short.items() for ten, m in tens.items()}
    yield from ((word, n) for word, n in below.items() if n > 12)
    for word, n in {"": 1, **short}.items():
        yield f"{word}hundert", n * 100
        yield f"{word}tausend", n * 1000
        for rest, m in {**below, "eins": 1}.items():
            yield f"{word}hundert{rest}", n * 100 + m
            yield f"{word}hundertund{rest}", n * 100 + m


GERMAN: Mapping[str, int] = {
    spelt: n
    for word, n in _german()
    for spelt in (word, word.replace("ü", "ue").replace("ö", "oe").replace("ß", "ss"))
}
_LONG = re.compile(r"(?<![\w-])[^\W\d_]{7,}(?![\w-])")


def _run(language: str) -> re.Pattern[str]:
    words, joint, powers = _SPOKEN[language]
    each = rf"(?:{'|'.join(sorted({*words, *powers}, key=len, reverse=True))})"
    first = rf"(?:an?\s+(?=hundred|thousand))?{each}" if language == "en" else each
    return re.compile(
        rf"(?<![\w-]){first}(?:(?:\s+{joint}\s+|\s*-\s*{joint}\s*-\s*|[ \t]*-[ \t]*|[ \t]+){each})+(?![\w-])",
        re.I,
    )


_RUNS = {language: _run(language) for language in _SPOKEN}
# About twenty of them: no number to rely on.
ABOUT: Mapping[str, int] = {
    "dizaine": 10, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40,
    "cinquantaine": 50, "centaine": 100,
    "decena": 10, "veintena": 20, "treintena": 30, "centena": 100, "centenar": 100, "dezena": 10, "vintena": 20,
}  # fmt: skip
_ABOUT = re.compile(
    rf"(?<![\w-])(?:une|un|una|uma|um)\s+({'|'.join(ABOUT)})\s+(?:de\s+|d['’])?(?=\S)", re.I
)


def in_figures(text: str) -> str:
    """A text whose numbers of several words are written in digits, and about twenty as such."""
    text = _ABOUT.sub(lambda found: f"environ {ABOUT[found[1].casefold()]} ", text)
    text = _LONG.sub(lambda found: str(GERMAN.get(found[0].casefold(), found[0])), text)
    for language, run in _RUNS.items():
        text = run.sub(partial(_in_digits, language), text)
    return text


def _in_digits(language: str, found: re.Match[str]) -> str:
    return _digits(found[0], language)


def _digits(text: str, language: str) -> str:
    """A run of number words in digits; as it is where it is not one number: five six."""
    words, joint, powers = _SPOKEN[language]
    said = [w for w in re.split(r"[\s-]+", text.casefold()) if w not in {joint, "a", "an"}]
    total = hundreds = 0
    parts: list[int] = []
    for word in said:
        if (power := powers.get(word, 0)) == 1000:
            total += (hundreds + _sum(parts, language) or 1) * 1000
            hundreds, parts = 0, []
        elif power:
            hundreds, parts = (_sum(parts, language) or 1) * 100, []
        else:
            parts.append(words[word])
        if parts and _sum(parts, language) < 0:
            return text
    return str(total + hundreds + _sum(parts, language))


def _sum(parts: list[int], language: str) -> int:
    """What number words add up to; below zero where they are several numbers."""
    if language == "fr" and parts[:2] == [4, 20]:
        parts = [80, *parts[2:]]
    for high, low in pairwise(parts):
        is_teen = language == "fr" and high in {60, 80} and low < 20
        if (
            not is_teen
            and (high < 20 or low >= (100 if high >= 100 else 10))
            and not (language == "fr" and high == 10 and low in {7, 8, 9})
        ):
            return -1
    return sum(parts)
