"""Reads the numbers of a purchase order in the notation of all that its message writes."""

from collections.abc import Iterable
from decimal import Decimal

from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.numbers import POINT, Defective, Marks, number


class MessageNumbers:
    """Reads the numbers of one message by all that it writes.

    declared   the decimal mark that its standard, or the message itself, says it uses; one of the other
               kind that might be a group of three is then ambiguous, for no standard groups digits
    """

    def __init__(self, texts: Iterable[str], *, declared: str = POINT) -> None:
        marks = Marks()
        for text in texts:
            marks.add(text)
        self.mark, self.declared = marks.mark, "" if marks.is_mixed else declared

    def read(self, text: str, what: str) -> Decimal:
        """A number. Raises Unreadable naming what it is of."""
        usual = self.declared if self.declared in text else ""
        found = number(text, self.mark, usual=usual)
        if isinstance(found, Defective):
            code = "number_ambiguous" if found.code == "ambiguous" else "number_unreadable"
            raise Unreadable(code, what=what[:60], value=text[:40])
        return found
