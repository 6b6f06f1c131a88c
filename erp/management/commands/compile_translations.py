"""Runs `manage.py compile_translations`: for an installation whose service may not write its own files."""

from django.core.management.base import BaseCommand

from erp.i18n import compile_translations


class Command(BaseCommand):
    help = "Compile the translations; `prepare` does it too, where it may write."

    def handle(self, **_options: object) -> None:
        self.stdout.write(f"{compile_translations()} compiled.")
