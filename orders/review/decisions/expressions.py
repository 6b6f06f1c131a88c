"""Parses expert conditions in CEL (the Common Expression Language), within limits.

CEL has no loops but its macros, no assignments and no calls outside, and its regular expressions take time
linear in the text. Macros inside macros are another matter: seven of them kept a process for minutes
(measured), so an expression has at most two, side by side, and at most a thousand characters.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from orders.review.fields import FIELDS

LONGEST, MOST_MACROS = 1000, 2


MACRO = re.compile(r"\.\s*(?:map|filter|all|exists|exists_one|existsOne)\s*\(\s*(\w*)")


# As CEL's grammar has them: after r nothing escapes, r'\' is a whole text. A comment may stand between any two words.
NO_CODE = re.compile(
    r"""
    [bB]?[rR](?: '''.*?''' | \"\"\".*?\"\"\" | '[^'\n]*' | "[^"\n]*" )
    | [bB]?(?: '''(?:\\.|[^\\])*?''' | \"\"\"(?:\\.|[^\\])*?\"\"\" | '(?:\\.|[^'\\\n])*' | "(?:\\.|[^"\\\n])*" )
    | (?P<comment> //[^\n]* )
    """,
    re.DOTALL | re.VERBOSE,
)


COUNTS = frozenset(field.name for field in FIELDS.values() if field.is_count)
SAMPLE: Mapping[str, Any] = {field.name: field.example for field in FIELDS.values()} | {
    "at": datetime(2026, 1, 1, tzinfo=UTC)
}


class BadExpression(Exception):
    """An expression that cannot be asked. `code` says why, `detail` in the language's own words."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{code}: {detail}")


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression over an order's facts: text, and the names that it asks for."""

    text: str
    asks: frozenset[str]


def expression(text: Any, known: Mapping[str, Any]) -> Expression:
    """Check an expression; `known` are the names it may ask for. Raises BadExpression.

    Amounts are doubles in it, counts integers, names lists; "at" is the moment of asking. It must come to true or
    false.
    """
    if not isinstance(text, str) or not text.strip():
        raise BadExpression("empty")
    text = text.strip()
    if len(text) > LONGEST:
        raise BadExpression("too_long")
    own = _checked_macros(text)
    try:
        program = _program(text)
    except (ValueError, TypeError, RuntimeError) as error:
        raise BadExpression("not_an_expression", _brief(error)) from error
    asks = frozenset(program.variables())
    if unknown := sorted(asks - set(known) - own - {"at"}):
        raise BadExpression("unknown_field", ", ".join(unknown))
    try:
        said = program.execute(_plain(SAMPLE))
    except (ValueError, TypeError, RuntimeError) as error:
        raise BadExpression("not_an_expression", _brief(error)) from error
    except (ArithmeticError, LookupError):
        said = False  # of the sample alone: an order has other numbers, and more lines
    if not isinstance(said, bool):
        raise BadExpression("not_yes_or_no", str(said)[:40])
    return Expression(text, asks & set(known))


def _checked_macros(text: str) -> set[str]:
    """The names that macros give to what they go through. Refuses more than two macros, and one inside another."""
    bare = NO_CODE.sub(lambda said: " " if said["comment"] else "''", text)
    found = list(MACRO.finditer(bare))
    starts = [match.end() for match in found]
    if len(starts) > MOST_MACROS:
        raise BadExpression("too_many_macros")
    for start in starts:
        depth, at = 1, start
        while at < len(bare) and depth:
            depth += {"(": 1, ")": -1}.get(bare[at], 0)
            at += 1
        if any(start < other < at for other in starts):
            raise BadExpression("macro_in_macro")
    return {match[1] for match in found}


def is_true(asked: Expression, facts: Mapping[str, Any]) -> bool:
    """Whether an expression is true of an order; one that cannot be worked out for it is not."""
    try:
        return _program(asked.text).execute(_plain(facts)) is True
    except Exception:  # whatever it is, an order is placed all the same
        return False


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: sorted(value)
        if isinstance(value, set | frozenset)
        else int(value)
        if name in COUNTS
        else float(value)
        if isinstance(value, Decimal)
        else value
        for name, value in facts.items()
    }


@lru_cache(maxsize=256)
def _program(text: str) -> Any:
    from cel import (
        compile as compiled,  # brings a command line with it, so only where one is written
    )

    return compiled(text)


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
