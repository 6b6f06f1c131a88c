"""Renders a notification in the customer's language and queues it, once per event."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from erp.access.models import Channel
from erp.access.queries import own_company
from erp.events.models import Event
from erp.messages.models import Message
from erp.remembered import remembered
from erp.zones import zone_shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message about something that happened, before it is rendered.

    template     below templates/messages/: its first line of text is the subject
    subject_ref  what it is about: "order:42"
    recipient    an e-mail address; who has none gets a text message, to the "phone" of the context
    structured   schema.org JSON-LD that mail programs show as a card
    attachment   a paper it brings, as "kind:primary key" (`erp.wiring.PAPERS`), made when it is sent
    """

    event: Event
    template: str
    subject_ref: str
    language: str
    recipient: str
    context: Mapping[str, object]
    structured: Mapping[str, object]
    attachment: str = ""


@transaction.atomic(savepoint=False)
def queue_messages(*, notifications: Sequence[Notification]) -> None:
    """Render notifications and leave them waiting to be sent, once for each event, template and recipient.

    Who has no e-mail address gets a text message where a provider is set up: its first line and a link. Nothing is
    queued without a recipient, and where the channel tells its customers by itself.
    """
    messages = [message for each in notifications if (message := _message(each))]
    Message.objects.bulk_create(messages, ignore_conflicts=True)  # message_once_per_event


def _message(told: Notification) -> Message | None:
    """A notification as it is sent; None where its recipient is told nothing."""
    event, context = told.event, told.context
    phone = "" if told.recipient else str(context.get("phone", ""))
    if not told.recipient and not (phone and settings.SMS_ACCOUNT):
        return None
    if event.channel_id is not None and _is_silent(event.channel_id):
        return None
    subject, body, html = rendered(
        told.template, told.language, context, told.structured, channel_id=event.channel_id
    )
    attachment = told.attachment
    if phone:
        link = context.get(f"{told.template}_url") or context.get("tracking_url", "")
        body, html, attachment = f"{subject} {link}".strip(), "", ""
    return Message(
        event=event,
        template=told.template,
        recipient=told.recipient or phone,
        medium=Message.Medium.SMS if phone else Message.Medium.EMAIL,
        subject_ref=told.subject_ref,
        language=told.language,
        subject=subject[:250],
        text=body,
        html=html,
        attachment=attachment,
    )


@remembered
def _is_silent(channel_id: int) -> bool:
    """Whether a channel tells its customers by itself."""
    return Channel.objects.filter(pk=channel_id, tells_customers=False).exists()


def rendered(
    template: str,
    language: str,
    context: Mapping[str, object],
    structured: Mapping[str, object],
    *,
    channel_id: int | None,
) -> tuple[str, str, str]:
    """Render a notification's subject, text and HTML in the customer's language and zone."""
    with translation.override(language or "en"), zone_shown(channel_id):
        filled = {
            **context,
            "company": own_company(),
            "base_url": settings.PUBLIC_BASE_URL,
            "language": language,
            "structured": _script_safe(structured),
        }
        text = render_to_string(f"messages/{template}.txt", filled).strip()
        html = render_to_string(f"messages/{template}.html", filled)
    subject, _, body = text.partition("\n")
    return subject, body.strip(), html


def _script_safe(document: Mapping[str, object]) -> str:
    """JSON that may stand inside a script element, whatever customers called themselves."""
    text = json.dumps({"@context": "https://schema.org", **document}, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
