"""Names for the shapes that every stage passes on: texts for people, facts for templates and JSON."""

from typing import TYPE_CHECKING, TypeAlias

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    # A text for people: translated already, or when it is shown.
    Words: TypeAlias = str | _StrPromise
else:
    Words = str | Promise
