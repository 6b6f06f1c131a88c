"""SECRET_KEY can be changed while people work: what the key before signed holds as long as it is a fallback."""

from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client, RequestFactory

from erp.access import attempts
from erp.access.actions import add_person
from erp.access.links import one_time_link
from erp.once import perform
from orders.order.links import choice_signer, choice_url, tracking_signer, tracking_url
from tests.conftest import order_body, settle

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = "the key after it, of which nothing was signed as yet" * 2


def path_of(url: str) -> str:
    return urlsplit(url)._replace(scheme="", netloc="").geturl()


@pytest.fixture
def signed(api, shop, sign_in):
    """What was given out under a key: a session, links of an order, a link to choose a password."""
    number = api.post("orders", order_body()).json()["number"]
    settle()
    details = {"name": "New", "email": "new@example.com", "role": "buyer", "password": None}
    person = perform(add_person, username="new", by=shop.system, **details)
    assert person.user
    return {
        "session": sign_in(),
        "tracking": path_of(tracking_url(number, 0)),
        "choice": path_of(choice_url(number, 0)),
        "password": path_of(one_time_link(person.user)),
    }


@pytest.fixture
def rotate(settings):
    """Start anew, as it were, with another key."""
    before = settings.SECRET_KEY

    def with_fallbacks(*, keep: bool) -> None:
        settings.SECRET_KEY = NEXT
        settings.SECRET_KEY_FALLBACKS = [before] if keep else []
        tracking_signer.cache_clear()
        choice_signer.cache_clear()

    yield with_fallbacks
    tracking_signer.cache_clear()
    choice_signer.cache_clear()


def holding(signed) -> set[str]:
    """What of it is taken."""
    held = {"session"} if signed["session"].get("/settings/").status_code == 200 else set()
    held |= (
        {"tracking"} if Client().get(signed["tracking"], follow=True).status_code == 200 else set()
    )
    try:
        choice_signer().unsign(signed["choice"].partition("?t=")[2])
        held |= {"choice"}
    except signing.BadSignature:
        pass
    form = Client().get(signed["password"], follow=True).content.decode()
    return held | ({"password"} if 'name="password1"' in form else set())


def test_all_that_was_signed_holds_while_the_key_before_is_a_fallback(signed, rotate):
    everything = {"session", "tracking", "choice", "password"}
    assert holding(signed) == everything
    rotate(keep=True)
    assert holding(signed) == everything


def test_nothing_of_it_holds_once_the_fallback_is_gone(signed, rotate):
    rotate(keep=False)
    assert holding(signed) == set()


def test_who_was_there_during_the_change_stays_after_it(signed, rotate, settings):
    """A session that was used meanwhile is signed with the new key."""
    rotate(keep=True)
    assert signed["session"].get("/settings/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert signed["session"].get("/settings/").status_code == 200


def device_of(answer: HttpResponse) -> str:
    return answer.cookies[attempts.COOKIE].value


def signed_in_on(cookie: str = "", names: tuple[str, ...] = ("olga",)) -> str:
    """The cookie of a device once somebody has signed in on it."""
    answer = HttpResponse()
    attempts.remember_device(asking(cookie), answer, list(names))
    return device_of(answer)


def asking(cookie: str):
    request = RequestFactory().post("/accounts/login/")
    request.COOKIES[attempts.COOKIE] = cookie
    return request


def is_known(cookie: str, name: str) -> bool:
    return all("device" in limit for limit in attempts.limits_of(asking(cookie), name))


def test_a_device_stays_known_and_is_signed_anew_when_somebody_signs_in_on_it(rotate, settings):
    both = signed_in_on(names=("olga", "ben"))
    assert is_known(both, "olga")
    rotate(keep=True)
    assert is_known(both, "olga")
    assert not is_known(both, "ada")

    anew = signed_in_on(both)
    number = signing.loads(both, salt=attempts.SALT)["id"]
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_known(both, "olga")
    assert is_known(anew, "OLGA ")
    assert not is_known(anew, "ben")  # who has not signed in since
    held = signing.loads(anew, salt=attempts.SALT)
    assert (held["id"], len(held["names"])) == (number, 2)
