"""Runs `manage.py create_owner`: prints the one-time link by which an owner chooses a password."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from erp.access.actions import first_owner
from erp.access.links import one_time_link
from erp.access.models import User
from erp.access.queries import job_actor, owner_named
from erp.once import perform

SOMEBODY = (
    "Somebody signs in already: owners add people under Settings → People."
    " For an owner who cannot sign in any more: manage.py create_owner --again USERNAME"
)


class Command(BaseCommand):
    help = "Make the first owner, and print a one-time link to choose a password (three days)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="owner", help="of the first owner")
        parser.add_argument("--name", default="Owner")
        parser.add_argument("--email", default="")
        parser.add_argument(
            "--again", metavar="USERNAME", default="", help="a link for an owner who is there"
        )

    def handle(
        self, *, username: str, name: str, email: str, again: str, **_options: object
    ) -> None:
        owner = _known(again) if again else _first(username, name, email)
        self.stdout.write(one_time_link(owner))


def _first(username: str, name: str, email: str) -> User:
    by = job_actor("scheduler")
    owner = perform(first_owner, username=username, name=name, email=email, by=by)
    if owner is None:
        raise CommandError(SOMEBODY)
    return owner


def _known(username: str) -> User:
    owner = owner_named(username)
    if owner is None:
        raise CommandError(f"{username} is no owner who may sign in.")
    return owner
