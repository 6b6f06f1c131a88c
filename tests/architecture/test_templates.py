"""Templates are read, reviewed and blamed by the line, as code is."""

from pathlib import Path

from tests.architecture.each import of_each

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*")) if path.is_file()]
MOST_CHARACTERS = 120
MOST_LINES = 150  # aim at 80: a part that has a name is an include of its own


def too_much(template: Path) -> list[str]:
    """What is too long in a template, each with its place."""
    lines = template.read_text().splitlines()
    found = [
        f"{template.name}:{number}: {len(line)} characters"
        for number, line in enumerate(lines, 1)
        if len(line) > MOST_CHARACTERS
    ]
    if len(lines) > MOST_LINES:
        found.append(f"{template.name}: {len(lines)} lines")
    return found


@of_each(TEMPLATES)
def test_templates_stay_readable(template):
    assert too_much(template) == []


def test_a_packed_line_is_found(tmp_path):
    packed = tmp_path / "packed.html"
    packed.write_text("x" * 120 + "\n" + "x" * 121 + "\n")

    assert too_much(packed) == ["packed.html:2: 121 characters"]


def test_a_long_template_is_found(tmp_path):
    long = tmp_path / "long.html"
    long.write_text("<p></p>\n" * 151)

    assert too_much(long) == ["long.html: 151 lines"]
