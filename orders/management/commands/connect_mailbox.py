"""Runs `manage.py connect_mailbox`: connects a channel's mailbox."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from erp.access.queries import job_actor
from erp.errors import DomainError
from erp.management.arguments import channel_named
from erp.once import perform
from orders.intake.mail.actions.mailboxes import connect_mailbox
from orders.intake.mail.mailbox import Mailbox, MailboxUnavailable, new_mails


class Command(BaseCommand):
    help = (
        "Say which mailbox a channel's letters are fetched from (IMAP; mails are only looked at)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--channel", required=True, metavar="CODE")
        parser.add_argument("--host", required=True, help="imap.example.com")
        parser.add_argument("--port", type=int, default=993)
        parser.add_argument("--user", required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--folder", default="INBOX")
        parser.add_argument("--days", type=int, default=2, help="how far back to begin (2)")

    def handle(
        self,
        *,
        channel: str,
        host: str,
        port: int,
        user: str,
        password: str,
        folder: str,
        days: int,
        **_options: object,
    ) -> None:
        found = channel_named(channel)
        now = timezone.now()
        since = now.date() - timedelta(days=days)
        box = Mailbox(host=host, port=port, user=user, password=password, folder=folder)
        try:
            list(new_mails(box, validity=0, after_uid=0, since=since, most=0))
            perform(
                connect_mailbox,
                channel_id=found.pk,
                since=since,
                by=job_actor("scheduler"),
                now=now,
                host=host,
                port=port,
                user=user,
                password=password,
                folder=folder,
            )
        except (MailboxUnavailable, DomainError) as error:
            raise CommandError(f"The mailbox cannot be read: {error}") from error
        self.stdout.write(f"Letters of {found.code} are fetched from {user}.")
