"""Runs `manage.py reseal`: after SECRET_KEY was changed, and before its fallback is taken away."""

from django.core.management.base import BaseCommand, CommandError

from erp.sealed import reseal


class Command(BaseCommand):
    help = (
        "Seal the secrets of shops, mailboxes, providers and second factors anew with SECRET_KEY."
    )

    def handle(self, **_options: object) -> None:
        done, lost = reseal()
        self.stdout.write(f"{done} secrets are sealed with SECRET_KEY.")
        if lost:
            raise CommandError(
                f"{lost} cannot be read: name the key that they were sealed with in SECRET_KEY_FALLBACKS,"
                " or enter them again."
            )
