"""Sends text messages. Source: Twilio's API reference, Messages resource of 2010-04-01."""

import base64
from urllib.parse import quote, urlencode

import msgspec
from django.conf import settings

from erp.bounds import NO_JSON
from erp.events.webhook_client import ask, checked

MOST_BYTES = 64 * 1024


class NotSent(Exception):
    """The provider did not take the message."""


def send_text(*, to: str, text: str) -> str:
    """Hand a text to the provider that the settings name; its id of it. Raises NotSent, OSError, Refused.

    to   in E.164
    """
    account = settings.SMS_ACCOUNT
    token = base64.b64encode(f"{account}:{settings.SMS_SECRET}".encode()).decode()
    path = f"/2010-04-01/Accounts/{quote(account, '')}/Messages.json"
    status, _headers, body = ask(
        "POST",
        checked(settings.SMS_URL.rstrip("/") + path),
        urlencode({"To": to, "From": settings.SMS_FROM, "Body": text}).encode(),
        {"Authorization": f"Basic {token}", "Content-Type": "application/x-www-form-urlencoded"},
        MOST_BYTES,
    )
    try:
        said = msgspec.json.decode(body)
    except NO_JSON:
        said = {}
    said = said if isinstance(said, dict) else {}
    if status not in {200, 201}:
        raise NotSent(f"it answered {status}: {str(said.get('message', ''))[:200]}")
    return str(said.get("sid", ""))[:64]
