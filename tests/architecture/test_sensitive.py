"""Whatever gives out files of data, or changes credentials or limits, asks for the password again on a page.

A session left open on a shared screen takes nothing with it, and makes no key.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from types import FunctionType

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from erp.verbs import verbs_of
from erp.wiring import NOUNS
from tests.architecture import guards
from tests.architecture.test_rights import OUTSIDE

HOUSE = ("erp", "inventory", "orders", "fulfillment", "returns", "analytics")
TELLS = {"tell_owners", "tell_secret", "tell_limit", "queue_account_mail"}
NO_FILE = {  # a document of one thing that its page shows to the same people
    "inventory/<str:code>/label.pdf": "a label of a SKU",
    "stock/bins/labels.pdf": "labels of bins",
    "purchasing/<str:number>/paper.pdf": "one purchase order, as its page shows it",
    "orders/<str:number>/invoices/<str:invoice>.pdf": "one invoice, as its order's page shows it",
    "orders/<str:number>/confirmation/": "one order, as its page shows it",
    "shipments/<int:pk>/<str:kind>.pdf": "one parcel's label, printed at the packing table all day",
}
NO_CHANGE: dict[str, str] = {}


def views(
    resolver: URLResolver | None = None, prefix: str = ""
) -> Iterator[tuple[str, FunctionType]]:
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from views(entry, path)
        elif isinstance(entry, URLPattern) and not path.startswith((*OUTSIDE, "api/")):
            yield path, entry.callback


@cache
def telling() -> frozenset[str]:
    """Names of actions that tell people of a change of credentials or limits, themselves or by a part of theirs."""
    found = set(TELLS)
    for app in HOUSE:
        for file in (guards.ROOT / app).rglob("*.py"):
            if re.search(r"\b(" + "|".join(TELLS) + r")\(", text := file.read_text()):
                found |= _callers(ast.parse(text))
    return frozenset(name for name in found if not name.startswith("_"))


def _callers(module: ast.Module) -> set[str]:
    """Functions of a module that call one that tells, or another of the module that does."""
    functions = {n.name: _names(n) for n in ast.walk(module) if isinstance(n, ast.FunctionDef)}
    found, size = set(TELLS), 0
    while len(found) > size:
        size = len(found)
        found |= {name for name, used in functions.items() if used & found}
    return found & functions.keys()


def _names(node: ast.AST) -> set[str]:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}


@cache
def used_by(view: FunctionType) -> frozenset[str]:
    """Names and words in a view, and in the functions of its own module that it calls."""
    plain = inspect.unwrap(view)
    done, todo, found = set(), [plain], set()
    while todo:
        function = todo.pop()
        if function in done:
            continue
        done.add(function)
        tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))
        names = _names(tree)
        found |= names | {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
        for name in names:
            other = plain.__globals__.get(name)
            if inspect.isfunction(other) and other.__module__ == plain.__module__:
                todo.append(inspect.unwrap(other))
    return frozenset(found)


def test_a_file_of_data_is_given_out_to_who_entered_their_password():
    files = {path: view for path, view in views() if "Content-Disposition" in used_by(view)}
    open_ = {path for path, view in files.items() if not getattr(view, "gives_file", False)}
    assert open_ == NO_FILE.keys()
    assert {"jobs/<int:pk>/file/", "data/<str:name>/<str:kind>/"} <= files.keys()


def test_credentials_and_limits_are_changed_by_who_entered_their_password():
    changing = {path: view for path, view in views() if used_by(view) & telling()}
    open_ = {path for path, view in changing.items() if not getattr(view, "is_sensitive", False)}
    assert open_ == NO_CHANGE.keys()
    assert {
        "settings/approvals/",
        "settings/approvals/<int:pk>/<str:verb>/",
        "settings/keys/",
        "settings/keys/<int:pk>/revoke/",
        "settings/people/",
        "settings/people/<int:pk>/",
        "settings/sign-in/",
        "settings/warehouses/<int:pk>/",
        "settings/webhooks/",
        "settings/webhooks/<int:pk>/<str:verb>/",
        "stock/feeds/",
    } <= changing.keys()


def test_data_leaves_by_a_list_or_a_verb_the_same_way():
    for path, view in views():
        if "note_export" in used_by(view):
            assert getattr(view, "is_sensitive", False) or getattr(view, "gives_file", False), path
    verbs = [verb for noun in NOUNS for verb in verbs_of(noun)]
    assert {verb.name for verb in verbs if verb.is_sensitive} == {"export"}
    for verb in verbs:
        assert verb.is_sensitive == verb.right.endswith(".export"), verb.name
        assert not (verb.is_sensitive and verb.bulk), verb.name


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/settings/approvals/"),
        ("post", "/settings/approvals/1/approve/"),
        ("post", "/settings/keys/1/revoke/"),
        ("get", "/jobs/1/file/"),
        ("get", "/jobs/1/failed.csv"),
        ("get", "/data/skus/csv/"),
        ("post", "/customers/{customer}/export/"),
    ],
)
def test_who_signed_in_long_ago_is_asked(api, sign_in, settings, method, path):
    from erp.access.models import User
    from erp.ids import public_id
    from orders.models import Customer
    from tests.conftest import order_body

    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    api.post("orders", order_body())
    client = sign_in("owner", "olga")
    person = User.objects.get(actor=client.actor)
    person.set_password("correct horse battery")
    person.save()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    there = path.format(customer=public_id("cus", Customer.objects.earliest("pk").pk))
    answer = getattr(client, method)(there)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
