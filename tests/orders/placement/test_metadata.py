"""What a sender keeps with an order for itself is bounded: a megabyte of it was stored once."""

import pytest

from tests.conftest import order_body

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "said",
    [
        {"a": "x" * 20_000},
        {"x" * 20_000: 1},
        {f"key{n}": "x" * 500 for n in range(45)},
        {f"key{n}": 1 for n in range(51)},
    ],
)
def test_too_much_of_it_is_refused(api, said):
    answer = api.post("orders", order_body(metadata=said))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/metadata"]


def test_as_much_as_a_text_may_hold_is_kept(api):
    assert api.post("orders", order_body(metadata={"a": "x" * 19_999})).status_code == 201
