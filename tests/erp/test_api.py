"""What every endpoint shares: keys, scopes, rates, problems, and that none is open."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.conftest import order_body

pytestmark = pytest.mark.django_db
OPEN = {"livez", "readyz", "track/", "accounts/login/", "preferences/"}


def routes(resolver: URLResolver, prefix: str = "") -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        found += routes(entry, path) if isinstance(entry, URLResolver) else [path]
        assert isinstance(entry, URLResolver | URLPattern)
    return found


def sample(path: str) -> str:
    """A path with its parameters filled in."""
    import re

    path = path.replace("^", "").replace("$", "")
    return "/" + re.sub(r"<(\w+:)?\w+>", lambda m: "1" if m[1] == "int:" else "x", path)


PATHS = [
    p
    for p in routes(get_resolver())
    if not p.startswith(("admin/", "accounts/", "api/schema", "api/docs", "api/<"))
]


@pytest.mark.parametrize("path", [p for p in PATHS if p.startswith("api/v1/")])
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_no_endpoint_answers_without_a_key(path, method):
    answer = getattr(Client(), method)(sample(path))

    assert answer.status_code in {401, 405}, answer.content
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", [p for p in PATHS if not p.startswith("api/") and p not in OPEN]
)
def test_no_page_answers_without_signing_in(path):
    for method in ("get", "post"):
        answer = getattr(Client(), method)(sample(path))

        assert answer.status_code in {302, 405}, (method, answer.status_code)
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("picker", "/orders/", 200),
        ("picker", "/returns/", 403),
        ("picker", "/customers/", 403),
        ("picker", "/settings/", 403),
        ("analyst", "/analytics/", 200),
        ("analyst", "/settings/", 403),
        ("auditor", "/settings/audit/", 200),
        ("finance", "/returns/refunds/", 200),
        ("service", "/settings/audit/", 403),
    ],
)
def test_a_role_sees_its_own_pages_only(shop, role, path, status):
    from erp.access.actions import add_person

    person = add_person(
        username=role, name=role, email="", role=role, password=None, by=shop.system
    )
    client = Client()
    client.force_login(
        person.user, backend="allauth.account.auth_backends.AuthenticationBackend"
    )

    assert client.get(path).status_code == status


def test_a_scope_narrows_a_key(make_client):
    reader = make_client(scopes=["orders.view"])

    assert reader.get("orders").status_code == 200
    assert reader.post("orders", order_body()).status_code == 403
    assert reader.get("availability", sku="TEA-001").status_code == 403


def test_a_rate_is_kept_and_said(make_client):
    slow = make_client(rate_per_minute=3)

    answers = [slow.get("orders") for _ in range(5)]

    assert [a.status_code for a in answers][-1] == 429
    assert int(answers[-1]["Retry-After"]) >= 1
    assert answers[-1].json()["code"] == "rate-limited"
    assert answers[0]["RateLimit-Policy"] == '"default";q=3;w=60'


def test_a_revoked_key_is_dead_at_once(api, shop):
    from erp.access.models import ApiKey
    from tests.conftest import NOON

    assert api.get("orders").status_code == 200
    ApiKey.objects.update(revoked_at=NOON)

    assert api.get("orders").status_code == 401


@pytest.mark.parametrize(
    ("path", "status"), [("/api/v1/nothing", 404), ("/api/schema/", 200), ("/api/docs/", 200)]
)
def test_around_the_api(path, status, db):
    assert Client().get(path).status_code == status


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"external_id": 1}', b"\xff\xfe", b'{"a": NaN}', b"[" * 5000]
)
def test_what_is_no_order_is_refused_with_400(api, body):
    answer = api.client.post(
        "/api/v1/orders",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": "k"},
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed-request"


def test_customers_of_a_channel(api, make_client, shop):
    api.post("orders", order_body())

    assert len(api.get("customers").json()["data"]) == 1
    assert make_client(shop.desk).get("customers").json()["data"] == []
