"""Leaves out of an HTML letter what its reader does not see, or sees struck out."""

import re
from html.parser import HTMLParser

STRUCK = frozenset({"s", "strike", "del"})
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
# Elements that end where the next of their kind begins, closed or not.
ENDS_ITSELF = frozenset({"p", "li", "tr", "td", "th", "dt", "dd"})
UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|text-decoration[^;]*line-through"
    r"|(?:font-size|opacity|max-height)\s*:\s*0(?:px|pt|em|%)?\s*(?:!important\s*)?(?:;|$)",
    re.I,
)


_SECTION = re.compile(r"<!\[[^>]{0,200}\]>")  # Outlook's <![if !mso]>: what stands in it is seen


# More tags, or tags that never end, than a letter has: reading them takes time as their square.
MOST_MARKS, MOST_OPEN = 20_000, 100


def visible(page: str) -> str:
    """An HTML page without its hidden and struck-out elements; one that is never closed hides nothing."""
    marks = page.count("<")
    if marks > MOST_MARKS or marks - page.count(">") > MOST_OPEN:
        return page
    reader = _Reader()
    try:
        reader.feed(_SECTION.sub(" ", page))
        reader.close()
    except AssertionError:  # what the standard library raises for declarations that strangers broke
        return page
    return "".join([*reader.shown, *reader.waiting])


class _Reader(HTMLParser):
    """Copies a page; `waiting` is what a hidden element holds until it ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.shown: list[str] = []
        self.waiting: list[str] = []
        self.open: list[str] = []  # elements in a hidden one, from itself on

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.open == [tag] and tag in ENDS_ITSELF:
            self._end()
        if self.open or (tag not in VOID and _is_hidden(tag, dict(attrs))):
            self.open += [] if tag in VOID else [tag]
        self._keep(self.get_starttag_text() or "")

    def handle_startendtag(self, _tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self._keep(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self._keep(f"</{tag}>")
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]
            if not self.open:
                self._end()

    def handle_data(self, data: str) -> None:
        self._keep(data)

    def handle_entityref(self, name: str) -> None:
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._keep(f"&#{name};")

    def _keep(self, text: str) -> None:
        (self.waiting if self.open else self.shown).append(text)

    def _end(self) -> None:
        self.open, self.waiting = [], []
        self.shown.append(" ")


def _is_hidden(tag: str, attrs: dict[str, str | None]) -> bool:
    return tag in STRUCK or "hidden" in attrs or UNSEEN.search(attrs.get("style") or "") is not None
