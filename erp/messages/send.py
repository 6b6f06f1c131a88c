"""Sends queued notifications, counting each attempt that failed or killed its worker."""

import logging
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from math import inf
from smtplib import SMTPDataError, SMTPRecipientsRefused
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.access.queries import require
from erp.backlogs import Backlog
from erp.effects.door import rests_while_paused
from erp.errors import Conflict
from erp.leases import Queue, is_due, lease, worked_on
from erp.mail_connection import MailConnection
from erp.messages.models import Message
from erp.messages.text_messages import send_text
from erp.papers import Paper
from erp.queries import find_one
from erp.remembered import remembering
from erp.wiring import PAPERS, resolve

logger = logging.getLogger(__name__)
MAIL = Queue(
    table="erp_message",
    waits="waiting",
    gives_up="failed",
    most=8,
    lease=timedelta(minutes=2),
)
BACKLOG = Backlog(
    name="mail",
    label=gettext_lazy("Notifications"),
    table="erp_message",
    waiting="status = 'waiting'",
    parked="status = 'failed'",
    late=timedelta(minutes=5),
    note="template || ' ' || subject_ref",
    right="messages.send",
    replay="erp.messages.send.replay_failed",
    leaves=True,
)
SET = 10  # leased in one statement
# Of being leased: with the slowest server a message that is begun so late ends before its lease does.
BEGUN_WITHIN_S = 20.0
ENHANCED = re.compile(r"5\.(\d)\.\d")
ABOUT_US = re.compile(r"relay|quota|limit|authenticat|too many|blocked|policy", re.I)


class NoPaper(LookupError):
    """A message brings a paper of something that is not there."""


@rests_while_paused
def send_due_messages(*, now: datetime, limit: int = 50, for_s: float = inf) -> int:
    """Lease what is due, send each outside any transaction, note the outcome; return how many were sent.

    for_s   seconds after which no other is begun
    A crash after the server accepted a message and before that was noted sends it once
    more; a mail's Message-ID is the same, so mail programs show it once.
    """
    sent, tried, begun = 0, 0, monotonic()
    at = partial(_moved, now, begun)
    with MailConnection() as server, remembering():
        while tried < limit and (not tried or monotonic() - begun <= for_s):
            until = min(begun + for_s, monotonic() + BEGUN_WITHIN_S)
            done = _send_set(min(SET, limit - tried), until, server, at)
            if not done:
                break
            tried, sent = tried + len(done), sent + sum(done)
    return sent


def _send_set(
    size: int, until: float, server: MailConnection, at: Callable[[], datetime]
) -> list[bool]:
    """Lease some messages and try each; return of each whether it was sent. What was not begun in time is given back.

    until   on the monotonic clock: after it no other is begun
    Not given back, what a slow server kept waiting longer than its lease was sent by the next worker too.
    """
    ids = lease(MAIL, now=at(), limit=size)
    with worked_on(MAIL, ids):
        return _send_leased(ids, until, server, at)


def _send_leased(
    ids: Sequence[int], until: float, server: MailConnection, at: Callable[[], datetime]
) -> list[bool]:
    messages = deque(Message.objects.filter(pk__in=ids).order_by("pk"))
    papers = _papers_of_all(messages)
    done: list[bool] = []
    try:
        while messages and (not done or monotonic() <= until):
            done.append(_try(messages.popleft(), papers, server, at()))
    finally:
        if messages:
            rest = Message.objects.filter(pk__in=[m.pk for m in messages], status="waiting")
            mine = rest.filter(due_at=messages[0].due_at)  # until when this worker leased them
            mine.update(is_leased=False, due_at=at())
    return done


def _moved(now: datetime, begun: float) -> datetime:
    """What `now` has become since."""
    return now + timedelta(seconds=monotonic() - begun)


def _papers_of_all(messages: Iterable[Message]) -> dict[str, Paper]:
    """The papers of some messages; none where one of them cannot be read: then each is read with its message."""
    try:
        return _papers(messages)
    except Exception as error:
        logger.info("Papers are read one by one: %s", error)
        return {}


def _papers(messages: Iterable[Message]) -> dict[str, Paper]:
    """The papers that messages bring, by how messages name them; what they say is read for all at once."""
    named: dict[str, list[int]] = {}
    for message in messages:
        kind, _colon, pk = message.attachment.partition(":")
        if kind:
            named.setdefault(kind, []).append(int(pk))
    return {
        f"{kind}:{pk}": paper
        for kind, pks in named.items()
        for pk, paper in resolve(PAPERS[kind])(pks).items()
    }


def _try(
    message: Message, papers: Mapping[str, Paper], server: MailConnection, now: datetime
) -> bool:
    """Send one message and note the outcome; return whether it was sent."""
    try:
        _send(message, _paper(message, papers), server)
    except Exception as error:
        logger.warning("Message %s could not be sent: %s", message.pk, error)
        _note_failure(message, error, now)
        return False
    Message.objects.filter(pk=message.pk).update(
        status="sent", sent_at=now, error="", is_leased=False
    )
    return True


def _paper(message: Message, papers: Mapping[str, Paper]) -> Paper | None:
    """The paper that a message brings; raises NoPaper where what it is of is not there."""
    named = message.attachment
    if not named:
        return None
    paper = papers.get(named) or _papers([message]).get(named)
    if paper is None:
        raise NoPaper(f"There is no {named}.")
    return paper


def has_due(*, now: datetime) -> bool:
    """Whether a notification is due."""
    return is_due(MAIL, now=now)


def _send(message: Message, paper: Paper | None, server: MailConnection) -> None:
    """Send one message; a mail over a connection that stays open for the next."""
    if message.medium == Message.Medium.SMS:
        send_text(to=message.recipient, text=message.text)
        return
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        headers={
            "Message-ID": f"<message-{message.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        },
    )
    mail.attach_alternative(message.html, "text/html")
    if paper:
        mail.attach(paper.name, paper.pdf(), "application/pdf")
    server.send(mail)


def _is_final(error: Exception) -> bool:
    """Whether a mail server will never take this mail: it said so of its recipient or of what it holds.

    A code of 5xx is permanent (RFC 5321, 4.2.1). What is about us passes once the settings are right: signing in,
    who we are, relaying, a daily limit (RFC 3463: of 5.x.x only 5.1, 5.2 and 5.6 are about recipient or content).
    """
    if isinstance(error, SMTPRecipientsRefused):
        return all(_is_about_it(code, said) for code, said in error.recipients.values())
    return isinstance(error, SMTPDataError) and _is_about_it(error.smtp_code, error.smtp_error)


def _is_about_it(code: int, said: bytes | str) -> bool:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if code < 500:
        return False
    if enhanced := ENHANCED.match(text.strip()):
        return enhanced[1] in {"1", "2", "6"}
    return not ABOUT_US.search(text)


def _note_failure(message: Message, error: Exception, now: datetime) -> None:
    tried = message.attempts + 1
    failed = tried >= MAIL.most or _is_final(error)
    delay = timedelta(seconds=min(3600, 10 * 2**tried))
    Message.objects.filter(pk=message.pk).update(
        attempts=tried,
        is_leased=False,
        status="failed" if failed else "waiting",
        due_at=now + delay,
        error=f"{type(error).__name__}: {error}"[:1000],
    )


@transaction.atomic(savepoint=False)
def queue_again(*, message_id: int, by: Actor, now: datetime) -> Message:
    """Let a message that was given up be tried again; raises NotFound, Conflict."""
    require(by, "messages.send")
    message = find_one(Message.objects.select_for_update().filter(pk=message_id))
    if message.status == "sent":
        raise Conflict(_("This message was sent."))
    message.status, message.attempts, message.due_at = Message.Status.WAITING, 0, now
    message.is_leased = False
    message.save(update_fields=["status", "attempts", "due_at", "is_leased"])
    return message


@transaction.atomic(savepoint=False)
def replay_failed(*, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Let messages that were given up be tried again; return how many."""
    require(by, BACKLOG.right)
    rows = Message.objects.filter(pk__in=ids, status="failed")
    return rows.update(status="waiting", attempts=0, is_leased=False, due_at=now)
