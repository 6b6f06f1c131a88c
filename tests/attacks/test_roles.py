"""Every role and every purpose of a key is given its share of what is hostile, and does no more than it may."""

import inspect
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import quote_plus

import pytest

from erp.access.key_purposes import PURPOSES
from erp.access.roles import STAFF, rights_of
from erp.verbs import noun_named, verbs_of
from erp.wiring import NOUNS
from tests.architecture.test_rights import API, PAGES
from tests.attacks.attacker import Attacker
from tests.attacks.pages import Form, Site
from tests.attacks.plan import IS_FULL, SEED, some, some_of
from tests.attacks.routes import every_route
from tests.attacks.rows import changed
from tests.attacks.test_operations import Attacks, good, in_headers, in_leaves, in_parameters
from tests.attacks.test_pages import (
    PLAIN,
    Door,
    filled_world,
    filters_of,
    hostile_path,
    is_dashboard,
    queries,
)
from tests.attacks.values import ENCODED
from tests.contract.operations import OPERATIONS, Operation, filled
from tests.contract.world import World

pytestmark = pytest.mark.django_db
OF_KEYS = [purpose for purpose in PURPOSES if purpose != "owner"]  # the owner's is tried with all
SHARE = 10 if IS_FULL else 1  # of the hostile values of an operation, for each purpose
OPERATIONS_OF_A_SAMPLE = 25


def shuffled(attacks: Attacks, at: str, count: int) -> list[Any]:
    """Some of a number of attacks, others for every place."""
    every = list(islice(attacks, 400))
    return random.Random(f"{SEED} {at}").sample(every, min(count, len(every)))


def right_of(one: Operation) -> str:
    """The right that an operation asks for, as it is declared."""
    found = BY_PATH[one.path]
    return API[found].get(one.method, "")


def _described(route: str) -> str:
    return "/api/v1/" + "/".join(
        f"{{{part.strip('<>').rpartition(':')[2]}}}" if part.startswith("<") else part
        for part in route.split("/")
    )


BY_PATH = {_described(route): route for route in API}


@pytest.mark.parametrize("purpose", OF_KEYS)
def test_a_key_does_what_its_purpose_allows_whatever_it_sends(
    purpose, world, make_client, attacker: Attacker
):
    rights = rights_of(PURPOSES[purpose].role)
    theirs = World(make_client(purpose=purpose, rate_per_minute=1_000_000))
    mine = OPERATIONS
    if not IS_FULL:
        mine = random.Random(f"{SEED} {purpose}").sample(OPERATIONS, OPERATIONS_OF_A_SAMPLE)
    for one in mine:
        path, body = filled(one.path, world.named), good(one, world)
        theirs.made = world.made
        with attacker.place():
            for attack in (in_parameters, in_leaves, in_headers):
                at = f"{purpose} {one.name} {attack.__name__}"
                hostile = shuffled(attack(one, path, body, theirs), at, SHARE)
                for where, value, sent, _expected in hostile:
                    is_api = " Host:" not in where
                    answer = attacker.attack(f"{purpose} {where}", value, sent, is_api=is_api)
                    if answer is not None and is_too_much(answer, right_of(one), rights):
                        attacker.miss(f"{purpose} {where}", value, [f"{answer.status_code}"])


def is_too_much(answer: Any, right: str, rights: frozenset[str]) -> bool:
    """Whether something was answered to somebody who has not the right to it."""
    return bool(right) and right not in rights and answer.status_code < 400


# People

# What somebody who may only look keeps for themselves, or is written down of them.
THEIR_OWN = (
    "erp_savedview",
    "erp_listlayout",
    "erp_job",
    "erp_once",
    "erp_user",
    "erp_actor",
    "erp_notice",
    "erp_presence",
    "erp_event",
    "account_",
    "mfa_",
    "orders_reveal",
)
LOOKING = ("analyst", "auditor")  # who have rights to view, and no other
HALVES = ("first", "second")


def roles_of(half: str) -> Sequence[str]:
    """Whose turn it is: all in two halves, so that two processes share a full run; one in a sample."""
    if IS_FULL:
        return STAFF[:4] if half == "first" else STAFF[4:]
    return list(some_of(STAFF[1:], 1, "roles")) if half == "first" else LOOKING[:1]


@pytest.fixture
def site(api, shop, sign_in) -> Site:
    """What an owner finds: addresses of rows that there are, and the forms that stand on them."""
    filled_world(api)
    seeds = [f"/{route}".replace("//", "/") for route in PLAIN if is_dashboard(route)]
    return Site(sign_in(), seeds, is_dashboard)


@pytest.mark.parametrize("half", HALVES)
def test_a_role_reaches_its_own_rows_only(half, site, sign_in, attacker: Attacker):
    """As tests/architecture/test_rights.py, with the addresses of rows that there are, and with what is hostile."""
    for role in roles_of(half):
        browser = site.browser if role == "owner" else sign_in(role)
        door = Door(browser, attacker)
        browser.handler.enforce_csrf_checks = False
        rights = rights_of(role)
        for route, addresses in site.addresses.items():
            right = PAGES.get(route.removeprefix("/"), None)
            if right is None:
                continue
            with attacker.place():
                for address in addresses:
                    for method in ("get", "post"):
                        at, sent = f"{role} {method} {route}", getattr(browser, method)
                        answer = attacker.attack(at, "real", partial(sent, address), is_api=False)
                        not_above(attacker, at, "real", answer, right, rights)
                share_of(door, role, route, addresses, right, rights)


def not_above(
    attacker: Attacker, at: str, value: str, answer: Any, right: str, rights: frozenset[str]
) -> None:
    """A view may ask for more, by what its row is; less than declared it never asks."""
    if answer is None or answer.status_code in {400, 404, 405}:
        return
    if right and right not in rights and answer.status_code != 403:
        attacker.miss(at, value, [f"{answer.status_code} with {right}"])


def share_of(
    door: Door, role: str, route: str, addresses: list[str], right: str, rights: frozenset[str]
) -> None:
    """A role's share of what is hostile in a route's path and query."""
    at = f"{role} {route}"
    for place, value, address in islice(hostile_path(route), 1, None, 7):
        answer = door.get(f"{role} {place}", value, address)
        not_above(door.attacker, f"{role} {place}", value, answer, right, rights)
    names = filters_of(addresses[0] if addresses else "/") | {"q", "sort"}
    hostile = list(queries(at, names))
    for place, value, query in random.Random(f"{SEED} {at}").sample(hostile, min(3, len(hostile))):
        answer = door.get(place, value, addresses[-1] + query) if addresses else None
        not_above(door.attacker, place, value, answer, right, rights)


@pytest.mark.parametrize("half", HALVES)
def test_no_form_is_done_for_whom_the_right_lacks(half, site, sign_in, attacker: Attacker):
    """Whoever may only look changes nothing by any form, whatever it holds; others nothing that is not theirs."""
    for role in roles_of(half):
        if role == "owner":
            continue
        browser = sign_in(role)
        browser.raise_request_exception = False
        for form in site.forms.values():
            right = PAGES.get(form.route.removeprefix("/"))
            if right is None:
                continue
            with attacker.place():
                for value, fields in filled_in(form, f"{role} {form.route}"):
                    at = f"{role} form {form.route}"
                    sent = partial(posted, browser, form.action, fields)
                    if role in LOOKING:
                        sent = partial(changing_nothing, attacker, sent)
                    answer = attacker.attack(at, value, sent, is_api=False)
                    not_above(attacker, at, value, answer, right, rights_of(role))


def filled_in(form: Form, at: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """(which value, fields): a form as it stands, with one field hostile, and with all of them."""
    good = [(name, quote_plus(value)) for name, value in form.fields]
    yield "as it stands", good
    names = [name for name, _value in good if name != "csrfmiddlewaretoken"]
    for name in some_of(names, 1, at)[:3]:
        for value, word in some(ENCODED, 1, f"{at} /{name}", full=1):
            yield f"{name} {value}", [(n, word if n == name else old) for n, old in good]
    for value, word in some(ENCODED, 1, f"{at} all", full=2):
        yield f"all {value}", [(n, word) for n, _old in good]


def posted(browser: Any, action: str, fields: list[tuple[str, str]]) -> Any:
    body = "&".join(f"{quote_plus(name)}={value}" for name, value in fields)
    return browser.post(action, body, content_type="application/x-www-form-urlencoded")


def changing_nothing(attacker: Attacker, send: Callable[[], Any]) -> Any:
    """Send, and look at once whether a row is another than before, whatever the answer says."""
    answer = send()
    if answer.status_code < 400:
        found = [one for one in changed(attacker.before) if not one.startswith(THEIR_OWN)]
        assert not found, f"changed {found}"
    return answer


VERBS = [
    (noun, verb.name, verb.right)
    for noun in NOUNS
    for verb in verbs_of(noun)
    if noun_named(noun).page is not None
]


def test_no_verb_is_done_for_whom_its_right_lacks(site, sign_in, attacker: Attacker):
    """The address of a verb's form asks for the right to look at the row alone; the verb asks for its own."""
    places = {
        noun: form.action.rstrip("/").rpartition("/")[0]
        for noun, route in VERB_ROUTES.items()
        for form in site.forms.values()
        if form.route == route
    }
    assert len(places) > 5, places
    for role in STAFF[1:] if IS_FULL else some_of(STAFF[1:], 2, "verbs"):
        browser = sign_in(role)
        browser.raise_request_exception = False
        with attacker.place():
            for noun, verb, right in VERBS:
                if noun not in places or right in rights_of(role):
                    continue
                at, address = f"{role} {noun}", f"{places[noun]}/{verb}/"
                sent = partial(browser.post, address, {"reason": "x", "note": "x", "text": "x"})
                sent = partial(changing_nothing, attacker, sent)
                attacker.attack(at, verb, sent, is_api=False)


def _noun_of(view: Any) -> str:
    """The noun that the view of a verb's forms takes."""
    cells = getattr(inspect.unwrap(view), "__closure__", None) or ()
    names = [cell.cell_contents for cell in cells if isinstance(cell.cell_contents, str)]
    return next((name for name in names if name in NOUNS), "")


VERB_ROUTES = {
    noun: route for route, view in every_route().items() if (noun := _noun_of(view)) in NOUNS
}


def test_every_right_of_an_operation_is_known():
    assert {one.path for one in OPERATIONS} <= BY_PATH.keys()
    assert len(VERB_ROUTES) >= len(NOUNS) - 3, VERB_ROUTES
