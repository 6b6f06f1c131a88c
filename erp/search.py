"""Builds search words: Chinese characters and pairs, whole words of everything else.

PostgreSQL has no word splitting for Chinese, and trigrams cannot find one or two characters;
single characters and bigrams can, in a plain tsvector with a GIN index.
"""

import re
import unicodedata

LONGEST = 100  # characters of a word that are kept and looked for; PostgreSQL refuses 2,047
MOST_WORDS = 12  # of a query
_RUNS = re.compile(r"[㐀-䶿一-鿿豈-﫿぀-ヿ가-힯]+|[^\W_㐀-䶿一-鿿豈-﫿぀-ヿ가-힯]+")


def words(*texts: str) -> list[str]:
    """Return the search words of `texts`: every word, each text whole, characters and pairs."""
    found: dict[str, None] = {}
    for text in texts:
        plain = normal(text)
        if not plain:
            continue
        if " " not in plain:
            found[plain[:LONGEST]] = None
        for run in _RUNS.findall(plain):
            if _is_wide(run):
                found |= dict.fromkeys(run)
                found |= dict.fromkeys(run[n : n + 2] for n in range(len(run) - 1))
            else:
                found[run[:LONGEST]] = None
    return list(found)


def phone_words(phone: str) -> list[str]:
    """A phone number backwards, so that its last digits are the beginning of a word."""
    digits = "".join(c for c in phone if c.isascii() and c.isdigit())
    return [f"~{digits[::-1]}"] if len(digits) >= 4 else []


def query(text: str) -> str:
    """Build a tsquery of what somebody typed: all its words, the last as a prefix.

    "" when there is nothing to search for. Four digits and more may end a phone number;
    a text without spaces may be one identifier.
    """
    plain = normal(text)
    runs = [run[:LONGEST] for run in _RUNS.findall(plain)[:MOST_WORDS]]
    if not runs:
        return ""
    parts: list[str] = []
    for index, run in enumerate(runs):
        if _is_wide(run):
            parts += [run] if len(run) == 1 else [run[n : n + 2] for n in range(len(run) - 1)]
        else:
            parts.append(run + ("*" if index == len(runs) - 1 and len(run) >= 2 else ""))
    asked = " & ".join(_quoted(part) for part in dict.fromkeys(parts))
    alternatives = [asked]
    if " " not in plain and len(runs) > 1:
        alternatives.append(_quoted(plain[:LONGEST]))
    digits = re.sub(r"[\s+()-]", "", plain)
    if digits.isascii() and digits.isdigit() and 4 <= len(digits) <= LONGEST:
        alternatives.append(_quoted(f"~{digits[::-1]}*"))
    return " | ".join(f"({one})" for one in alternatives)


def exactly(text: str) -> str:
    """Build a tsquery for one whole identifier: a SKU, an order number."""
    return _quoted(normal(text)[:LONGEST].rstrip("*"))


def normal(text: str) -> str:
    """Normalise text for comparison: compatibility forms folded, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _is_wide(run: str) -> bool:
    return run[0] >= "぀"


def _quoted(word: str) -> str:
    prefix = ":*" if word.endswith("*") else ""
    body = word.removesuffix("*").replace("\\", "\\\\").replace("'", "''")
    return f"'{body}'{prefix}"
