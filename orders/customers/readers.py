"""Shapes what somebody is shown of customers, addresses and what they wrote: the one place that decides.

Pages, papers, exports, the API and mails ask a `Reader`; none of them reads a contact past it
(`tests/architecture/test_readers.py`), and `tests/canary` looks whether any does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

from erp.access.models import Actor
from orders.customers.masking import (
    STAR,
    masked_email,
    masked_name,
    masked_number,
    masked_phone,
)

CLEAR = "customers.contact"  # who has this right sees everything at once
REVEAL = "customers.reveal"  # who has this one asks, and is written down
HIDDEN = STAR * 3  # what says too much to be shown in part

# What findings and holds say of a customer as the company and its other channels know them ...
OF_OTHERS = frozenset(
    {
        "customer_blocked",
        "contact_blocked",
        "terms_not_proven",
        "terms_proven",
        "contact_of_another",
        "credit_exceeded",
        "possible_duplicate",
    }
)
# ... and the facts that decisions about an order were made of.
FACTS_OF_OTHERS = frozenset(
    {
        "customer_blocked",
        "blocked",
        "unproven_terms",
        "contact_of",
        "doubles",
        "credit_left",
        "owes",
        "customer_orders",
        "customer_is_new",
        "customer_group",
    }
)
WITHHELD = "withheld"  # the reason of a hold that says too much


class Purpose(Enum):
    """Work that needs a contact: the rights that it is done with open what it needs, and each look is recorded."""

    PACKING = ("fulfillment.pack", "fulfillment.ship")  # an address stands on the parcel
    BILLING = (REVEAL,)  # papers for the customer, which staff open for them


class Addressed(Protocol):
    """An address as a row has it."""

    name: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str
    email: str


class InvoiceDetails(Protocol):
    """In whose name an invoice is wanted, as a row has it."""

    title: str
    tax_id: str
    email: str
    registered_address: str
    registered_phone: str
    bank: str
    bank_account: str


@dataclass(frozen=True, slots=True)
class ShownAddress:
    """An address as its reader sees it."""

    name: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class ShownInvoiceDetails:
    """In whose name an invoice is wanted, as its reader sees it."""

    title: str
    tax_id: str
    email: str
    registered_address: str
    registered_phone: str
    bank: str
    bank_account: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads, as far as that decides what they are shown.

    knows_customers   may know who customers are at all: without it not even a mask is shown
    is_clear          sees contacts as they are
    may_reveal        may ask for them, and is written down
    is_at_work        does what an address is needed for: it is shown, e-mail and invoice details are not
    channel_id        of a key: what other channels were told is not its own
    """

    knows_customers: bool
    is_clear: bool
    may_reveal: bool = False
    is_at_work: bool = False
    channel_id: int | None = None

    def revealed(self) -> "Reader":
        """The same reader once they have asked, and were written down."""
        return replace(self, knows_customers=True, is_clear=True, may_reveal=False)

    def name(self, name: str) -> str:
        """Somebody's name: whole, or the first letter of each word."""
        if self.is_clear or self.is_at_work:
            return name
        return masked_name(name) if self.knows_customers else ""

    def email(self, email: str) -> str:
        if self.is_clear or not email:
            return email
        return masked_email(email) if self.knows_customers else ""

    def phone(self, phone: str) -> str:
        if self.is_clear or self.is_at_work:
            return phone
        return masked_phone(phone) if self.knows_customers else ""

    def identity(self, kind: str, value: str) -> str:
        """What a customer is recognised by, as its kind is shown; a channel's own id of them says nothing."""
        if kind == "email":
            return self.email(value)
        return self.phone(value) if kind == "phone" else value

    def address(self, address: Addressed | None) -> ShownAddress | None:
        """An address: whole, or with its place alone, which is enough for stock and routes."""
        if address is None or not (self.knows_customers or self.is_at_work):
            return None
        is_whole = self.is_clear or self.is_at_work
        return ShownAddress(
            name=self.name(address.name),
            line1=address.line1 if is_whole else HIDDEN,
            line2=address.line2 if is_whole else "",
            city=address.city,
            region=address.region,
            postal_code=address.postal_code,
            country=address.country,
            phone=self.phone(address.phone),
            email=self.email(address.email),
        )

    def invoice_details(self, asked: InvoiceDetails | None) -> ShownInvoiceDetails | None:
        """In whose name an invoice is wanted: whole, or enough to recognise it by."""
        if asked is None or not self.knows_customers:
            return None
        return ShownInvoiceDetails(
            title=asked.title if self.is_clear else masked_name(asked.title),
            tax_id=self.number(asked.tax_id),
            email=self.email(asked.email),
            registered_address=self.words(asked.registered_address),
            registered_phone=asked.registered_phone
            if self.is_clear
            else masked_phone(asked.registered_phone),
            bank=self.words(asked.bank),
            bank_account=self.number(asked.bank_account),
        )

    def number(self, number: str) -> str:
        """A tax id or an account: whole, or its end."""
        return number if self.is_clear else masked_number(number)

    def words(self, text: str) -> str:
        """What a customer wrote, or a row of a file: it cannot be masked in part, so it is shown or it is not."""
        return text if self.is_clear or not text else HIDDEN

    def message(self, context: Mapping[str, object]) -> dict[str, object]:
        """What a message to a customer is made of, for somebody who looks at it: see `orders.order.messages`."""
        if self.is_clear:
            return dict(context)
        contact: dict[str, object] = {"email": "", "phone": ""}
        if "address" in context:
            contact["address"] = self.address(context["address"])  # type: ignore[arg-type]
        return {**context, **{name: contact[name] for name in contact if name in context}}


def without_others(said: Any) -> Any:
    """What was decided about an order, or a step of its timeline, without what it tells of customers of other channels.

    Whoever names somebody's phone in an order asks with it whether that person is blocked, and what they have agreed.
    A finding is left out; a hold, which is there to see, has no reason.
    """
    if isinstance(said, Mapping):
        kept = {
            name: [_pair_without_others(hold) for hold in value]
            if name == "holds"
            else without_others(value)
            for name, value in said.items()
            if name not in FACTS_OF_OTHERS
        }
        return (
            hold_without_others({**kept, "reason": said["reason"]})
            if _tells(said.get("reason"))
            else kept
        )
    if isinstance(said, list | tuple):
        return [without_others(one) for one in said if not _tells(one)]
    return WITHHELD if _tells(said) else said


def hold_without_others(hold: Mapping[str, Any]) -> dict[str, Any]:
    """A hold, as a row or a step of a timeline has it, without a reason that tells of a customer of other channels."""
    is_told = _tells(hold.get("reason"))
    return {**hold, "kind": "customer", "reason": WITHHELD} if is_told else dict(hold)


def _pair_without_others(hold: Any) -> Any:
    """A hold as decisions have it: its kind and its reason, with more of a rule's."""
    if isinstance(hold, list | tuple):
        return ["customer", WITHHELD] if any(map(_tells, hold)) else list(hold)
    return without_others(hold)


def tells_of_others(hold: Mapping[str, Any]) -> bool:
    """Whether the reason of a hold says something of its customer that another channel may know."""
    return _tells(hold.get("reason"))


def _tells(said: object) -> bool:
    """Whether it is such a code, or has one as its own: a finding, or the reason that there is one."""
    if isinstance(said, Mapping):
        params = said.get("params")
        return _tells(said.get("code")) or (
            isinstance(params, Mapping) and _tells(params.get("finding"))
        )
    return isinstance(said, str) and said in OF_OTHERS


THEMSELVES = Reader(knows_customers=True, is_clear=True)  # a customer, of what is theirs
MASKED = Reader(knows_customers=True, is_clear=False)  # a cell of a list, for who lacks CLEAR


def reader_of(actor: Actor) -> Reader:
    """Who somebody is as a reader. Never queries: the company's mask for all took CLEAR away at sign-in."""
    knows = "customers.view" in actor.verbs
    is_clear = CLEAR in actor.verbs
    return Reader(
        knows_customers=knows,
        is_clear=is_clear,
        may_reveal=not is_clear and knows and REVEAL in actor.verbs,
        channel_id=actor.channel_id,
    )


def may_open(actor: Actor, purpose: Purpose) -> bool:
    """Whether somebody gets a paper of some work in clear: it is theirs to do, or they see contacts."""
    return CLEAR in actor.verbs or not actor.verbs.isdisjoint(purpose.value)


def reader_at_work(actor: Actor, purpose: Purpose) -> Reader:
    """Who somebody is as a reader while they do some work; as anywhere else where it is not theirs to do.

    A company that masks for all masks here too: then only the paper of the work, which is recorded, is in clear.
    """
    reader = reader_of(actor)
    is_at_work = not actor.masks and not actor.verbs.isdisjoint(purpose.value)
    return replace(reader, is_at_work=is_at_work)
