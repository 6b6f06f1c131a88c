"""`manage.py verbs`: prints every declared verb, as the page of the documentation has it."""

from django.core.management.base import BaseCommand
from django.utils import translation

from erp.verbs import noun_named, verbs_of
from erp.wiring import NOUNS

HEAD = """\
# Verbs

<!-- `make verbs` writes this page from the declarations in each room's `verbs.py`. Do not edit it by hand. -->

What can be done over the API beside creating and reading. Each is a POST below `/api/v1/`; it takes an
`Idempotency-Key` (**needed** where it says so) and answers the document it changed.
"""
TABLE = """
## {name}

| verb | POST | what it does | needs the right | key |
|---|---|---|---|---|
"""


def page() -> str:
    """The declared verbs as Markdown, in English."""
    with translation.override("en"):
        return HEAD + "".join(_table(name) for name in NOUNS)


def _table(name: str) -> str:
    noun = noun_named(name)
    rows = [
        f"| `{verb.name}` | `{noun.api_path}/{verb.address}` | {verb.summary} | `{verb.right}` "
        f"| {'needed' if verb.is_key_required else ''} |\n"
        for verb in verbs_of(name)
    ]
    return TABLE.format(name=name.replace("_", " ").capitalize()) + "".join(rows)


class Command(BaseCommand):
    help = "Print the declared verbs as Markdown."

    def handle(self, **options: object) -> None:
        self.stdout.write(page(), ending="")
