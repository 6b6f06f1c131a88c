"""Declares the verbs of what proves a customer: of an identity, and of an order."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.ids import primary_key, public_id
from erp.queries import find_one
from erp.shapes import Reason
from erp.verbs import Ask, NoBody, Noun, Verb
from orders.customers.actions.prove import unverify_identity, verify_identity
from orders.customers.models import CustomerIdentity
from orders.order.actions.whose import verify_customer
from orders.order.document import OrderFacts
from orders.order.models.order import Order
from orders.order.queries import find_customer, read_customer


class WhyBody(msgspec.Struct, forbid_unknown_fields=True):
    """How somebody knows: they called back, the contract is signed."""

    reason: Annotated[Reason, Ask(gettext_lazy("How do you know?"))]


def find_identity(actor: Actor, customer: str, identity: str) -> CustomerIdentity:
    """An identity of a customer; raises NotFound."""
    rows = CustomerIdentity.objects.filter(customer=find_customer(actor, customer))
    return find_one(rows.filter(pk=primary_key("idn", identity) or 0))


IDENTITY: Noun[CustomerIdentity] = Noun(
    name="customer_identity",
    path="customers/<str:customer>/identities/<str:identity>",
    argument="identity_id",
    right="customers.view",
    find=find_identity,
    show=lambda pk, by: read_customer(CustomerIdentity.objects.get(pk=pk).customer_id, by),
    page=lambda identity: f"/customers/{public_id('cus', identity.customer_id)}/",
)


def _why(_row: object, body: WhyBody, _by: Actor) -> Mapping[str, object]:
    return {"why": body.reason}


def _is_proven(identity: CustomerIdentity) -> bool:
    return identity.proven_at is not None


def _is_unproven(identity: CustomerIdentity) -> bool:
    return identity.proven_at is None


VERIFY: Verb[CustomerIdentity, WhyBody] = Verb(
    "verify",
    verify_identity,
    "customers.terms",
    "Mark an identity of a customer as verified",
    gettext_lazy("Mark as verified"),
    gettext_lazy("Verified."),
    body=WhyBody,
    arguments=_why,
    offered=_is_unproven,
)
UNVERIFY: Verb[CustomerIdentity, NoBody] = Verb(
    "unverify",
    unverify_identity,
    "customers.terms",
    "Take back that an identity of a customer is verified",
    gettext_lazy("Take the verification back"),
    gettext_lazy("No longer verified."),
    offered=_is_proven,
)


def _may_verify(order: OrderFacts) -> bool:
    return not order.customer_proof


VERIFY_CUSTOMER: Verb[Order, WhyBody] = Verb(
    "verify_customer",
    verify_customer,
    "customers.terms",
    "Confirm that its customer placed an order that only states their contact",
    gettext_lazy("Verify customer"),
    gettext_lazy("Customer verified."),
    body=WhyBody,
    offered=_may_verify,
    place="more",
    sentences={
        "customer.verified": gettext_lazy("The customer is verified (%(proof)s): %(reason)s")
    },
)

VERBS = (VERIFY, UNVERIFY)
ORDER_VERBS = (VERIFY_CUSTOMER,)
