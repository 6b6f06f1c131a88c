"""Reads the body of an incoming message, outside of the transaction that acts on it.

A message that took twenty seconds to read held one open for as long, and with it every event that is told in order.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from erp.access.models import Channel
from erp.queries import find_one
from erp.zones import zone_of_channel
from orders.intake.edi.interchanges import read as read_interchange
from orders.intake.mail.attached import AttachedSheet, read_sheets
from orders.intake.mail.mail import Mail, kind_of, read_received
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.models import IncomingMessage
from orders.intake.messages.statements import Statement
from orders.intake.shops import shopify, woocommerce

READERS: Mapping[str, Callable[..., list[Statement]]] = {
    "shopify": shopify.read,
    "woocommerce": woocommerce.read,
}
ANSWERED = frozenset({"x12", "edifact", "ubl"})  # their senders expect an acknowledgement
WRITTEN = frozenset({"letter", "reply"})  # mails that somebody wrote: their sheets are read


class Body(NamedTuple):
    """What a body says: statements, or a mail with its sheets; `refusal` says why it says nothing."""

    statements: Sequence[Statement] = ()
    mail: Mail | None = None
    sheets: Sequence[AttachedSheet] = ()
    refusal: Unreadable | None = None


def read_body(*, message_id: int) -> Body:
    """Read a message's body; a refusal is an answer too."""
    rows = IncomingMessage.objects.filter(pk=message_id)
    message = find_one(rows.defer("body"))
    body = bytes(rows.values_list("body", flat=True).get())  # held once: it has ten megabytes
    try:
        if message.source == "mail":
            mail = read_received(body)
            sheets = read_sheets(mail.attachments) if kind_of(mail) in WRITTEN else ()
            return Body(mail=mail, sheets=list(sheets))
        return Body(statements=_statements(message, body))
    except Unreadable as refusal:
        return Body(refusal=refusal)


def _statements(message: IncomingMessage, body: bytes) -> list[Statement]:
    channel = Channel.objects.get(pk=message.channel_id)
    if message.source in ANSWERED:
        zone = zone_of_channel(channel.pk)
        return read_interchange(message.source, body, currency=channel.currency, zone=zone)
    return READERS[message.source](message.topic, body, currency=channel.currency)
