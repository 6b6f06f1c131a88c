"""Knows the goods that letters may name, and finds in their words which of them are meant."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from erp.visible import seen
from orders.intake.mail.likeness import plain_words, share_of, without_name

CHINESE = re.compile(r"[\u3400-\u9fff]{2,}")


MOST_NAME = 40  # characters of a Chinese name that a line may end in
_WRAPPED = re.compile(r"(?<=[\u3400-\u9fff])[^\S\n]*\n[^\S\n]*(?=[\u3400-\u9fff])")
_WORD = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True)
class Good:
    """A SKU as the reader knows it."""

    code: str
    name: str
    also_called: tuple[str, ...] = ()  # in other languages
    barcode: str = ""
    available: int | None = None
    least: int = 1


class Catalogue:
    """The goods that letters may name, found by code, barcode or all words of a name."""

    def __init__(self, goods: Sequence[Good]) -> None:
        self.goods = {good.code: good for good in goods}
        self._codes = {tight(good.code): good.code for good in goods}
        self._codes |= {good.barcode: good.code for good in goods if good.barcode}
        self._runs: dict[str, list[tuple[str, str]]] = {}  # Chinese names, by how they begin
        self._names: list[tuple[tuple[str, ...], str]] = []
        self._by_word: dict[str, list[int]] = {}
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for good in goods:
            for name in (good.name, *good.also_called):
                words = tuple(plain_words(name))
                run = "".join(name.split())
                if CHINESE.fullmatch(run):
                    self._runs.setdefault(run[:2], []).append((run, good.code))
                if words:
                    for word in set(words):
                        self._by_word.setdefault(word, []).append(len(self._names))
                    self._names.append((words, good.code))
                    self._by_first.setdefault(words[0], []).append(words)

    def names_in(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the names of its goods stand in a text, word by word: from and to; the longest of those at a place."""
        said = [
            (word, m.start(), m.end()) for m in _WORD.finditer(text) for word in plain_words(m[0])
        ]
        plain = tuple(word for word, _start, _end in said)
        at = 0
        while at < len(said):
            names = self._by_first.get(plain[at], ())
            length = max((len(n) for n in names if n == plain[at : at + len(n)]), default=0)
            if length:
                yield said[at][1], said[at + length - 1][2]
            at += length or 1

    def _run_in(self, line: str) -> list[tuple[str, str]]:
        """The longest Chinese name that stands in a line, whatever runs into it: (name, code) of each of that name."""
        found = [
            (run, code)
            for at in range(len(line) - 1)
            for run, code in self._runs.get(line[at : at + 2], ())
            if line.startswith(run, at)
        ]
        longest = max((len(run) for run, _code in found), default=0)
        return [(run, code) for run, code in found if len(run) == longest]

    def joined(self, text: str) -> str:
        """A text whose Chinese names of goods are whole that lines were wrapped in the middle of."""
        return _WRAPPED.sub(self._unless_within, text)

    def _unless_within(self, found: re.Match[str]) -> str:
        """Nothing where a line ends within a name of goods, else the end of the line as it is."""
        above = found.string[max(0, found.start() - MOST_NAME) : found.start()].rpartition("\n")[2]
        below = found.string[found.end() :][:MOST_NAME].partition("\n")[0]
        known = (
            run
            for at in range(len(above))
            for run, _code in self._runs.get((above[at:] + below)[:2], ())
            if (above[at:] + below).startswith(run) and len(run) > len(above) - at
        )
        return "" if any(known) else found[0]

    def knows(self, word: str) -> bool:
        """Whether a word is a code or barcode of its goods."""
        return tight(word) in self._codes

    def find(self, line: str) -> list[tuple[str, float, str]]:
        """What a line may mean, best first: (code, confidence, the line without what names it)."""
        for match in words_of(line):
            code = self._codes.get(tight(match[0]))
            if code:
                return [(code, 1.0, line[: match.start()] + " " + line[match.end() :])]
        if runs := self._run_in(line):
            return [(code, 1.0, line.replace(run, " ", 1)) for run, code in runs][:5]
        said = plain_words(line)
        candidates: dict[int, int] = {}
        for word in set(said):
            for index in self._by_word.get(word, ()):
                candidates[index] = candidates.get(index, 0) + 1
        found = []
        for index in candidates:
            words, code = self._names[index]
            share = share_of(words, said)
            if share >= 0.6:
                found.append((code, share, len(words), words))
        found.sort(key=lambda x: (-x[1], -x[2], x[0]))
        best: list[tuple[str, float, str]] = []
        for code, share, _count, words in found:
            if code not in {x[0] for x in best}:
                best.append((code, share, without_name(line, words)))
        return best[:5]


def words_of(line: str) -> Iterator[re.Match[str]]:
    """What may be a code: the words, and those of ASCII alone that others run into (POT-009を3個)."""
    yield from re.finditer(r"[\w./-]{3,40}", line)
    if not line.isascii():
        yield from re.finditer(r"[\w./-]{3,40}", line, re.ASCII)


def tight(code: str) -> str:
    return re.sub(r"[\s./_-]", "", seen(code)).casefold()
