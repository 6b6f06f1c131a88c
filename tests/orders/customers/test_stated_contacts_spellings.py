"""Spellings of a customer's contact that strangers state, and which of them are the customer's as it is kept."""

import pytest

from orders.customers.contacts import Buyer, identities
from tests.orders.customers.strangers import STRANGER

EMAIL, PHONE = "buyer@victim.example", "+8613700001111"
SPELLINGS = {
    "the phone, another e-mail": STRANGER | {"phone": PHONE},
    "the e-mail, another name and phone": STRANGER | {"email": EMAIL, "phone": "+8613911112222"},
    "the name as well": {"name": "Acme Ltd", "email": EMAIL, "phone": PHONE},
    "the phone in full width": STRANGER | {"phone": "＋８６ １３７ ００００ １１１１"},
    "the phone with 0086": STRANGER | {"phone": "0086 137 0000 1111"},
    "the phone at home": STRANGER | {"phone": "137-0000-1111"},
    "the phone in Arabic digits": STRANGER | {"phone": "+٨٦١٣٧٠٠٠٠١١١١"},
    "capitals": STRANGER | {"email": "BUYER@Victim.Example"},
    "blanks": STRANGER | {"email": "\u200b buyer@victim.example \u00a0"},
    "a plus tag": STRANGER | {"email": "buyer+x@victim.example"},
    "dots": STRANGER | {"email": "b.u.y.e.r@victim.example"},
    "another script": STRANGER | {"email": "buyer@vıctim.example"},
}
SAME = {  # as it is kept; the others are somebody else's
    "the phone, another e-mail",
    "the e-mail, another name and phone",
    "the name as well",
    "the phone in full width",
    "the phone with 0086",
    "the phone at home",
    "the phone in Arabic digits",
    "capitals",
    "blanks",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_spelling_is_the_contact_or_is_not(spelling):
    stated = SPELLINGS[spelling]
    values = {value for _kind, value in identities(Buyer(**stated), "CN")}
    assert bool(values & {EMAIL, PHONE}) is (spelling in SAME)


def test_domains_in_their_own_letters_and_in_ascii_are_two():
    """Nobody's address is another's by a conversion: what is kept is compared as it was stated."""
    one, other = (
        dict(identities(Buyer(email=email), "DE"))["email"]
        for email in ("a@bücher.example", "a@xn--bcher-kva.example")
    )
    assert one != other
