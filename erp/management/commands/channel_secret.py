"""Runs `manage.py channel_secret`: sets or rotates a channel's incoming webhook secret."""

import secrets

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from erp.access.actions import set_webhook_secret
from erp.access.queries import job_actor
from erp.management.arguments import channel_named
from erp.once import perform


class Command(BaseCommand):
    help = "Set (--set VALUE) or rotate the secret that incoming webhooks are signed with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--channel", required=True, metavar="CODE")
        parser.add_argument("--set", dest="value", default="")

    def handle(self, *, channel: str, value: str, **_options: object) -> None:
        found = channel_named(channel)
        secret = value or secrets.token_urlsafe(32)
        perform(
            set_webhook_secret,
            channel_id=found.pk,
            secret=secret,
            by=job_actor("scheduler"),
            now=timezone.now(),
        )
        self.stdout.write(secret)
