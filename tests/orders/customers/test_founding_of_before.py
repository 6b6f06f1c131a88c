"""What the upgrade knows of what customers were made of, and of the links that proved more than that."""

from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import CustomerIdentity, IdentityProof, Order
from tests.orders.customers.strangers import ACME, STRANGER, tea

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_link_proved_of_a_stranger_is_taken_back_and_of_the_customer_stays(
    api, victim, system
):
    stated = STRANGER | {"name": "Acme Ltd", "phone": ACME["phone"]}
    stranger = Order.objects.get(number=api.post("orders", tea(stated)).json()["number"])
    Order.objects.update(customer_proof="link")
    emails = CustomerIdentity.objects.filter(kind="email", customer=victim)
    for identity in emails:
        IdentityProof.objects.create(identity=identity, how="link", at=timezone.now(), by=system)
    emails.update(proven_by="link", proven_at=timezone.now())
    CustomerIdentity.objects.update(is_founding=False)

    migration = import_module("orders.migrations.0019_founding_contacts")
    with connection.cursor() as cursor:
        cursor.execute(migration.FOUNDING)
        cursor.execute(migration.TAKEN_BACK)

    own, added = (emails.get(value=email) for email in (ACME["email"], STRANGER["email"]))
    assert (own.is_founding, own.proven_by) == (True, "link")
    assert (added.is_founding, added.proven_by) == (False, "")
    assert victim.identities.get(kind="phone").is_founding
    assert IdentityProof.objects.get(undone_at=None).identity == own
    proofs = {order.pk: order.customer_proof for order in Order.objects.all()}
    assert proofs == {victim.order.pk: "link", stranger.pk: ""}
