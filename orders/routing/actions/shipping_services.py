"""Adds and changes shipping services with their fees and days."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from erp.access.actions import save_checked
from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.queries import find_one
from orders.routing.models.carriers import ShippingService


@transaction.atomic(savepoint=False)
def add_service(*, by: Actor, now: datetime, **fields: object) -> ShippingService:
    """Add a shipping service. Raises Invalid naming the fields that are wrong."""
    require(by, "settings.edit")
    sign_history(by)
    return save_checked(ShippingService(**fields))


@transaction.atomic(savepoint=False)
def change_service(
    *, service_id: int, translations: Mapping[str, str], by: Actor, now: datetime, **fields: object
) -> ShippingService:
    """Change a service's names, carrier, fee or days, or switch it off: orders placed keep theirs.

    translations   names by language: an empty one is taken away, other languages keep theirs
    """
    require(by, "settings.edit")
    sign_history(by)
    service = find_one(ShippingService.objects.select_for_update().filter(pk=service_id))
    service.translate(translations)
    for name, value in fields.items():
        setattr(service, name, value)
    return save_checked(service)
