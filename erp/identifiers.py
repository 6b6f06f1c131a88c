"""Names what others call their things, and cleans it at every door, so that one thing has one name."""

from functools import cache
from typing import Annotated, TypeAlias, cast, get_type_hints

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from erp.visible import identifier

_MARK = Meta(extra={"identifier": True})
Identifier: TypeAlias = Annotated[str, _MARK]
Reference: TypeAlias = Annotated[str, Meta(max_length=200), _MARK]


class Identified:
    """A struct whose identifiers are cleaned as it is made, whatever made it: a body, a form, a reader, other code.

    The same id with a mark of no width around it once placed an order twice, and took a payment twice.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        struct = cast("Struct", self)  # this is mixed into one
        for name in identifiers_of(type(struct)):
            text = getattr(self, name)
            if (kept := identifier(text)) != text:
                force_setattr(struct, name, kept)


@cache
def identifiers_of(kind: type[Struct]) -> tuple[str, ...]:
    """The fields of a struct that are identifiers."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        name for name in kind.__struct_fields__ if _MARK in getattr(hints[name], "__metadata__", ())
    )
