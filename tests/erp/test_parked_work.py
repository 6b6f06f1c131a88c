"""Work that was given up is shown in one place, told, and done again: one row, or all of a queue."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from erp.access.models import AccountMail, User
from erp.errors import Conflict, NotAllowed
from erp.events.models import Event, EventDelivery, WebhookDelivery, WebhookEndpoint
from erp.jobs.models import Job
from erp.messages.models import Message
from erp.metrics.readings import backlogs
from erp.notices.models import Notice
from erp.notices.tasks import watch
from erp.once import perform
from erp.parked.actions import replay_parked
from erp.parked.queries import parked_counts, parked_ids
from erp.security.models import SecurityEvent
from orders.models import (
    ChannelNews,
    IncomingMessage,
    Order,
    OutgoingDocument,
    PaymentCall,
    PaymentIntent,
    PaymentProvider,
    RiskCheck,
)
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = "zephyrine@canary.example"
ERROR = f"Traceback\nValueError: {EMAIL} is not known\n"


@pytest.fixture
def parked(api, shop):
    """A row of each queue that was given up."""
    api.post("orders", order_body())
    order, now = Order.objects.get(), timezone.now()
    event = Event.objects.earliest("pk")
    provider = PaymentProvider.objects.create(channel=shop.web, kind="test")
    intent = PaymentIntent.objects.create(
        order=order, provider=provider, amount=1, currency="CNY", created_at=now
    )
    endpoint = WebhookEndpoint.objects.create(channel=shop.web, url="https://x/", created_at=now)
    EventDelivery.objects.all().update(status="done")
    rows = {
        "inbox": IncomingMessage.objects.create(
            channel=shop.web,
            source="shopify",
            topic="orders/create",
            delivery="1",
            body=b"{}",
            status="failed",
            attempts=5,
            params={"why": ERROR},
        ),
        "outbox": EventDelivery.objects.create(
            event=event, subscriber="x.y", status="parked", attempts=5, error=ERROR
        ),
        "mail": Message.objects.create(
            event=event, template="x", recipient=EMAIL, status="failed", attempts=8, error=ERROR
        ),
        "webhooks": WebhookDelivery.objects.create(
            endpoint=endpoint, event=event, status="failed", attempts=9, due_at=now, error=ERROR
        ),
        "jobs": Job.objects.create(
            kind="export",
            name="x",
            by=shop.system,
            status="failed",
            started_at=now,
            updated_at=now,
            finished_at=now,
            error=ERROR,
        ),
        "payment_calls": PaymentCall.objects.create(
            intent=intent, kind="void", amount=1, key="k", status="parked", error=ERROR
        ),
        "channel_news": ChannelNews.objects.create(
            channel=shop.web,
            order=order,
            kind="shipped",
            key="1",
            status="parked",
            due_at=now,
            error=ERROR,
        ),
        "risk_checks": RiskCheck.objects.create(
            order=order, source="minfraud", status="parked", error=ERROR
        ),
        "account_mail": AccountMail.objects.create(
            user=User.objects.create(username="olga", email=EMAIL),
            kind="password_reset",
            recipient=EMAIL,
            status="failed",
            attempts=8,
            error=ERROR,
        ),
        "acknowledgements": OutgoingDocument.objects.create(
            channel=shop.web,
            order=order,
            message=IncomingMessage.objects.create(
                channel=shop.web,
                source="x12",
                topic="x",
                delivery="2",
                body=b"",
                status="processed",
            ),
            notation="x12",
            attempts=5,
            parked_at=now,
            error=ERROR,
        ),
    }
    assert set(rows) == {backlog.name for backlog in backlogs()}
    return rows


def test_every_queue_is_shown_with_its_reason_and_without_anybodys_address(parked, sign_in):
    page = sign_in().get("/settings/parked/").content.decode()
    for backlog in backlogs():
        assert f"/settings/parked/{backlog.name}/" in page
    assert "is not known" in page
    assert EMAIL not in page
    assert set(parked_counts().values()) == {1}


@pytest.mark.parametrize("name", ["inbox", "outbox", "mail", "jobs"])
def test_one_row_is_done_again(parked, sign_in, name):
    client = sign_in()
    client.post(f"/settings/parked/{name}/", {"row": parked[name].pk})
    counts = parked_counts()
    assert counts.pop(name) == 0
    assert set(counts.values()) == {1}
    event = SecurityEvent.objects.get(kind="parked_replayed")
    assert (event.actor_id, event.facts) == (client.actor.pk, {"queue": name, "rows": 1})


@pytest.fixture
def many(parked, monkeypatch):
    """Seven mails that were given up, where a step takes two."""
    monkeypatch.setattr("erp.parked.queries.AT_ONCE", 2)
    one = parked["mail"]
    Message.objects.bulk_create(
        Message(event=one.event, template="x", recipient=f"{n}@x.test", status="failed", attempts=8)
        for n in range(6)
    )
    assert parked_counts()["mail"] == 7


def test_all_of_a_queue_are_done_again_however_many(many, sign_in):
    client = sign_in()
    page = client.post("/settings/parked/mail/", follow=True)
    assert "7 will be done again." in page.content.decode()
    assert parked_counts()["mail"] == 0
    assert SecurityEvent.objects.filter(kind="parked_replayed").count() == 4
    page = client.post("/settings/parked/mail/", follow=True)
    assert "None of these is parked." in page.content.decode()


def test_a_page_says_what_it_left(many, sign_in, monkeypatch):
    monkeypatch.setattr("erp.web.settings.parked_views.MOST", 5)
    client = sign_in()
    page = client.post("/settings/parked/mail/", follow=True).content.decode()
    assert "5 will be done again, the oldest first. 2 are left: replay all again." in page
    assert parked_counts()["mail"] == 2
    assert (
        "2 will be done again."
        in client.post("/settings/parked/mail/", follow=True).content.decode()
    )


def test_the_command_replays_all_however_many(many):
    said = StringIO()
    call_command("replay_parked", "mail", "--all", stdout=said)
    assert "7 of mail will be done again." in said.getvalue()
    assert parked_counts()["mail"] == 0


def test_all_of_each_queue_are_done_again_and_begin_anew(parked, system):
    for name, row in parked.items():
        (pk,) = parked_ids(next(b for b in backlogs() if b.name == name))
        assert pk == row.pk
        assert perform(replay_parked, queue=name, ids=[pk], by=system, now=timezone.now()) == 1
        row.refresh_from_db()
        assert getattr(row, "attempts", 0) == 0
    assert set(parked_counts().values()) == {0}
    with pytest.raises(Conflict):
        perform(replay_parked, queue="mail", ids=[parked["mail"].pk], by=system, now=timezone.now())


@pytest.mark.parametrize(
    ("role", "name", "may"),
    [
        ("auditor", "mail", False),
        ("auditor", "payment_calls", False),
        ("auditor", "outbox", False),
        ("auditor", "jobs", False),
        ("owner", "payment_calls", True),
    ],
)
def test_the_right_of_the_queue_decides(parked, sign_in, role, name, may):
    client = sign_in(role)
    page = client.get("/settings/parked/").content.decode()
    assert (f'action="/settings/parked/{name}/"' in page) is may
    client.post(f"/settings/parked/{name}/", {"row": parked[name].pk})
    assert parked_counts()[name] == (0 if may else 1)


def test_an_action_refuses_whoever_has_no_right(parked, sign_in):
    actor = sign_in("auditor").actor
    actor.verbs = frozenset()
    for name, row in parked.items():
        with pytest.raises(NotAllowed):
            perform(replay_parked, queue=name, ids=[row.pk], by=actor, now=timezone.now())


def test_the_command_counts_and_replays(parked):
    said = StringIO()
    call_command("replay_parked", stdout=said)
    assert "1 mail" in said.getvalue()
    call_command("replay_parked", "mail", "--id", str(parked["mail"].pk), stdout=said)
    call_command("replay_parked", "inbox", "--all", stdout=said)
    assert (parked_counts()["mail"], parked_counts()["inbox"]) == (0, 0)
    for wrong in (["mail"], ["nothing", "--all"]):
        with pytest.raises(CommandError):
            call_command("replay_parked", *wrong, stdout=said)


def test_staff_are_told_of_each_queue_once_a_day(parked):
    watch()
    watch()
    told = Notice.objects.filter(kind="work_parked")
    assert {notice.params["what"] for notice in told} == set(parked) - {"outbox"}
    assert told.count() == len(parked) - 1
