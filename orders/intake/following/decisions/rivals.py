"""Decides whether a whole of an order is another version of it, or the one that is known, read anew."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from orders.intake.messages.statements import Statement, differs
from orders.placement.incoming import ForeignOrder

# What a reader thinks of a message, not what that says.
OPINIONS = frozenset({"doubts"})
EMPTY: Sequence[object] = (None, "", [], {})


def is_rival(said: Statement, known: Mapping[str, Any], message: str) -> bool:
    """Whether a statement of the same rank says something else than the known whole.

    known     as an earlier release may have read it: the same message is the same version, however it is read
    message   fingerprint of the message that it was read from; "" in rows from before that was kept: of those,
              what both readings state counts
    """
    if said.order is None or (message and said.message == message):
        return False
    whole = msgspec.convert(known, ForeignOrder, strict=False)
    if said.message and not message:
        return not _agree(said.order, whole, known)
    return differs(whole, said.order)


def _agree(new: object, old: object, raw: object) -> bool:
    """Whether what both state is the same.

    raw   the older as it is kept: what its reader did not know is not in it
    """
    if new in EMPTY or old in EMPTY:
        return True
    if isinstance(new, msgspec.Struct) and isinstance(raw, Mapping):
        names = [n for n in new.__struct_fields__ if n in raw and n not in OPINIONS]
        return all(_is_same(n, getattr(new, n), getattr(old, n), raw[n]) for n in names)
    if isinstance(new, list) and isinstance(old, list) and isinstance(raw, list):
        if len(new) != len(old):
            return False
        return all(_agree(*each) for each in zip(new, old, raw, strict=True))
    return new == old


def _is_same(name: str, new: object, old: object, raw: object) -> bool:
    """Whether a field says the same; a note may have gained or lost what its reader adds: lines of its own."""
    if name == "note":
        one, other = set(str(new).splitlines()), set(str(old).splitlines())
        return one <= other or other <= one
    return _agree(new, old, raw)
