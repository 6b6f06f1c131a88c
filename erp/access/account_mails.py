"""Mails people about their own accounts: links to choose a password, and what changed in how they sign in.

They wait in a table of their own, which no page shows, and are worded when they are sent: no row ever holds a link.
A request that waited for the mail server told by its time who has an account, and failed when the server did.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import inf
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from erp.access.links import one_time_link
from erp.access.models import AccountMail, Actor, User
from erp.access.queries import own_company, require
from erp.backlogs import Backlog
from erp.effects.door import rests_while_paused
from erp.leases import Queue, is_due, lease, worked_on
from erp.mail_connection import MailConnection
from erp.security.actions import record_security_event

logger = logging.getLogger(__name__)
MAILS = Queue(
    table="erp_accountmail", waits="waiting", gives_up="failed", most=8, lease=timedelta(minutes=2)
)
BACKLOG = Backlog(
    name="account_mail",
    label=gettext_lazy("Account mails"),
    table="erp_accountmail",
    waiting="status = 'waiting'",
    parked="status = 'failed'",
    late=timedelta(minutes=5),
    note="kind",
    right="settings.edit",
    replay="erp.access.account_mails.replay_account_mails",
    leaves=True,
)


def queue_account_mail(
    *,
    user: User,
    kind: str,
    detail: str = "",
    recipient: str = "",
    address: str = "",
    device: str = "",
) -> None:
    """Leave a mail about an account waiting; nothing for a person without an e-mail address.

    detail      what was changed
    recipient   where it goes, if not to the person's address as it is now
    address     where the change came from, and `device` what it was made with

    One of a kind, person and detail waits at a time: who asks for a hundred links gets one mail.
    """
    to = recipient or user.email
    if not to:
        return
    AccountMail.objects.bulk_create(
        [
            AccountMail(
                user=user,
                kind=kind,
                detail=detail[:200],
                recipient=to,
                address=address,
                device=device,
            )
        ],
        ignore_conflicts=True,  # account_mail_waits_once
    )


def tell_owners(*, kind: str, detail: str) -> None:
    """Mail everybody who may change settings about a change of credentials that are nobody's own, or of limits."""
    owners = User.objects.filter(is_active=True, actor__is_active=True, actor__role="owner")
    for owner in owners.exclude(email="").order_by("pk"):
        queue_account_mail(user=owner, kind=kind, detail=detail)


def tell_secret(*, what: str, facts: Mapping[str, object], by: Actor) -> None:
    """Record, in the caller's transaction, that a secret of a connection was made or changed, and mail every owner.

    what    the connection in words, and `facts` its ids for the security event: never the secret
    """
    record_security_event(kind="secret_changed", actor=by.pk, facts=facts)
    tell_owners(kind=AccountMail.Kind.SECRET_CHANGED, detail=f"{what} ({by.name[:60]})")


def has_due_account_mails(*, now: datetime) -> bool:
    """Whether a mail about an account is due."""
    return is_due(MAILS, now=now)


@rests_while_paused
def send_account_mails(*, now: datetime, limit: int = 20, for_s: float = inf) -> int:
    """Send what is due, one by one, each outside any transaction; return how many were sent.

    for_s   seconds after which no other is begun
    """
    begun, sent = monotonic(), 0
    with MailConnection() as server:
        for _place in range(limit):
            moment = now + timedelta(seconds=monotonic() - begun)
            ids = lease(MAILS, now=moment, limit=1)
            with worked_on(MAILS, ids):
                mail = AccountMail.objects.filter(pk__in=ids).select_related("user").first()
                if mail is None:
                    break
                sent += _try(mail, server, moment)
            if monotonic() - begun > for_s:
                break
    return sent


def _try(mail: AccountMail, server: MailConnection, now: datetime) -> bool:
    """Send one mail and note the outcome; return whether it was sent."""
    try:
        server.send(worded(mail))
    except Exception as error:
        logger.warning("Account mail %s could not be sent: %s", mail.pk, type(error).__name__)
        _note_failure(mail, error, now)
        return False
    AccountMail.objects.filter(pk=mail.pk).update(
        status="sent", sent_at=now, error="", is_leased=False
    )
    return True


def worded(mail: AccountMail) -> EmailMessage:
    """Word a mail in its person's language; a link in it is made now."""
    user = mail.user
    with translation.override(user.language or "en"), timezone.override(user.time_zone or None):
        link = one_time_link(user) if mail.kind == AccountMail.Kind.PASSWORD_RESET else ""
        text = render_to_string(
            f"account_mails/{mail.kind}.txt",
            {
                "mail": mail,
                "user": user,
                "link": link,
                "company": own_company(),
                "reset_url": f"{settings.PUBLIC_BASE_URL}/accounts/password/reset/",
            },
        ).strip()
    subject, _newline, body = text.partition("\n")
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return EmailMessage(
        subject=subject,
        body=body.strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[mail.recipient],
        headers={
            "Message-ID": f"<account-{mail.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )


@transaction.atomic
def _note_failure(mail: AccountMail, error: Exception, now: datetime) -> None:
    tried = mail.attempts + 1
    AccountMail.objects.filter(pk=mail.pk).update(
        attempts=tried,
        is_leased=False,
        status="failed" if tried >= MAILS.most else "waiting",
        due_at=now + timedelta(seconds=min(3600, 10 * 2**tried)),
        error=type(error).__name__[:200],
    )


@transaction.atomic(savepoint=False)
def replay_account_mails(*, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Let mails about accounts that were given up be tried again; return how many.

    One that waits again already, since somebody asked for it anew, is not sent twice.
    """
    require(by, BACKLOG.right)
    again = 0
    for mail in AccountMail.objects.filter(pk__in=ids, status="failed").order_by("pk"):
        same = AccountMail.objects.filter(
            user_id=mail.user_id, kind=mail.kind, recipient=mail.recipient, detail=mail.detail
        )
        if not same.filter(status="waiting").exists():
            failed = AccountMail.objects.filter(pk=mail.pk, status="failed")
            again += failed.update(status="waiting", attempts=0, is_leased=False, due_at=now)
    return again
