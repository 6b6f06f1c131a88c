"""Describes exceptions for log lines: kind and place, and never the values that they were raised with."""

import traceback
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
MOST_CAUSES = 5
MOST_FRAMES = 40
# Whose message speaks of code, not of what the code was given.
OF_CODE = (
    AttributeError,
    ImportError,
    IndexError,
    MemoryError,
    NameError,
    NotImplementedError,
    RecursionError,
    ZeroDivisionError,
)


def described(error: BaseException) -> str:
    """What kind of exception this is, with what is safe to say of it.

    A database says which rule was broken, not by what: its message and DETAIL hold the row.
    """
    said = [*_of_database(error), *_of_system(error)]
    if isinstance(error, OF_CODE):
        said.append(str(error)[:200])
    if code := getattr(error, "code", None):  # of our own refusals; of an HTTP answer
        said.append(str(code)[:60] if isinstance(code, str | int) else "")
    return " ".join([type(error).__name__, *filter(None, said)])


def traced(error: BaseException) -> str:
    """Where an exception was raised, and what it followed from: files, lines and functions, without values."""
    return "\n".join(line for each in _causes(error) for line in _lines(each))


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen and len(seen) < MOST_CAUSES:
        yield following
        seen.add(id(following))
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)


def _lines(error: BaseException) -> Iterator[str]:
    yield described(error)
    frames = traceback.StackSummary.extract(
        traceback.walk_tb(error.__traceback__), limit=-MOST_FRAMES, lookup_lines=False
    )
    for frame in reversed(frames):
        yield f"  {_short(frame.filename)}:{frame.lineno} {frame.name}"


def _short(name: str) -> str:
    """A file by its place in the house, or in the library that it is of."""
    for root in (f"{HERE}/", "/site-packages/"):
        _before, found, rest = name.rpartition(root)
        if found:
            name = rest
    return name


def _of_database(error: BaseException) -> list[str]:
    diagnostics = getattr(error, "diag", None)
    if diagnostics is None:
        cause = error.__cause__
        return _of_database(cause) if cause is not None and hasattr(cause, "diag") else []
    named = {
        "sqlstate": getattr(diagnostics, "sqlstate", None),
        "table": getattr(diagnostics, "table_name", None),
        "column": getattr(diagnostics, "column_name", None),
        "constraint": getattr(diagnostics, "constraint_name", None),
    }
    return [f"{name}={value}" for name, value in named.items() if value]


def _of_system(error: BaseException) -> list[str]:
    if not isinstance(error, OSError) or error.errno is None:
        return []
    return [f"errno={error.errno}"]
