"""Runs `manage.py create_api_key`: prints a new key, alone, on stdout, once."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from erp.access.actions import create_api_key
from erp.access.key_purposes import PURPOSES
from erp.access.models import Channel
from erp.access.queries import channel_by_code, job_actor
from erp.errors import DomainError
from erp.once import perform


class Command(BaseCommand):
    help = "Make an API key for a channel and print it, alone and only this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--channel", required=True, metavar="CODE")
        parser.add_argument(
            "--purpose", default="", choices=["", *PURPOSES], help="default: storefront"
        )
        parser.add_argument(
            "--scopes", default="", help="comma-separated: only these rights of its purpose"
        )
        parser.add_argument("--rate", default="", metavar="N/min", help="default: its purpose's")
        parser.add_argument("--days", type=int, metavar="N", help="default: its purpose's")
        parser.add_argument("--name", default="API key")

    def handle(
        self,
        *,
        channel: str,
        purpose: str,
        scopes: str,
        rate: str,
        days: int | None,
        name: str,
        **_options: object,
    ) -> None:
        try:
            found = channel_by_code(channel)
        except Channel.DoesNotExist:
            known = ", ".join(Channel.objects.order_by("code").values_list("code", flat=True))
            there = f"There are: {known}." if known else "Add one under Settings → Channels first."
            raise CommandError(f"No channel {channel!r}. {there}") from None
        rate = rate.removesuffix("/min")
        if rate and not rate.isdecimal():
            raise CommandError("--rate takes a number per minute, such as 600/min.")
        now = timezone.now()
        if days is not None and not 1 <= days <= 3650:
            raise CommandError("--days takes a number from 1 to 3650.")
        try:
            secret = perform(
                create_api_key,
                channel_id=found.pk,
                name=name,
                purpose=purpose,
                scopes=[s.strip() for s in scopes.split(",") if s.strip()],
                rate_per_minute=int(rate) if rate else None,
                expires_at=now + timedelta(days=days) if days is not None else None,
                by=job_actor("scheduler"),
                now=now,
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(secret)
