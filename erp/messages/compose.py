"""Renders a notification in the customer's language and queues it, once per event."""

import json
from collections.abc import Mapping

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


@transaction.atomic(savepoint=False)
def queue_message(
    *,
    event: Event,
    template: str,
    subject_ref: str,
    language: str,
    recipient: str,
    context: Mapping[str, object],
    structured: Mapping[str, object],
    attachment: str = "",
) -> None:
    """Render a notification and leave it waiting to be sent, once for each event, template and recipient.

    Who has no e-mail address gets a text message where a provider is set up: its first line and a link, to the
    "phone" of the context. Nothing is queued without a recipient, and where the channel tells its customers by itself.

    template     below templates/messages/: its first line of text is the subject
    structured   schema.org JSON-LD that mail programs show as a card
    attachment   a paper it brings, as "kind:primary key" (`erp.wiring.PAPERS`), made when it is sent
    """
    phone = "" if recipient else str(context.get("phone", ""))
    if not recipient and not (phone and settings.SMS_ACCOUNT):
        return
    if event.channel_id is not None and _is_silent(event.channel_id):
        return
    subject, body, html = rendered(
        template, language, context, structured, channel_id=event.channel_id
    )
    if phone:
        link = context.get(f"{template}_url") or context.get("tracking_url", "")
        body, html, attachment = f"{subject} {link}".strip(), "", ""
    message = Message(
        event=event,
        template=template,
        recipient=recipient or phone,
        medium=Message.Medium.SMS if phone else Message.Medium.EMAIL,
        subject_ref=subject_ref,
        language=language,
        subject=subject[:250],
        text=body,
        html=html,
        attachment=attachment,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)  # message_once_per_event


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
