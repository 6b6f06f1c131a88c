"""Opens for somebody what shows a customer, and writes the look down where contacts are masked for them."""

from dataclasses import replace

from django.utils import timezone

from erp.errors import NotAllowed
from erp.once import perform
from erp.web.pages import StaffRequest
from orders.customers.actions.reveals import log_reveal
from orders.customers.readers import REVEAL, Purpose, Reader, reader_of


def reveal(request: StaffRequest, subject: str, why: str = "") -> Reader:
    """Show somebody what is masked for them: the reader they are then. Raises NotAllowed without the right.

    subject, why   as `log_reveal` takes them; who sees contacts anyway is not written down
    """
    reader = reader_of(request.actor)
    if reader.is_clear:
        return reader
    if REVEAL not in request.actor.verbs:
        raise NotAllowed
    _note(request, subject, why, REVEAL)
    return reader.revealed()


def open_paper(request: StaffRequest, subject: str, why: str, purpose: Purpose) -> Reader:
    """Who somebody is as the reader of a paper: in clear where its purpose is their work, which is recorded."""
    reader, verbs = reader_of(request.actor), request.actor.verbs
    right = next((right for right in purpose.value if right in verbs), "")
    if reader.is_clear or not right:
        return reader
    _note(request, subject, why, right)
    return replace(reader, is_at_work=True) if purpose is Purpose.PACKING else reader.revealed()


def _note(request: StaffRequest, subject: str, why: str, right: str) -> None:
    perform(log_reveal, subject=subject, why=why, right=right, by=request.actor, now=timezone.now())
