"""An address that there is not is said so in our own design, to whoever asks; programs get a problem."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
MISSING = ("/nowhere/", "/accounts/email/", "/fulfillment/999999/", "/orders/SO999/")


@pytest.mark.parametrize("path", MISSING)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_colleague_stays_in_the_frame(shop, sign_in, path, language):
    answer = sign_in().get(path, headers={"Accept-Language": language})
    assert answer.status_code == 404
    page = answer.content.decode()
    assert 'id="side"' in page
    assert 'href="/"' in page


@pytest.mark.parametrize("path", MISSING[:2])
def test_a_stranger_is_told_no_more_than_that(path):
    answer = Client().get(path)
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "Page not found" in page
    assert 'id="side"' not in page
    assert path not in page


def test_a_program_gets_a_problem(api):
    answer = api.get("nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
