"""Reads a mailbox by IMAP without marking, moving or deleting anything."""

import imaplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from imap_tools import AND, BaseMailBox, ImapToolsError, MailBox, MailBoxUnencrypted, U

from erp.effects.door import refuse_while_paused

TIMEOUT_S = 30


MOST_BYTES = 10 * 1024 * 1024  # of one mail: what is longer is cut off there


class MailboxUnavailable(Exception):
    """A mailbox that cannot be reached, refuses the password or speaks nonsense."""


@dataclass(frozen=True)
class Mailbox:
    """Where mails are, and how to sign in."""

    host: str
    port: int
    user: str
    password: str
    folder: str


@dataclass(frozen=True)
class Fetched:
    """A mail as it lies there. `uid` grows within one `validity` (RFC 9051, 2.3.1.1)."""

    validity: int
    uid: int
    body: bytes


def new_mails(
    mailbox: Mailbox, *, validity: int, after_uid: int, since: date, most: int
) -> Iterator[Fetched]:
    """The mails after one, the oldest first; those since a day where the mailbox was numbered anew.

    validity, after_uid   of the last mail that was fetched; 0 before the first
    Raises MailboxUnavailable. Nothing changes in the mailbox.
    """
    try:
        with _signed_in(mailbox) as box:
            now_validity = int(box.folder.status(mailbox.folder)["UIDVALIDITY"])
            box.folder.set(mailbox.folder, readonly=True)
            known = validity == now_validity and after_uid > 0
            wanted = AND(uid=U(str(after_uid + 1), "*")) if known else AND(date_gte=since)
            uids = sorted(int(uid) for uid in box.uids(wanted))
            # "n:*" names the last mail even where its number is smaller (RFC 9051, 9: seq-range).
            for uid in [u for u in uids if not known or u > after_uid][:most]:
                body = _body(box, uid)
                if body:
                    yield Fetched(now_validity, uid, body)
    except (OSError, ImapToolsError, imaplib.IMAP4.error, ValueError, KeyError) as error:
        raise MailboxUnavailable(f"{type(error).__name__}: {error}"[:280]) from error


def _signed_in(mailbox: Mailbox) -> BaseMailBox:
    """An encrypted connection; a plain one only to hosts that were named as our own."""
    refuse_while_paused()
    box: BaseMailBox
    if mailbox.host in settings.WEBHOOK_PRIVATE_HOSTS:
        box = MailBoxUnencrypted(mailbox.host, mailbox.port, timeout=TIMEOUT_S)
    else:
        box = MailBox(mailbox.host, mailbox.port, timeout=TIMEOUT_S)
    return box.login(mailbox.user, mailbox.password, initial_folder=None)


def _body(box: BaseMailBox, uid: int) -> bytes:
    """A mail's bytes as they lie there; b"" where somebody has deleted it meanwhile."""
    _answer, parts = box.client.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
    return next((part[1] for part in parts or () if isinstance(part, tuple)), b"")
