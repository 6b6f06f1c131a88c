"""What every endpoint shares: keys, scopes, rates, problems, and that none is open."""

import pytest
from django.test import Client

from erp import rates
from tests.conftest import order_body

pytestmark = pytest.mark.django_db


def test_a_scope_narrows_a_key(make_client):
    reader = make_client(scopes=["orders.view"])

    assert reader.get("orders").status_code == 200
    assert reader.post("orders", order_body()).status_code == 403
    assert reader.get("availability", sku="TEA-001").status_code == 403


def test_a_rate_is_kept_and_said(make_client, monkeypatch):
    now = rates.time.time()
    monkeypatch.setattr(rates.time, "time", lambda: now)  # no minute turns between two calls
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
