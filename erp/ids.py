"""Encodes opaque public ids (`ord_4k2p…`) for rows whose primary key is a counter.

They hide how many orders there are; they grant nothing, since every look-up is scoped.
"""

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
BITS = 60
MULTIPLIER = 0x5DEECE66D2B7F3B  # odd, so the multiplication can be undone modulo 2^60
INVERSE = pow(MULTIPLIER, -1, 1 << BITS)
MASK = (1 << BITS) - 1
_PAIRS = [one + two for one in ALPHABET for two in ALPHABET]  # ten bits at a time


def public_id(prefix: str, pk: int) -> str:
    """`public_id("ord", 42)` -> "ord_" and twelve characters."""
    mixed = (pk * MULTIPLIER) & MASK
    mixed ^= mixed >> 31
    return (
        f"{prefix}_{_PAIRS[mixed >> 50]}{_PAIRS[mixed >> 40 & 1023]}{_PAIRS[mixed >> 30 & 1023]}"
        f"{_PAIRS[mixed >> 20 & 1023]}{_PAIRS[mixed >> 10 & 1023]}{_PAIRS[mixed & 1023]}"
    )


def primary_key(prefix: str, public: str) -> int | None:
    """The primary key behind a public id; None when it is not one of that prefix."""
    head, _, tail = public.partition("_")
    if head != prefix or len(tail) != 12 or any(c not in ALPHABET for c in tail):
        return None
    mixed = 0
    for character in tail:
        mixed = (mixed << 5) | ALPHABET.index(character)
    mixed ^= mixed >> 31
    return (mixed * INVERSE) & MASK
