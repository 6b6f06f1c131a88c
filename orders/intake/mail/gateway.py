"""Fetches e-mails from mailboxes. Network I/O happens here; every write is an action."""

import hashlib
import logging
from datetime import datetime
from functools import partial

from erp.effects.door import rests_while_paused
from erp.once import perform
from erp.rounds import by_rows
from orders.intake.mail.actions.mailboxes import keep_mail, lease_mailbox, note_fetched
from orders.intake.mail.mailbox import Mailbox, MailboxUnavailable, new_mails
from orders.intake.mail.models import MailConnection
from orders.intake.messages.wake import wake_reader

logger = logging.getLogger(__name__)


FETCHING_S = 120.0  # after which no other mailbox is begun
MOST_AT_ONCE = 200  # mails of one mailbox in one turn


@rests_while_paused
def fetch_mail(*, now: datetime) -> int:
    """Fetch new e-mails of every mailbox; return how many.

    A mail is kept, committed, together with how far the mailbox was read: a worker that dies loses
    none, and one that is fetched twice is the mail that it was.
    """
    with by_rows("fetch_mail", seconds=FETCHING_S) as turn:
        take = partial(perform, lease_mailbox)
        fetched = turn.in_turn(take, partial(_fetch_one, now=now), now=now)
        if any(fetched):
            wake_reader()
    return sum(fetched)


def _fetch_one(pk: int, *, now: datetime) -> int:
    box = MailConnection.objects.select_related("channel").get(pk=pk)
    fetched, error = 0, ""
    try:
        fetched = _read(box)
    except MailboxUnavailable as refusal:
        error = str(refusal)
        logger.warning("The mailbox of %s could not be read: %s", box.channel.code, refusal)
    perform(note_fetched, connection_id=pk, error=error, now=now)
    return fetched


def _read(box: MailConnection) -> int:
    count = 0
    for mail in new_mails(
        Mailbox(box.host, box.port, box.user, box.password, box.folder),
        validity=box.validity,
        after_uid=box.last_uid,
        since=box.since,
        most=MOST_AT_ONCE,
    ):
        count += perform(
            keep_mail,
            connection_id=box.pk,
            validity=mail.validity,
            uid=mail.uid,
            body=mail.body,
            delivery=hashlib.sha256(mail.body).hexdigest(),
        )
    return count
