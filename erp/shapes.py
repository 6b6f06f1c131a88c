"""Names the types shared by every stage: translated texts, template facts, JSON."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

from django.utils.functional import Promise
from msgspec import Meta

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    # A text for people: translated already, or when it is shown.
    Words: TypeAlias = str | _StrPromise
else:
    Words = str | Promise

# Texts of bodies, as long as their columns hold: what is longer is refused, never cut.
Code: TypeAlias = Annotated[str, Meta(max_length=60)]
Reason: TypeAlias = Annotated[str, Meta(max_length=200)]
Note: TypeAlias = Annotated[str, Meta(max_length=2000)]
