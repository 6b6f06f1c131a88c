"""What a reader cannot read is no nought: absent where absence is true, else a defect with its name."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.intake.mail.mail import ordered_in
from orders.intake.messages import foreign_json
from orders.intake.messages.foreign_json import Part, Unreadable, number
from orders.intake.shops.notification_client import Refused, _left
from orders.payments.providers import stripe

STRANGE = ["x", "1,5", "1e", "", None, True, [], {}, -1, "-1", 0.5, "٣"]


@given(st.one_of(st.none(), st.booleans(), st.text(), st.lists(st.none()), st.floats()))
def test_an_amount_is_what_it_says_or_raises(value):
    found = number(value)
    try:
        amount = Part({"total": value}).amount("total")
    except Unreadable:
        assert found is None
    else:
        assert amount == (0 if value in (None, "") else found)


def test_no_reader_has_a_nought_for_what_it_cannot_read():
    """`amount() or 0` stood here once; every reader of outside text says what it could not read."""
    assert not hasattr(foreign_json, "amount")
    doubtful = re.compile(
        r"(?:number|decimal|Decimal|int|float|amount|count)\([^()]*\) or (?:0|ZERO|Decimal)"
    )
    root = Path(foreign_json.__file__).parents[1]
    for path in root.rglob("*.py"):
        assert not doubtful.search(path.read_text()), path


@pytest.mark.parametrize("units", [x for x in STRANGE if x != "٣"])
def test_units_left_at_a_shop_that_cannot_be_read_are_refused(units):
    with pytest.raises(Refused):
        _left([{"id": 1, "line_item_id": 7, "fulfillable_quantity": units}], {"7": 1})


@pytest.mark.parametrize(
    ("offer", "units"),
    [
        ({}, 1),
        ({"orderQuantity": "3"}, 3),
        ({"orderQuantity": 0}, 0),
        ({"orderQuantity": "0"}, 0),
        ({"eligibleQuantity": {"value": 4}}, 4),
        ({"eligibleQuantity": 5}, 5),
        ({"eligibleQuantity": {}}, 0),
        *(({"orderQuantity": x}, 0) for x in STRANGE if x is not None),
    ],
)
def test_units_of_an_offer_in_a_mail_are_asked_for_where_they_cannot_be_read(offer, units):
    product = {"sku": "TEA-001", "name": "Tea"}
    found = ordered_in([{"@type": "Order", "orderedItem": [{"orderedItem": product} | offer]}])
    assert found == [("TEA-001", "Tea", units)]


@pytest.mark.parametrize("amount", [x for x in STRANGE if x != 0.5] + [0.5, 10**15])
def test_a_payment_of_an_amount_that_cannot_be_read_is_no_nought(amount):
    thing = {"object": "payment_intent", "id": "pi_1", "currency": "eur", "amount_received": amount}
    event = {"id": "e", "type": "payment_intent.succeeded", "data": {"object": thing}}
    news = stripe.read(stripe.msgspec.json.encode(event))
    assert news is not None
    assert (news.what, news.amount, news.currency) == ("captured", None, "EUR")
