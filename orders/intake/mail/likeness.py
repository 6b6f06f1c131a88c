"""Tells how much of a name of goods a line says, whatever its typing errors."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache


def plain_words(text: str) -> list[str]:
    """A text's words: without case and accents, numbers apart; each Chinese run as one."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    folded = folded.replace("ß", "ss").replace("æ", "ae").replace("ø", "o")
    return re.findall(r"[a-z]+|\d+|[\u3400-\u9fff]+", folded)


def share_of(words: Sequence[str], said: Sequence[str]) -> float:
    """How much of a name is said. A number that is not said means another thing of the same name."""
    left = list(said)
    hits = 0.0
    for word in words:
        if word in left:
            left.remove(word)
            hits += 1
        elif word.isdecimal():
            return 0.0
        elif len(word) > 4 and any(_near(word, other) for other in left if len(other) > 4):
            hits += 0.85
    return hits / len(words)


@lru_cache(maxsize=65536)
def _near(one: str, other: str) -> bool:
    """Whether two words differ by one letter: changed, left out or added."""
    if abs(len(one) - len(other)) > 1 or one[0] != other[0]:
        return False
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def without_name(line: str, words: Sequence[str]) -> str:
    """The line without the words of a name, each taken out once."""
    left = list(words)

    def drop(match: re.Match[str]) -> str:
        for word in plain_words(match[0]):
            if word in left:
                left.remove(word)
                return " "
            for named in left:
                if len(named) > 4 and not named.isdecimal() and _near(named, word):
                    left.remove(named)
                    return " "
        return match[0]

    return re.sub(r"[^\W\d_]+|\d+", drop, line)
