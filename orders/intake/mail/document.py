"""Makes the document of an order draft."""

from collections.abc import Mapping
from typing import Any

from erp.access.models import Actor
from erp.api.values import stamp
from erp.ids import public_id
from erp.reasons import Reason
from orders.customers.readers import Reader, reader_of
from orders.intake.mail.models import OrderDraft
from orders.intake.messages.wording import issue_text


def draft_document(draft: OrderDraft, by: Actor) -> dict[str, object]:
    """A draft as the API shows it.

    What its sender wrote holds contacts: for those who see these masked, `subject` is hidden, `text` and what was
    read of the name and the address are null. `confidence` is from 0 to 1.
    """
    reader, reading = reader_of(by), draft.reading
    is_clear = reader.is_clear
    return {
        "object": "draft",
        "id": public_id("drf", draft.pk),
        "channel": draft.channel.code,
        "status": draft.status,
        "message": public_id("msg", draft.message_id),
        "sender": reader.email(draft.sender),
        "subject": reader.words(draft.subject),
        "text": draft.text if is_clear else None,
        "lines": [_line(line) for line in reading.get("lines", [])],
        "name": _said(reading, "name") if is_clear else None,
        "ship_to": _said(reading, "ship_to") if is_clear else None,
        "need_by": _said(reading, "need_by"),
        "issues": [
            {"code": issue["code"], "detail": str(issue_text(_shown(issue, reader)))}
            for issue in reading.get("issues", [])
        ],
        "order": draft.order.number if draft.order else None,
        "created_at": stamp(draft.created_at),
        "ended_at": stamp(draft.ended_at) if draft.ended_at else None,
    }


def _shown(issue: Reason, reader: Reader) -> Reason:
    """What is to be looked at, with the words of the letter for whoever may read it."""
    params = dict(issue.get("params", {}))
    if "words" in params:
        params["words"] = reader.words(str(params["words"]))
    return {**issue, "params": params}


def _line(line: Mapping[str, Any]) -> dict[str, object]:
    return {name: line[name] for name in ("sku", "quantity", "confidence")}


def _said(reading: Mapping[str, Any], name: str) -> dict[str, object] | None:
    """What was read under a name: its value and how sure that is; None where nothing was said."""
    said = reading.get(name) or {}
    if not said.get("value"):
        return None
    return {"value": said["value"], "confidence": said.get("confidence", 0)}
