"""Reads the text of a message, and its numbers in the notation of all that it writes."""

import re
from collections.abc import Iterable
from decimal import Decimal

from erp.encodings import guess, is_garbled, marked, utf_16
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.numbers import POINT, Defective, Marks, number

HEAD = 400  # bytes, of which the envelope is written in plain letters whatever follows


# The character sets that an interchange of EDIFACT declares (ISO 9735: UNOC and so on).
DECLARED = re.compile(rb"UNB.UNO([C-K])")
SETS = {
    b"C": "latin-1",
    b"D": "iso8859_2",
    b"E": "iso8859_5",
    b"F": "iso8859_7",
    b"G": "iso8859_3",
    b"H": "iso8859_4",
    b"I": "iso8859_6",
    b"J": "iso8859_8",
    b"K": "iso8859_9",
}


def decoded(body: bytes) -> tuple[str, bool]:
    """A message as text, and whether nothing but its encoding could be meant.

    As its mark says; else UTF-16 where its zeros show that, or UTF-8 where it is that, else what it looks like; where
    that is not sure, what it declares.
    """
    mark = marked(body)
    wide = (
        utf_16(body[:HEAD])
        if mark is None and 4 * body[:HEAD].count(0) > len(body[:HEAD])
        else None
    )
    try:
        text, is_sure = body.decode(mark or wide or "utf-8"), True
    except UnicodeDecodeError:
        if mark or wide:  # damaged, and no other encoding for that
            return _whole(body.decode(mark or wide or "utf-8", "replace")), False
        found, declared = guess(body), DECLARED.search(body[:300])
        name = found.encoding
        if declared and not found.is_sure:
            name = SETS[declared[1]]
        text = body.decode(name, "replace")
        is_sure = found.is_sure or bool(declared and body.decode(found.encoding, "replace") == text)
    text = _whole(text)
    return text, is_sure and not is_garbled(text)


def _whole(text: str) -> str:
    """A text in which a NUL shows as a character that was lost: 1, NUL, 0 is no ten."""
    return text.replace("\x00", "\ufffd")


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
