"""Reveals masked personal data and logs who asked for it."""

from datetime import datetime

from django.db import transaction

from erp.access.models import Actor
from erp.access.queries import require
from orders.customers.models import PersonalDataLook


@transaction.atomic(savepoint=False)
def log_reveal(*, subject: str, why: str = "", by: Actor, now: datetime) -> PersonalDataLook:
    """Log that masked personal data was revealed to somebody.

    subject   "order:<id>", "customer:<id>", "message:<id>", "draft:<id>"
    """
    require(by, "customers.reveal")
    return PersonalDataLook.objects.create(subject=subject[:40], why=why[:200], by=by, at=now)
