"""Whatever gives out files of data, or changes credentials or limits, asks for the password again on a page.

A session left open on a shared screen takes nothing with it, and makes no key.
"""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from functools import cache
from types import FunctionType
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
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


SAID = "typed-and-secret"
PLACES = {"int": "1", "str": "web", "slug": "web"}


@pytest.fixture
def long_ago(sign_in, settings):
    """An owner with a password, whose session is older than it is believed."""
    from erp.access.models import User

    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    client = sign_in("owner", "olga")
    person = User.objects.get(actor=client.actor)
    person.set_password("correct horse battery")
    person.save()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def place_of(path: str) -> str:
    return "/" + re.sub(r"<(\w+):\w+>", lambda found: PLACES[found[1]], path)


@pytest.mark.django_db
def test_whatever_is_sensitive_asks_and_keeps_nothing_of_what_was_typed(shop, long_ago):
    """Every such page, by each way it is called: opened, and sent with a query and a file."""
    asking = {
        path: view
        for path, view in views()
        if getattr(view, "is_sensitive", False) or getattr(view, "gives_file", False)
    }
    assert len(asking) > 15
    for path, view in asking.items():
        there = place_of(path)
        opened = long_ago.get(there)
        assert opened.status_code == 405 or is_asked(opened, there), path
        if opened.status_code != 405 and view.gives_file:
            continue
        from_ = {"Referer": f"http://testserver/orders/?q={len(path)}"}
        body = {"secret": SAID, "file": SimpleUploadedFile("f.csv", SAID.encode())}
        sent = long_ago.post(f"{there}?{SAID}=1", body, headers=from_)
        assert is_asked(sent, f"/orders/?q={len(path)}"), path
        assert SAID not in sessions(), path


def is_asked(answer, back: str) -> bool:
    asked = urlsplit(answer.headers.get("Location", ""))
    return asked.path == "/accounts/reauthenticate/" and parse_qs(asked.query)["next"] == [back]


def sessions() -> str:
    from django.contrib.sessions.models import Session

    return " ".join(json.dumps(row.get_decoded()) for row in Session.objects.all())


@pytest.mark.django_db
def test_a_sensitive_verb_and_the_admin_ask_too(api, long_ago):
    from erp.ids import public_id
    from orders.models import Customer
    from tests.conftest import order_body

    api.post("orders", order_body())
    customer = public_id("cus", Customer.objects.earliest("pk").pk)
    headers = {"Referer": f"http://testserver/customers/{customer}/"}
    sent = long_ago.post(f"/customers/{customer}/export/", {"why": SAID}, headers=headers)
    assert is_asked(sent, f"/customers/{customer}/")
    for path in ("/admin/orders/paymentprovider/add/", "/admin/orders/riskprovider/add/"):
        assert is_asked(long_ago.get(path), path)
        headers = {"Referer": f"http://testserver{path}"}
        assert is_asked(long_ago.post(path, {"secret": SAID}, headers=headers), path)
    assert SAID not in sessions()


@pytest.mark.django_db
def test_no_page_of_allauth_keeps_what_was_typed_either(long_ago):
    from allauth.mfa.totp.internal.auth import TOTP

    for name in ("totp/activate", "recovery-codes/generate", "webauthn/add"):
        path = f"/accounts/2fa/{name}/"
        assert is_asked(long_ago.get(path), path)
        sent = long_ago.post(path, {"code": SAID}, headers={"Referer": f"http://testserver{path}"})
        assert is_asked(sent, path)
        assert SAID not in sessions(), path
    TOTP.activate(long_ago.actor.user, "JBSWY3DPEHPK3PXP")
    index = {"Referer": "http://testserver/accounts/2fa/"}
    sent = long_ago.post("/accounts/2fa/totp/deactivate/", {"code": SAID}, headers=index)
    assert is_asked(sent, "/accounts/2fa/")
    assert SAID not in sessions()
