"""Who may see an order without its link: nobody by a part that others share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.tracking.decisions import Known, is_proof

ANNA = Known(
    frozenset({"Anna.Blum+x@gmail.com", ""}),
    frozenset({"+4917112345678", "38465", ""}),
    "SW1A 1AA",
    "Anna Blum-Meier",
)
NOBODY = Known(frozenset({""}), frozenset({""}), "", "")


@pytest.mark.parametrize(
    ("contact", "name"),
    [
        ("anna.blum+X@GMAIL.com", ""),
        ("  anna.blum+x@gmail.com ", ""),
        ("0171 / 123 456 78", ""),
        ("+49 (171) 12345678", ""),
        ("0049 171 12345678", ""),
        ("2345678", ""),
        ("１２３４５６７８", ""),
        ("sw1a1aa", "anna blum-meier"),
        ("SW1A-1AA", "Blum-Meier"),
    ],
)
def test_a_customer_is_known_by_what_is_theirs(contact, name):
    assert is_proof(contact, name, ANNA)
    assert not is_proof(contact, name, NOBODY)


@pytest.mark.parametrize(
    ("contact", "name"),
    [
        ("gmail.com", ""),
        ("@gmail.com", ""),
        ("x@gmail.com", ""),
        ("@", ""),
        ("", ""),
        ("345678", ""),
        ("0000000", ""),
        ("38465", ""),
        ("gmail1 2345678", ""),
        ("web:12345678", ""),
        ("SW1A 1AA", ""),
        ("SW1A 1AA", "A"),
        ("SW1A 1AA", "Meier"),
        ("SW1A", "Anna Blum-Meier"),
        ("1AA", "Anna Blum-Meier"),
        ("", "Anna Blum-Meier"),
    ],
)
def test_a_part_that_others_share_is_no_proof(contact, name):
    assert not is_proof(contact, name, ANNA)


@given(cut=st.integers(1, 20), tail=st.booleans())
def test_no_part_of_an_address_is_the_address(cut, tail):
    email = "anna.blum+x@gmail.com"
    assert not is_proof(email[cut:] if tail else email[:-cut], "Anna Blum-Meier", ANNA)


def test_a_chinese_name_is_given_whole():
    home = Known(frozenset(), frozenset(), "200040", "李娜")
    assert is_proof("200040", "李娜", home)
    assert not is_proof("200040", "李", home)
