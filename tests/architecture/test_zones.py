"""What people outside read shows moments in the zone of their channel, never in whichever is active."""

import ast
import re

import pytest

from tests.architecture.each import of_each
from tests.architecture.guards import ROOT

# Modules that make papers, messages and customers' pages.
OUTSIDE = sorted(
    path
    for app in ("orders", "fulfillment", "inventory", "returns")
    for pattern in ("**/papers*.py", "**/messages.py", "**/choice_views.py", "tracking/views.py")
    for path in (ROOT / app).glob(pattern)
)
# These make text of a moment themselves; `erp.zones.day_of` and `with_zone` are there for it.
BY_HAND = {"strftime", "localtime", "ctime"}
PAGES = sorted(
    path
    for pattern in (
        "messages/*",
        "fulfillment/tracking/*.html",
        "orders/changes/choose*.html",
        "public.html",
    )
    for path in (ROOT / "templates").glob(pattern)
)
# Formats that tell a time of day; a day alone is that of the zone in which the page is drawn.
TIMES = re.compile(r'\|(?:date|time):"[^"]*(?:TIME_FORMAT|[HhGgi])[^"]*"|\|time\b')
SHOWN = re.compile(r'datetime="\{\{[^}]*\}\}"')  # for programs: it has its offset


def by_hand(source: str) -> list[str]:
    """The calls and formats of a module that write a moment by hand."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FormattedValue) and "%" in ast.unparse(node.format_spec or node):
            found.append(f"{node.lineno}: a format with %")
        if not isinstance(node, ast.Attribute):
            continue
        of_moment = ast.unparse(node.value).endswith(("_at", "now"))
        if node.attr in BY_HAND or (of_moment and node.attr in {"date", "isoformat"}):
            found.append(f"{node.lineno}: {node.attr}")
    return found


@of_each(OUTSIDE)
def test_no_paper_message_or_page_writes_a_moment_by_hand(module):
    assert by_hand(module.read_text()) == []


@of_each(PAGES)
def test_times_of_day_name_their_zone(page):
    assert TIMES.findall(SHOWN.sub("", page.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        "order.placed_at.strftime('%Y')",
        "timezone.localtime(x)",
        "f'{at:%H:%M}'",
        "order.placed_at.date()",
        "now.date()",
    ],
)
def test_the_guard_sees(source):
    assert by_hand(source)


def test_the_guard_sees_times_and_lets_days_be():
    assert TIMES.findall('{{ x|date:"Y-m-d H:i" }} {{ x|date:"DATETIME_FORMAT" }}')
    assert not TIMES.findall('{{ x|date:"j F" }} {{ x|date:"DATE_FORMAT" }} {{ x|with_zone }}')


def test_papers_messages_and_customers_pages_are_drawn_in_a_zone():
    """Whoever makes a PDF, renders a message or draws a customers' page does it inside `zone_shown`."""
    without = [
        str(path.relative_to(ROOT))
        for path in (*OUTSIDE, ROOT / "erp/messages/compose.py")
        if re.search(r"\bpdf\(\"|\brender(?:_to_string)?\(", source := path.read_text())
        and "zone_shown(" not in source
    ]
    assert without == []
