"""Runs `manage.py topics`: prints the event catalogue as a page of the documentation."""

from django.core.management.base import BaseCommand
from django.utils import translation

from erp.events.topics import TOPICS, data_of

HEAD = """\
# Events

<!-- `make topics` writes this page from `erp/events/topics.py`. Do not edit it by hand. -->

What can be read at `/api/v1/events` and subscribed to with a webhook endpoint, by its `type`.

`data` holds exactly what stands beside its type; of `?` is what may be absent or null. An `order` is `{"id", "number", "external_id"}`.

| type | told by | when | `data` |
|---|---|---|---|
"""


def page() -> str:
    """The catalogue as Markdown, in English."""
    with translation.override("en"):
        rows = [f"| `{t.name}` | {t.owner} | {t.says} | {_data(t.name)} |" for t in TOPICS.values()]
    return HEAD + "\n".join(rows) + "\n"


def _data(topic: str) -> str:
    return ", ".join(f"`{name}`" for name in data_of(topic)) or "–"


class Command(BaseCommand):
    help = "Print the catalogue of event types as Markdown."

    def handle(self, **options: object) -> None:
        self.stdout.write(page(), ending="")
