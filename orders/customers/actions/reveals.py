"""Reveals masked personal data and logs who asked for it."""

from datetime import datetime

from django.db import transaction

from erp.access.models import Actor
from erp.access.queries import require
from orders.customers.models import PersonalDataLook
from orders.customers.readers import REVEAL


@transaction.atomic(savepoint=False)
def log_reveal(
    *, subject: str, why: str = "", right: str = REVEAL, by: Actor, now: datetime
) -> PersonalDataLook:
    """Log that personal data was revealed to somebody: masked data, a paper, or a file of it.

    subject   "order:<id>", "customer:<id>", "message:<id>", "draft:<id>", "parcel:<id>", "job:<id>"
    why       the paper or the work, by its code: see `orders.desk.lists.customers`
    right     by which they see it: to ask, to do the work it is needed for, or to see contacts at once
    """
    require(by, right)
    return PersonalDataLook.objects.create(subject=subject[:40], why=why[:200], by=by, at=now)
