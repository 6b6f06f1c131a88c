"""Runs `manage.py prepare`: makes the rows every installation needs before serving."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from erp.access.actions import ensure_ground
from erp.access.models import User
from erp.access.queries import anybody_signs_in
from erp.i18n import compile_translations
from erp.once import perform


class Command(BaseCommand):
    help = "Migrate, compile translations, make the rows every installation needs, and the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true")

    def handle(self, *, no_demo: bool, verbosity: int, **_options: object) -> None:
        compile_translations()
        call_command("migrate", verbosity=0, interactive=False)
        perform(ensure_ground)
        if not no_demo and not User.objects.exists():
            call_command("demo")
        if verbosity and not anybody_signs_in():
            self.stdout.write(
                "Nobody can sign in yet. For a link to choose the owner's password, once: manage.py create_owner"
            )
