"""Runs `manage.py openapi`: prints the OpenAPI description of the API."""

import json

from django.core.management.base import BaseCommand
from django.utils import translation

from erp.api.schema import description


def document() -> str:
    """The description as JSON, in English, a property a line so that a change of the API can be read."""
    with translation.override("en"):
        return json.dumps(description(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


class Command(BaseCommand):
    help = "Print the OpenAPI description of the API."

    def handle(self, **options: object) -> None:
        self.stdout.write(document(), ending="")
