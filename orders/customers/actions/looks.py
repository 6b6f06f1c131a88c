"""Showing personal data to who asks for it, and writing down that they did."""

from datetime import datetime

from django.db import transaction

from erp.access.models import Actor
from erp.access.queries import require
from orders.customers.models import PersonalDataLook


@transaction.atomic(savepoint=False)
def note_look(*, subject: str, why: str = "", by: Actor, now: datetime) -> PersonalDataLook:
    """Write down that somebody has personal data shown that is masked for them.

    subject   "order:<id>", "customer:<id>", "message:<id>", "draft:<id>"
    """
    require(by, "customers.reveal")
    return PersonalDataLook.objects.create(subject=subject[:40], why=why[:200], by=by, at=now)
