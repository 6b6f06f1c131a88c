"""What is logged: lines of JSON that bear the request's id, and nothing of anybody's data."""

import io
import json
import logging
import smtplib

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from erp.events.models import EventDelivery
from erp.events.relay import deliver
from erp.logs.faults import described, traced
from erp.logs.lines import JsonLines
from erp.logs.masks import masked
from erp.logs.origin import Origin, accepted_request_id, started_by
from erp.messages import send
from orders.models import IncomingMessage
from tests.conftest import HOME, order_body
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)
NAME, EMAIL, PHONE, STREET = "Zephyrine", "zephyrine@canary.example", "+8613912348765", "Quillweg"
CANARIES = (NAME, EMAIL, "canary.example", PHONE, PHONE[3:], STREET)
GIVEN = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def lines():
    """Everything that is logged, as production writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.setLevel(level)
    root.removeHandler(handler)


def personal(**changes):
    customer = {"name": NAME, "email": EMAIL, "phone": PHONE}
    address = HOME | {"name": NAME, "line1": STREET, "phone": PHONE}
    return order_body(customer=customer, shipping_address=address, note=NAME, **changes)


def fail(*_args, **_named):
    raise ValueError(f"{NAME} <{EMAIL}> {PHONE} {STREET}")


def check(lines):
    found = lines()
    assert found
    text = json.dumps(found, ensure_ascii=False)
    assert [canary for canary in CANARIES if canary in text] == []
    return found


def test_the_api_logs_nobody(api, shop, lines, monkeypatch):
    placed = api.post("orders", personal())
    assert placed.status_code == 201
    api.get("orders", customer_email=EMAIL, q=NAME)
    api.post("orders", personal(lines=[{"sku": "POT-001", "quantity": 500}]))
    api.post("orders", personal(nonsense=NAME))
    api.client.get(f"/api/v1/orders/{NAME}")
    api.client.get(f"/api/v1/{NAME}/{EMAIL}")
    monkeypatch.setattr("orders.placement.actions.place._place", fail)
    broken = api.post("orders", personal())
    assert broken.status_code == 500
    found = check(lines)

    failed = next(line for line in found if line["level"] == "error")
    assert failed["error"] == "ValueError"
    assert "test_log_lines.py" in failed["traceback"]
    assert broken.json()["request_id"] == failed["request_id"] == broken["X-Request-Id"]
    answers = [line for line in found if line["logger"] == "erp.requests"]
    assert [line["status"] for line in answers] == [201, 200, 409, 400, 404, 404, 500]
    assert answers[0]["route"] == "api/v1/orders"
    assert answers[0]["actor"] == failed["actor"] != None  # noqa: E711
    assert answers[0]["address"] == "127.0.0.1"
    assert answers[0]["time"].endswith("Z")


def test_pages_log_nobody(api, shop, sign_in, lines, monkeypatch):
    api.post("orders", personal())
    client = sign_in()
    client.get("/orders/", {"q": NAME})
    client.get("/customers/", {"q": EMAIL})
    client.get(f"/orders/{NAME}/")
    Client(headers={"host": f"{NAME}.canary.example"}).get("/orders/")
    Client().post("/accounts/login/", {"login": EMAIL, "password": NAME})
    client.raise_request_exception = False
    monkeypatch.setattr("erp.web.views.queues_of", fail)
    broken = client.get("/", headers={"x-request-id": GIVEN})
    assert broken.status_code == 500
    assert GIVEN in broken.content.decode()
    assert broken["X-Request-Id"] == GIVEN
    found = check(lines)
    failed = next(line for line in found if line["logger"] == "django.request")
    assert (failed["request_id"], failed["error"]) == (GIVEN, "ValueError")
    assert failed["actor"] == client.actor.pk


def test_background_work_logs_nobody(api, shop, lines, monkeypatch):
    api.post("orders", personal())
    monkeypatch.setattr("orders.order.messages.tell_confirmed", fail)
    from erp.wiring import resolve

    resolve.cache_clear()
    subscriber = "orders.order.messages.tell_confirmed"
    delivery = EventDelivery.objects.filter(subscriber=subscriber).earliest("pk")
    deliver(delivery_id=delivery.pk, now=timezone.now())
    monkeypatch.undo()
    resolve.cache_clear()
    EventDelivery.objects.filter(pk=delivery.pk).update(attempts=0, due_at=timezone.now())
    run_relay()

    def refuse(message, _paper, _server):
        raise smtplib.SMTPRecipientsRefused({message.recipient: (550, EMAIL.encode())})

    monkeypatch.setattr(send, "_send", refuse)
    send.send_due_messages(now=timezone.now())
    from orders.intake.inbox.tasks import read_some

    IncomingMessage.objects.create(
        channel=shop.web, source="shopify", topic="orders/create", delivery="1", body=b"{}"
    )
    monkeypatch.setattr("orders.intake.inbox.tasks.process_message", fail)
    read_some()
    found = check(lines)
    assert {"erp.events.relay", "erp.messages.send", "orders.intake.inbox.tasks"} <= {
        line["logger"] for line in found
    }


def test_a_failed_task_is_logged_without_what_it_failed_with(lines):
    record = {"id": "7", "name": "t", "exc": f"ValueError('{NAME}')", "traceback": "", "args": NAME}
    said = "Task %(name)s[%(id)s] raised unexpected: %(exc)s"
    logging.getLogger("celery.app.trace").error(said, record | {"kwargs": EMAIL})
    (line,) = check(lines)
    assert line["message"] == "Task t[7] raised unexpected: ValueError"


def test_a_database_says_which_rule_was_broken_and_not_by_what(shop):
    with pytest.raises(IntegrityError) as caught, connection.cursor() as cursor:
        cursor.execute("INSERT INTO erp_channel (code, name) VALUES (%s, %s)", [NAME, EMAIL])
    said = f"{described(caught.value)} {traced(caught.value)}"
    assert "sqlstate=23502" in said
    assert "table=erp_channel" in said
    assert [canary for canary in CANARIES if canary in said] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"mail of {EMAIL} came", "mail of ***@*** came"),
        ("call +86 139 1234 8765 now", "call ######### now"),
        ("delivery 12345678 failed", "delivery 12345678 failed"),
        ("since 2026-11-30 01:14:26.123", "since 2026-11-30 01:14:26.123"),
        ("card 4242-4242-4242-4242", "card #########"),
    ],
)
def test_the_second_net(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("stated", "is_kept"),
    [
        (GIVEN, True),
        ("4bf92f35-77b3-4da6-a3ce-929d0e0e4736", True),
        ("13912348765", False),
        ("1391234876513912", False),
        (f"{EMAIL}-1234567890", False),
        ("a" * 65 + "1", False),
        (GIVEN + "\n", False),
        ("", False),
    ],
)
def test_a_request_id_is_taken_where_it_is_well_formed(stated, is_kept):
    assert (accepted_request_id(stated) == stated) is is_kept


def test_the_id_of_a_request_goes_along_with_its_tasks():
    from celery import current_app, signals

    from erp.logs.tasks import HEADER

    sent: dict[str, object] = {}
    signals.before_task_publish.send(sender="t", headers=sent, body=None)
    assert HEADER not in sent
    with started_by(Origin(GIVEN)):
        signals.before_task_publish.send(sender="t", headers=sent, body=None)
    assert sent[HEADER] == GIVEN
    assert current_app.conf.worker_hijack_root_logger is False
    seen = []

    @current_app.task(name="tests.say")
    def say():
        from erp.logs.origin import current_origin

        seen.append(current_origin())

    say.apply(headers=sent)
    current_app.tasks.pop("tests.say")
    assert (seen[0].task, seen[0].request_id) == ("tests.say", GIVEN)


def test_health_checks_that_go_well_are_not_logged(db, lines):
    Client().get("/livez")
    Client().get("/readyz")
    assert [line["route"] for line in lines() if line["logger"] == "erp.requests"] == ["readyz"]
