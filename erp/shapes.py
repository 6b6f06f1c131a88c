"""Names the types shared by every stage: translated texts, template facts, JSON."""

from typing import TYPE_CHECKING, TypeAlias

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    # A text for people: translated already, or when it is shown.
    Words: TypeAlias = str | _StrPromise
else:
    Words = str | Promise
