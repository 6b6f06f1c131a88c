"""Runs `manage.py connect_shop`: connects a channel's shop."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from erp.access.queries import job_actor
from erp.errors import DomainError
from erp.events.webhook_client import Refused, checked
from erp.management.arguments import channel_named
from erp.once import perform
from orders.intake.shops.actions.control_totals import connect_shop


class Command(BaseCommand):
    help = "Say where a Shopify or WooCommerce channel's orders can be asked for, and with what secret."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--channel", required=True, metavar="CODE")
        parser.add_argument("--url", required=True, help="https://tea.myshopify.com")
        parser.add_argument("--key", default="", help="WooCommerce: the consumer key")
        parser.add_argument(
            "--secret", required=True, help="the consumer secret, or the access token"
        )
        parser.add_argument("--days", type=int, default=2, help="how far back to begin (2)")

    def handle(
        self, *, channel: str, url: str, key: str, secret: str, days: int, **_options: object
    ) -> None:
        found = channel_named(channel)
        now = timezone.now()
        try:
            checked(url)
            perform(
                connect_shop,
                channel_id=found.pk,
                url=url,
                key=key,
                secret=secret,
                since=now - timedelta(days=days),
                by=job_actor("scheduler"),
                now=now,
            )
        except (Refused, DomainError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{found.code} is asked for its orders every minute.")
