"""Signs the links by which customers follow their orders. They end, and staff can withdraw them."""

from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.core import signing
from django.db.models import Q, QuerySet

from orders.order.models.order import Order

# After an order has ended, and after it was placed where it never does: as long as goods are sent back or claimed for.
ENDS_AFTER, LONGEST = timedelta(days=180), timedelta(days=730)
WITHDRAWN = "~"  # between an order's number and how often its links were withdrawn


def tracking_url(number: str, withdrawn: int) -> str:
    """The public page of an order, with a signature instead of a password.

    withdrawn   how often the order's links were withdrawn: those of before work no more
    """
    return f"{settings.PUBLIC_BASE_URL}/track/?t={tracking_token(number, withdrawn)}"


def tracking_token(number: str, withdrawn: int) -> str:
    """What a tracking link says after `t=`."""
    return tracking_signer().sign(_named(number, withdrawn))


def choice_url(number: str, withdrawn: int) -> str:
    """The public page where a customer chooses what becomes of short goods."""
    return f"{settings.PUBLIC_BASE_URL}/choose/?t={choice_signer().sign(_named(number, withdrawn))}"


def _named(number: str, withdrawn: int) -> str:
    return f"{number}{WITHDRAWN}{withdrawn}" if withdrawn else number


def order_of_link(signer: signing.Signer, token: str, now: datetime) -> Order | None:
    """The order that a link was signed for; None where it was not, has ended or was withdrawn."""
    try:
        number, _mark, withdrawn = signer.unsign(token).partition(WITHDRAWN)
    except signing.BadSignature:
        return None
    orders = orders_followed(now).filter(number=number, links_withdrawn=int(withdrawn or 0))
    return orders.first()


def orders_followed(now: datetime) -> QuerySet[Order]:
    """The orders whose customers may still follow them, by a link or by what they state."""
    return Order.objects.filter(
        Q(ended_at=None, placed_at__gt=now - LONGEST) | Q(ended_at__gt=now - ENDS_AFTER)
    )


@cache
def tracking_signer() -> signing.Signer:
    """Signs and checks the order numbers in tracking links."""
    return signing.Signer(salt="tracking")


@cache
def choice_signer() -> signing.Signer:
    """Signs and checks the order numbers in links to a choice; one to follow an order is not enough."""
    return signing.Signer(salt="choice")


def contact_url(number: str, withdrawn: int, email: str) -> str:
    """The page of an order as a message to an address links it: only its reader can say that the address is theirs."""
    signature = contact_signer().signature(f"{_named(number, withdrawn)} {email}")
    return f"{tracking_url(number, withdrawn)}&c={signature}"


def is_contact(number: str, withdrawn: int, email: str, signature: str) -> bool:
    """Whether a link's signature is the one of a message about an order to an address, and was not withdrawn since.

    Signed without that, the signature of a withdrawn link and a new link of a search made a stranger the customer.
    """
    try:
        contact_signer().unsign(f"{_named(number, withdrawn)} {email}:{signature}")
    except signing.BadSignature:
        return False
    return True


@cache
def contact_signer() -> signing.Signer:
    """Signs that a message about an order went to an address; to follow the order is not enough."""
    return signing.Signer(salt="contact")
