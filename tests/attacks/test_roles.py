"""Every role and every purpose of a key is given its share of what is hostile, and does no more than it may."""

import inspect
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote_plus

import pytest

from erp.access.key_purposes import PURPOSES
from erp.access.roles import STAFF, rights_of
from erp.verbs import verbs_of
from erp.wiring import NOUNS
from tests.architecture.test_rights import API, PAGES
from tests.attacks.attacker import Attacker
from tests.attacks.pages import Form, Site
from tests.attacks.plan import DEPTH, IS_FULL, SEED, some, some_of
from tests.attacks.routes import every_route
from tests.attacks.rows import changed
from tests.attacks.test_operations import Attacks, good, in_headers, in_leaves, in_parameters
from tests.attacks.test_pages import (
    PLAIN,
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
SHARE = 2 if IS_FULL else 1  # of the hostile values of an operation, for each purpose
# In a full run each purpose is given its share of every operation; in a sample they take turns at some.
TURNS = [[purpose] for purpose in OF_KEYS] if IS_FULL else [OF_KEYS]


def shuffled(attacks: Attacks, at: str, count: int) -> list[Any]:
    """Some of a number of attacks, others for every place."""
    every = list(attacks)
    return random.Random(f"{SEED} {at}").sample(every, min(count, len(every)))


def _described(route: str) -> str:
    return "/api/v1/" + "/".join(
        f"{{{part.strip('<>').rpartition(':')[2]}}}" if part.startswith("<") else part
        for part in route.split("/")
    )


BY_PATH = {_described(route): route for route in API}
BY_NAME = {one.name: one for one in OPERATIONS}


@pytest.mark.parametrize("purposes", TURNS, ids=" ".join)
def test_a_key_does_what_its_purpose_allows_whatever_it_sends(
    purposes, world, make_client, attacker: Attacker
):
    theirs = {
        purpose: World(make_client(purpose=purpose, rate_per_minute=1_000_000))
        for purpose in purposes
    }
    for n, name in enumerate(some_of([one.name for one in OPERATIONS], 40, "purposes")):
        one, purpose = BY_NAME[name], purposes[n % len(purposes)]
        path, body = filled(one.path, world.named), good(one, world)
        theirs[purpose].made = world.made
        with attacker.place():
            for attack in (in_parameters, in_leaves, in_headers):
                at = f"{purpose} {name} {attack.__name__}"
                hostile = shuffled(attack(one, path, body, theirs[purpose]), at, SHARE)
                for where, value, sent, _expected in hostile:
                    is_api = " Host:" not in where
                    answer = attacker.attack(f"{purpose} {where}", value, sent, is_api=is_api)
                    if answer is not None and is_too_much(one, purpose, answer):
                        attacker.miss(f"{purpose} {where}", value, [f"{answer.status_code}"])


def is_too_much(one: Operation, purpose: str, answer: Any) -> bool:
    """Whether something was answered to a key that has not the right to it."""
    right = API[BY_PATH[one.path]].get(one.method, "")
    rights = rights_of(PURPOSES[purpose].role)
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
# All in pairs, so that two processes share a full run; in a sample one by the seed, and one who may only look.
ROLES = (
    [STAFF[:2], STAFF[2:4], STAFF[4:6], STAFF[6:]]
    if IS_FULL
    else [[*some_of([r for r in STAFF[1:] if r not in LOOKING], 1, "roles"), LOOKING[0]]]
)


@pytest.mark.parametrize("roles", ROLES, ids=" ".join)
def test_a_role_does_what_its_rights_allow_whatever_it_sends(
    roles, api, shop, sign_in, attacker: Attacker
):
    """As tests/architecture/test_rights.py, with the addresses of rows that there are, and with what is hostile."""
    filled_world(api)
    seeds = [f"/{route}".replace("//", "/") for route in PLAIN if is_dashboard(route)]
    owner = sign_in()
    site = Site(owner, seeds, is_dashboard)
    for role in roles:
        browser = owner if role == "owner" else sign_in(role)
        browser.raise_request_exception = False
        for route, addresses in site.addresses.items():
            right = PAGES.get(route.removeprefix("/"))
            if right is not None:
                with attacker.place():
                    person = Person(role, browser, attacker, right)
                    real_rows(person, route, addresses)
                    share_of(person, route, addresses)
        if role != "owner":
            forms(role, browser, attacker, site)
            verbs(role, browser, attacker, site)


class Person(NamedTuple):
    """Somebody before a page that asks for a right."""

    role: str
    browser: Any
    attacker: Attacker
    right: str

    def attack(self, at: str, value: str, send: Callable[[], Any]) -> None:
        """A view may ask for more than its right, by what its row is; less than declared it never asks."""
        at = f"{self.role} {at}"
        answer = self.attacker.attack(at, value, send, is_api=False)
        if answer is None or answer.status_code in {400, 404, 405}:
            return
        lacks = self.right and self.right not in rights_of(self.role)
        if lacks and answer.status_code != 403:
            self.attacker.miss(at, value, [f"{answer.status_code} with {self.right}"])


def real_rows(person: Person, route: str, addresses: Sequence[str]) -> None:
    tried = len(addresses) if person.role in LOOKING or not IS_FULL else 1
    for address in addresses[:tried] if IS_FULL or person.role not in LOOKING else ():
        for method in ("get", "post"):
            sent = partial(getattr(person.browser, method), address)
            person.attack(f"{method} {route}", "real", sent)


def share_of(person: Person, route: str, addresses: Sequence[str]) -> None:
    """A role's share of what is hostile in a route's path and query: others for each role."""
    chance = random.Random(f"{SEED} {person.role} {route}")
    hostile = list(hostile_path(route))
    if addresses:
        names = filters_of(addresses[0]) | {"q", "sort"}
        hostile += [(at, v, addresses[-1] + query) for at, v, query in queries(route, names)]
    most = DEPTH if IS_FULL else chance.choice((0, 0, 1))
    for at, value, address in chance.sample(hostile, min(most, len(hostile))):
        person.attack(at, value, partial(person.browser.get, address))


def forms(role: str, browser: Any, attacker: Attacker, site: Site) -> None:
    """Whoever may only look changes nothing by any form, whatever it holds; others nothing that is not theirs."""
    names = some_of(list(site.forms), 25, f"{role} forms")
    if IS_FULL and role not in LOOKING:  # of theirs every second one, others at the next seed
        names = shuffled(names, f"{role} forms", len(names) * DEPTH // 2)
    for name in names:
        form = site.forms[name]
        right = PAGES.get(form.route.removeprefix("/"))
        if right is None:
            continue
        with attacker.place():
            person = Person(role, browser, attacker, right)
            for value, fields in filled_in(form, f"{role} {form.route}"):
                sent = partial(posted, browser, form.action, fields)
                if role in LOOKING:
                    sent = partial(changing_nothing, attacker, sent)
                person.attack(f"form {form.route}", value, sent)


def filled_in(form: Form, at: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """(which value, fields): a form as it stands, with one field hostile, and with all of them."""
    good = [(name, quote_plus(value)) for name, value in form.fields]
    yield "as it stands", good
    names = [name for name, _value in good if name != "csrfmiddlewaretoken"]
    for name in shuffled(some_of(names, 1, at), at, DEPTH):
        for value, word in some(ENCODED, 1, f"{at} /{name}", full=1):
            yield f"{name} {value}", [(n, word if n == name else old) for n, old in good]
    for value, word in some(ENCODED, 1, f"{at} all", full=1):
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


def verbs(role: str, browser: Any, attacker: Attacker, site: Site) -> None:
    """The address of a verb's form asks for the right to look at the row alone; the verb asks for its own."""
    places = {
        noun: form.action.rstrip("/").rpartition("/")[0]
        for noun, route in VERB_ROUTES.items()
        for form in site.forms.values()
        if form.route == route
    }
    assert len(places) > 5, places
    with attacker.place():
        for noun, place in places.items():
            for verb in verbs_of(noun):
                if verb.right in rights_of(role):
                    continue
                said = {"reason": "x", "note": "x", "text": "x"}
                sent = partial(browser.post, f"{place}/{verb.name}/", said)
                sent = partial(changing_nothing, attacker, sent)
                attacker.attack(f"{role} {noun}", verb.name, sent, is_api=False)


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
