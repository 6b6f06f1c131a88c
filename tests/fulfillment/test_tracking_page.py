"""Public tracking: by number and contact, and not by guessing."""

import pytest
from django.test import Client

from tests.conftest import order_body

pytestmark = pytest.mark.django_db


def test_guessing_is_slow(api):
    body = order_body()
    number = api.post("orders", body).json()["number"]
    wrong = {"number": number, "contact": "someone@example.com"}
    right = {"number": number, "contact": body["customer"]["email"]}
    guesser = Client(REMOTE_ADDR="203.0.113.7")

    guesses = [guesser.post("/track/", wrong).status_code for _ in range(12)]

    assert guesses == [404] * 10 + [429] * 2
    assert guesser.post("/track/", right).status_code == 429
    assert Client(REMOTE_ADDR="203.0.113.8").post("/track/", right).status_code == 302
