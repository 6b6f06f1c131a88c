"""Knows the fonts that papers are set in, script by script, and which letters none of them has."""

import importlib.util
import unicodedata
from functools import lru_cache
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

# The first that has a letter sets it: Latin ones, so that no name is of two fonts, then Chinese.
LATIN = {"name": "Noto Sans", "covers": "latin-in-cjk"}  # but for marks that Chinese text has too
FAMILIES = (
    "Noto Sans SC",
    "Noto Sans",
    "Noto Sans KR",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Thai",
    "Noto Sans Lao",
    "Noto Sans Khmer",
    "Noto Sans Myanmar",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Tamil",
    "Noto Sans Telugu",
    "Noto Sans Ethiopic",
    "Noto Sans Symbols 2",
)
PACKAGES = (
    "pylopdf_fonts_zh_cn",
    "pylopdf_fonts_ko",
    "justmytype_western_core",
    "justmytype_intl_rtl",
    "justmytype_intl_sea",
    "justmytype_intl_south_asia",
    "justmytype_intl_africa",
)
MISSING = "□"  # stands for a letter that no font has: it does not vanish
COMMON = (("\u0020", "\u007e"), ("\u00a1", "\u017f"), ("\u4e00", "\u9fa5"))  # had by the first two


def unprintable(text: str) -> list[str]:
    """The letters of a text that no font of ours has, each once, in their order."""
    rare = [c for c in dict.fromkeys(text) if not any(a <= c <= z for a, z in COMMON)]
    # Marks for direction and joining, blanks and line ends have no shape of their own.
    seen = [c for c in rare if unicodedata.category(c) not in {"Cc", "Cf", "Zs", "Zl", "Zp"}]
    seen = [c for c in seen if not "\ufe00" <= c <= "\ufe0f"]
    return [c for c in seen if ord(c) not in _letters()] if seen else []


def printable(text: str) -> str:
    """A text with a box in the place of each letter that no font has."""
    lacking = unprintable(text)
    return text.translate({ord(c): MISSING for c in lacking}) if lacking else text


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """The fonts as typst searches them, read once a process."""
    folders = [str(folder) for folder in _folders()]
    return typst.Fonts(font_paths=folders, include_system_fonts=False)


@lru_cache(maxsize=1)
def _letters() -> frozenset[int]:
    """The code points that some font of ours sets."""
    found: set[int] = set()
    for folder in _folders():
        for path in sorted((*folder.rglob("*.ttf"), *folder.rglob("*.otf"))):
            with TTFont(path, lazy=True) as font:
                if font["name"].getBestFamilyName() in FAMILIES:
                    found.update(font.getBestCmap())
    return frozenset(found)


def _folders() -> list[Path]:
    """Where the packages of fonts lie; a package that is not installed is a script that is told of."""
    found = (importlib.util.find_spec(name) for name in PACKAGES)
    return [Path(spec.origin).parent for spec in found if spec and spec.origin]
