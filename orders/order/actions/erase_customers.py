"""Exports and erases what is kept of a customer."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.errors import Conflict
from erp.jobs.actions import begin_job
from erp.jobs.models import Job
from erp.privacy.actions.erasure import begin_erasure
from erp.queries import find_one
from erp.security.actions import record_security_event
from orders.customers.models import Customer, PersonalDataLook


@transaction.atomic(savepoint=False)
def export_customer(*, customer_id: int, by: Actor, now: datetime) -> Job:
    """Begin to make a file of all that is kept of a customer, and log who asked. Raises NotFound."""
    require(by, "customers.export")
    customer = find_one(Customer.objects.filter(pk=customer_id))
    PersonalDataLook.objects.create(
        subject=f"customer:{customer.pk}", why=_("Export of personal data"), by=by, at=now
    )
    facts = {"customer": customer.pk}
    record_security_event(kind="exported", actor=by.pk, facts=facts)
    return begin_job(
        kind="personal_export",
        name=_("Personal data of customer %(number)s") % {"number": customer.pk},
        asked={"customer": customer.pk},
        total=None,
        by=by,
        now=now,
    )


@transaction.atomic(savepoint=False)
def erase_customer(*, customer_id: int, by: Actor, now: datetime) -> Job:
    """Begin to erase a customer, with everybody merged into them. Raises NotFound, Conflict."""
    require(by, "customers.erase")
    sign_history(by)
    customer = find_one(Customer.objects.filter(pk=customer_id))
    if customer.merged_into_id is not None:
        raise Conflict(_("This customer was merged into another one: erase that one."))
    return begin_erasure(customer_id=customer.pk, by=by, now=now)
