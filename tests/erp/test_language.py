"""Everything a person reads is translated, and nothing is left doubtful."""

import re
import subprocess
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"


def test_no_message_is_missing_or_fuzzy():
    catalogue = polib.pofile(str(CATALOGUE))

    assert [e.msgid for e in catalogue.untranslated_entries()] == []
    assert [e.msgid for e in catalogue.fuzzy_entries()] == []


def test_every_placeholder_survives_translation():
    for entry in polib.pofile(str(CATALOGUE)):
        text = entry.msgstr or entry.msgstr_plural[0]
        names = sorted(re.findall(r"%\(\w+\)s", entry.msgid))
        assert sorted(re.findall(r"%\(\w+\)s", text)) == names, entry.msgid


def test_every_literal_of_the_templates_is_in_the_catalogue():
    known = {entry.msgid for entry in polib.pofile(str(CATALOGUE))}
    pattern = re.compile(r"""{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""")
    files = subprocess.run(
        ["git", "ls-files", "templates"], capture_output=True, text=True, cwd=ROOT, check=True
    ).stdout.split()
    whole = re.compile(r"{%\s*blocktranslate\b([^%]*)%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
    plural = re.compile(r"{%\s*plural\s*%}")
    missing = []
    for name in files:
        if not name.endswith((".html", ".txt")):
            continue
        content = (ROOT / name).read_text()
        missing += [(name, a or b) for a, b in pattern.findall(content) if (a or b) not in known]
        for options, block in whole.findall(content):
            text = re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", plural.split(block)[0])
            if "trimmed" in options.split():
                text = " ".join(line.strip() for line in text.strip().splitlines())
            missing += [(name, text)] if text not in known else []

    assert missing == []


@pytest.mark.parametrize(
    "name", ["orders", "fulfillment", "returns", "inventory", "erp", "analytics"]
)
def test_every_literal_of_the_code_is_in_the_catalogue(name):
    import ast

    known = {entry.msgid for entry in polib.pofile(str(CATALOGUE))}
    missing = []
    for path in (ROOT / name).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) in {"_", "gettext", "gettext_lazy"}
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and node.args[0].value not in known
            ):
                missing.append((str(path.relative_to(ROOT)), node.args[0].value))

    assert missing == []
