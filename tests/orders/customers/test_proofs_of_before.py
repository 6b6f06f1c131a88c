"""What the upgrade knows of customers that were there: granted terms go on, stated contacts prove nothing."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection

from orders.models import Customer, CustomerGroup, CustomerIdentity

pytestmark = pytest.mark.django_db


def test_what_people_had_agreed_goes_on_and_nothing_else_is_proven():
    group = CustomerGroup.objects.create(code="trade", name="Trade")
    terms = {
        "nothing": {},
        "group": {"group": group},
        "limit": {"credit_limit": Decimal(100)},
        "days": {"payment_days": 14},
    }
    for name, agreed in terms.items():
        customer = Customer.objects.create(name=name, **agreed)
        for kind in ("external", "email", "phone"):
            CustomerIdentity.objects.create(customer=customer, kind=kind, value=f"{kind}:{name}")
    with connection.cursor() as cursor:
        cursor.execute(import_module("orders.migrations.0015_proven_identities").KNOWN)

    proven = CustomerIdentity.objects.exclude(proven_at=None)
    assert {(i.value, i.proven_by) for i in proven} == {
        ("external:group", "before"),
        ("external:limit", "before"),
        ("external:days", "before"),
    }
    accounts = Customer.objects.filter(has_account=True).values_list("name", flat=True)
    assert set(accounts) == {"group", "days"}  # who has a limit buys up to it
