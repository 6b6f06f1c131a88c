"""Names what others call their things, and cleans it at every door, so that one thing has one name."""

from functools import cache
from typing import Annotated, TypeAlias, cast, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from erp.visible import identifier

_MARK = Meta(extra={"identifier": True})
Identifier: TypeAlias = Annotated[str, _MARK]
Coded: TypeAlias = Annotated[str, Meta(max_length=60), _MARK]
Reference: TypeAlias = Annotated[str, Meta(max_length=200), _MARK]


class Identified:
    """A struct whose identifiers are cleaned as it is made, whatever made it: a body, a form, a reader, other code.

    The same id with a mark of no width around it once placed an order twice, and took a payment twice.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        struct = cast("Struct", self)  # this is mixed into one
        for name in identifiers_of(type(struct)):
            said = getattr(self, name)
            kept = [identifier(x) for x in said] if isinstance(said, list) else identifier(said)
            if kept != said:
                force_setattr(struct, name, kept)


@cache
def identifiers_of(kind: type[Struct]) -> tuple[str, ...]:
    """The fields of a struct that are identifiers, or lists of them."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(name for name in kind.__struct_fields__ if _is_identifier(hints[name]))


def _is_identifier(hint: object) -> bool:
    each = get_args(hint)[0] if get_origin(hint) is list else hint
    return _MARK in getattr(each, "__metadata__", ())
