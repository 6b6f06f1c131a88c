"""Everything a person reads is translated, and nothing is left doubtful."""

import re
import subprocess
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import override_settings
from django.utils import translation
from django.utils.translation import to_locale

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
every_catalogue = pytest.mark.parametrize(
    "path", sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po")), ids=lambda p: p.parts[-3]
)


def test_every_language_has_a_catalogue():
    for code, _label in settings.LANGUAGES:
        path = ROOT / "locale" / to_locale(code) / "LC_MESSAGES/django.po"
        assert code == settings.LANGUAGE_CODE or path.exists()


@every_catalogue
def test_no_message_is_missing_or_fuzzy(path):
    catalogue = polib.pofile(str(path))

    assert [e.msgid for e in catalogue.untranslated_entries()] == []
    assert [e.msgid for e in catalogue.fuzzy_entries()] == []


@every_catalogue
def test_every_catalogue_has_the_same_sentences(path):
    ours = {e.msgid for e in polib.pofile(str(CATALOGUE))}
    assert {e.msgid for e in polib.pofile(str(path))} == ours


@every_catalogue
def test_every_placeholder_survives_translation(path):
    for entry in polib.pofile(str(path)):
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


@pytest.mark.django_db
def test_a_language_of_the_settings_is_offered_wherever_one_is_chosen(sign_in, shop):
    client = sign_in()
    client.cookies["django_language"] = "zh-hans"
    with override_settings(LANGUAGES=[*settings.LANGUAGES, ("de", "Deutsch")]):
        for path in (
            "/",
            "/settings/channels/",
            "/settings/messages/",
            "/purchasing/suppliers/new/",
        ):
            page = client.get(path).content.decode()
            assert page.count("Deutsch") >= (1 if path == "/" else 2), path
        assert 'name="name:de"' in client.get("/settings/carriers/").content.decode()


@pytest.mark.parametrize(
    "header",
    ["", "*", "zh", "zh-CN,zh;q=0.9,en;q=0.1", "ZH-hans", "fr, zh-Hans;q=0.4", "fr", "en-GB", "x" * 9, ";;q=,", "\x00",
     "zh;q=0, en", "de;q=1, *;q=0.5, zh;q=0.1", "en," * 400 + "zh", "a" * 600 + ",zh", "zh-hant", "zh-tw, zh"],
)  # fmt: skip
def test_programs_are_answered_in_the_language_that_pages_would_be(header, rf):
    from django.utils.translation import get_language_from_request

    from erp.api.language import AcceptedLanguage, accepted_language

    request = rf.get("/api/v1/orders", headers={"Accept-Language": header})

    assert accepted_language(header) == get_language_from_request(request)
    with translation.override("en"):
        answer = AcceptedLanguage(lambda _request: HttpResponse())(request)
    assert answer["Content-Language"] == request.LANGUAGE_CODE == accepted_language(header)
    assert answer["Vary"] == "Accept-Language"
