"""What the pages name is there: every path, every dotted name, every link; and a line can be read."""

import ast
import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

from tests.architecture.each import of_each

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    capture_output=True,
    text=True,
    cwd=ROOT,
    check=True,
).stdout.split()
FILES = {name for name in TRACKED if (ROOT / name).is_file()}
TOPS = sorted({name.partition("/")[0] for name in FILES if "/" in name})
# `/orders/` is an address, `orders/order` a folder.
PATH = re.compile(rf"(?<![\w/.@{{-])((?:{'|'.join(map(re.escape, TOPS))})/[\w./*-]*[\w/*])")
NAME = re.compile(
    r"(?<![\w./-])((?:erp|inventory|orders|fulfillment|returns|analytics)(?:\.\w+){2,})"
)
APPS = "erp|inventory|orders|fulfillment|returns|analytics"
WHERE = re.compile(
    rf"(?<=`)((?:{APPS})(?:\.\w+)+)(?=`)"
)  # a name in a comment stands between backquotes
FILE = re.compile(rf"(?<![\w/.'\"-])((?:{APPS})/[\w/]+\.(?:py|sql|html))")
SOURCES = sorted(
    name for name in FILES if name.endswith((".py", ".sql")) and not name.startswith("tests/")
)
LINK = re.compile(r"\]\((?!https?:|#)([^)\s#]+)")
MOST_CHARACTERS = 140


def missing(page: Path, root: Path = ROOT) -> list[str]:
    """Paths, names and links of a page that lead nowhere."""
    text = page.read_text()
    lost = [path for path in PATH.findall(text) if not list(root.glob(path.rstrip("/")))]
    lost += [name for name in NAME.findall(text) if not _is_defined(name, root)]
    lost += [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    return lost


def words_of(source: Path) -> list[str]:
    """The comments and docstrings of a Python file, the comments of an SQL file."""
    text = source.read_text()
    if source.suffix == ".sql":
        return [line.partition("--")[2] for line in text.splitlines()]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    said = [token.string for token in tokens if token.type == tokenize.COMMENT]
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]
    return said + [ast.get_docstring(node) or "" for node in nodes]


def lost_words(source: Path, root: Path = ROOT) -> list[str]:
    """Modules, files and names that comments send a reader to, and that are not there."""
    lost = []
    for words in words_of(source):
        lost += [name for name in WHERE.findall(words) if not _is_defined(name, root)]
        lost += [path for path in FILE.findall(words) if not (root / path).exists()]
    return lost


def _is_defined(name: str, root: Path) -> bool:
    """Whether a dotted name is a module, or something that a module defines."""
    whole = root / name.replace(".", "/")
    if whole.is_dir() or whole.with_suffix(".py").exists():
        return True
    module, _, attribute = name.rpartition(".")
    file = (root / module.replace(".", "/")).with_suffix(".py")
    return file.exists() and re.search(rf"\b{attribute}\b", file.read_text()) is not None


def too_wide(page: Path) -> list[str]:
    """Lines of prose that are too long; a row of a table cannot be broken."""
    lines = enumerate(page.read_text().splitlines(), 1)
    return [
        f"{page.name}:{number}: {len(line)} characters"
        for number, line in lines
        if len(line) > MOST_CHARACTERS and not line.startswith(("|", "    "))
    ]


@of_each(PAGES)
def test_what_a_page_names_is_there(page):
    assert missing(page) == []


@of_each(PAGES)
def test_a_page_can_be_read(page):
    assert too_wide(page) == []


@of_each(SOURCES)
def test_what_a_comment_names_is_there(source):
    assert lost_words(ROOT / source) == []


class TestTheyAreSeen:
    """One breach each."""

    @pytest.mark.parametrize(
        "text",
        [
            "See `orders/actions/placing.py`.",
            "See orders/nowhere/ for it.",
            "    pytest tests/orders/test_nothing.py -q",
            "See `orders/*/nothing.py`.",
            "Call `orders.order.actions.timeline.unlock_order`.",
            "Call `orders.decisions.following.follow`.",
            "Read [this](nothing.md).",
        ],
    )
    def test_what_is_not_there(self, tmp_path, text):
        page = tmp_path / "page.md"
        page.write_text(f"# A page\n\n{text}\n")
        assert len(missing(page)) == 1

    def test_what_is_there_or_is_no_path(self, tmp_path):
        page = tmp_path / "page.md"
        page.write_text(
            "`orders/order/actions/timeline.py`, `orders/*/models.py`, `/orders/inbox/`, `orders.hold`,\n"
            "`orders.order.actions.timeline.lock_order`, `orders.tasks.read_inbox`, `POST /api/v1/orders/bulk`\n"
        )
        assert missing(page) == []

    def test_a_comment_that_leads_nowhere(self, tmp_path):
        python, sql = tmp_path / "a.py", tmp_path / "a.sql"
        python.write_text(
            '"""As `orders.decisions.review` says."""\n\nX = 1  # see orders/actions/placing.py\n'
            'TASK = "orders.nothing.at_all"  # `orders.order.states` has them\n'
        )
        sql.write_text("SELECT 1 -- orders/sql/place.sql\n")
        assert lost_words(python) == ["orders/actions/placing.py", "orders.decisions.review"]
        assert lost_words(sql) == ["orders/sql/place.sql"]

    def test_a_line_that_is_too_long(self, tmp_path):
        page = tmp_path / "page.md"
        page.write_text("x" * 140 + "\n" + "x" * 141 + "\n| " + "x" * 200 + " |\n")
        assert too_wide(page) == ["page.md:2: 141 characters"]
