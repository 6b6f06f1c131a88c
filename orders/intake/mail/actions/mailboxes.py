"""Connects mailboxes, leases them to workers and records how far each was read."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.account_mails import tell_secret
from erp.access.models import Actor, Channel
from erp.access.queries import require
from erp.errors import Invalid, NotFound
from orders.intake.mail.models import MailConnection
from orders.intake.messages.actions.connections import FRESH, lease, note_outcome
from orders.intake.messages.actions.receive import receive_message


@transaction.atomic(savepoint=False)
def connect_mailbox(
    *,
    channel_id: int,
    host: str,
    port: int,
    user: str,
    password: str,
    folder: str,
    since: date,
    by: Actor,
    now: datetime,
) -> MailConnection:
    """Say where a channel's letters are fetched from. Raises Invalid, NotFound."""
    require(by, "settings.edit")
    if not Channel.objects.filter(pk=channel_id).exists():
        raise NotFound
    if not host.strip() or not user.strip() or not password or not 0 < port < 65536:
        raise Invalid(_("Enter the mailbox's address, port, user name and password."))
    found, _made = MailConnection.objects.update_or_create(
        channel_id=channel_id,
        defaults={
            **FRESH,
            "host": host.strip(),
            "port": port,
            "user": user.strip(),
            "password": password,
            "folder": folder or "INBOX",
            "since": since,
            "validity": 0,
            "last_uid": 0,
        },
    )
    told = _("Mailbox %(user)s at %(host)s") % {"user": user.strip(), "host": host.strip()}
    tell_secret(what=told, facts={"channel": channel_id}, by=by)
    return found


@transaction.atomic(savepoint=False)
def lease_mailbox(*, now: datetime, but: Collection[int] = ()) -> int | None:
    """Take the mailbox that may be read now and was read longest ago; no two workers read one."""
    return lease(MailConnection, now, but)


@transaction.atomic(savepoint=False)
def keep_mail(*, connection_id: int, validity: int, uid: int, body: bytes, delivery: str) -> bool:
    """Keep a fetched mail and how far the mailbox was read, both or neither; whether it was new."""
    box = MailConnection.objects.select_for_update().get(pk=connection_id)
    message = receive_message(
        channel_id=box.channel_id,
        source="mail",
        topic="mail",
        delivery=delivery,
        origin=f"{box.user}@{box.host}"[:200],
        body=body,
    )
    box.validity, box.last_uid = validity, uid
    box.save(update_fields=["validity", "last_uid"])
    return message is not None


@transaction.atomic(savepoint=False)
def note_fetched(*, connection_id: int, error: str, now: datetime) -> None:
    """Give a mailbox back, or say why it could not be read; the longer it fails, the later it is tried."""
    box = MailConnection.objects.select_for_update().get(pk=connection_id)
    box.leased_until, box.asked_at = None, now
    note_outcome(box, error, 0, now)
    box.save(update_fields=["leased_until", "asked_at", "error", "failures", "not_before"])
