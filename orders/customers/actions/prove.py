"""Proves customers' identities, and takes that back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.errors import Conflict, Invalid
from erp.queries import find_one
from orders.customers.models import CustomerIdentity, IdentityProof, Proof

REASON = 200  # characters of a reason that are kept


@transaction.atomic(savepoint=False)
def verify_identity(*, identity_id: int, why: str, by: Actor, now: datetime) -> CustomerIdentity:
    """Write down that a member of staff knows an identity to be its customer's, and why.

    It may open their terms to orders that state it the way that proves it, so it needs the right to agree terms.
    Raises Invalid without a reason, Conflict where it is proven already, NotFound.
    """
    require(by, "customers.terms")
    sign_history(by)
    if not why.strip():
        raise Invalid(_("Say how you know that it is theirs."))
    identity = find_one(CustomerIdentity.objects.select_for_update().filter(pk=identity_id))
    if identity.proven_at is not None:
        raise Conflict(_("This is verified already."))
    return _prove(identity, Proof.PERSON, why=why.strip(), by=by, now=now)


@transaction.atomic(savepoint=False)
def prove_address(*, customer_id: int, value: str, order_id: int, by: Actor, now: datetime) -> bool:
    """Prove an e-mail address by the link of a message to it, where it can: only as one that its customer was made of.

    order_id   the order that the message was about
    Returns whether it is proven now. An address that an order added to somebody known is proven by a person alone: a
    stranger named a customer's phone beside an address of their own, pressed the button in their mail, and was the
    customer. Another customer's address proves nothing either.
    """
    sign_history(by)
    identity = (
        CustomerIdentity.objects.select_for_update()
        .filter(customer_id=customer_id, kind="email", value=value)
        .first()
    )
    if identity is None:
        return False
    if identity.proven_at is None and identity.is_founding:
        _prove(identity, Proof.LINK, order_id=order_id, by=by, now=now)
    return identity.proven_at is not None


def _prove(
    identity: CustomerIdentity,
    how: Proof,
    *,
    why: str = "",
    order_id: int | None = None,
    by: Actor,
    now: datetime,
) -> CustomerIdentity:
    identity.proven_at, identity.proven_by = now, how
    identity.save(update_fields=["proven_at", "proven_by"])
    IdentityProof.objects.create(
        identity=identity, how=how, why=why[:REASON], order_id=order_id, at=now, by=by
    )
    return identity


@transaction.atomic(savepoint=False)
def unverify_identity(*, identity_id: int, by: Actor, now: datetime) -> CustomerIdentity:
    """Take it back that an identity is proven, however it was. Raises Conflict where nothing proves it, NotFound."""
    require(by, "customers.terms")
    sign_history(by)
    identity = find_one(CustomerIdentity.objects.select_for_update().filter(pk=identity_id))
    if identity.proven_at is None:
        raise Conflict(_("This is not verified."))
    open_proofs = IdentityProof.objects.filter(identity=identity, undone_at=None)
    if not open_proofs.update(
        undone_at=now, undone_by=by
    ):  # a shop's, or of before: kept from here on
        IdentityProof.objects.create(
            identity=identity,
            how=identity.proven_by,
            at=identity.proven_at,
            by=by,
            undone_at=now,
            undone_by=by,
        )
    identity.proven_at, identity.proven_by = None, ""
    identity.save(update_fields=["proven_at", "proven_by"])
    return identity
