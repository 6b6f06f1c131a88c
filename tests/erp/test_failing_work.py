"""Work that keeps failing is told: a schedule, a subscriber, a mail that its server will never take."""

import smtplib
from datetime import timedelta

import pytest
from django.utils import timezone

from erp.events.models import EventDelivery, Heartbeat
from erp.jobs import schedules
from erp.messages import send
from erp.messages.models import Message
from erp.notices.models import Notice
from erp.notices.tasks import watch
from orders.customers.actions.name_words import learn_names
from orders.models import Customer
from tests.conftest import order_body
from tests.relay import run_relay
from tests.servers import mailbox

pytestmark = pytest.mark.django_db(transaction=True)


class Task:
    name = "orders.tasks.learn_names"


def ran(outcome: object = None) -> None:
    schedules._noted.clear()
    schedules._begin(task_id="t")
    schedules._note(task_id="t", task=Task(), retval=outcome)


def test_a_schedule_that_keeps_failing_is_told_once_and_shown_until_it_runs(sign_in):
    client = sign_in()
    ran()
    for n in range(schedules.FAILURES):
        assert schedules.failing() == []
        ran(ValueError(f"broken {n}"))
    watch()
    watch()

    (notice,) = Notice.objects.filter(kind="schedule_failing")
    assert notice.params == {"name": "names", "times": 3, "error": "ValueError: broken 2"}
    assert "names" in client.get("/settings/health/").content.decode()
    ran()
    assert schedules.failing() == []
    assert Heartbeat.objects.get(name="schedule:names").failures == 0


def test_a_subscriber_whose_events_are_parked_is_told(api, shop):
    api.post("orders", order_body())
    error = "Traceback\nValueError: nobody thought of this\n"
    EventDelivery.objects.filter(pk=EventDelivery.objects.earliest("pk").pk).update(
        status="parked", error=error
    )
    watch()

    (notice,) = Notice.objects.filter(kind="subscriber_failing")
    assert notice.params["events"] == 1
    assert notice.params["error"] == "ValueError: nobody thought of this"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"no such user")}), "failed"),
        (smtplib.SMTPDataError(554, b"spam"), "failed"),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (450, b"busy")}), "waiting"),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (550, b""), "d@e.f": (450, b"")}), "waiting"),
        (smtplib.SMTPDataError(451, b"later"), "waiting"),
        (smtplib.SMTPSenderRefused(550, b"not you", "us@x.y"), "waiting"),
        (smtplib.SMTPAuthenticationError(535, b"password"), "waiting"),
        (OSError("unreachable"), "waiting"),
    ],
)
def test_a_mail_that_its_server_will_never_take_is_final(api, shop, monkeypatch, error, status):
    api.post("orders", order_body())
    run_relay()

    def refuse(_message, _paper, _server):
        raise error

    monkeypatch.setattr(send, "_send", refuse)
    send.send_due_messages(now=timezone.now())

    message = Message.objects.earliest("pk")
    assert (message.status, message.attempts) == (status, 1)
    assert type(error).__name__ in message.error


def test_names_are_learnt_where_nobody_has_a_latin_one():
    Customer.objects.create(name="李娜")
    assert learn_names() == 1
    assert learn_names() == 0


def test_mails_share_a_connection_until_one_goes_wrong(api, shop, settings):
    for _n in range(4):
        api.post("orders", order_body())
    run_relay()
    first = Message.objects.earliest("pk")
    with mailbox() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        server.refused[first.recipient.encode()] = b"550 no such user"
        now = timezone.now() + timedelta(seconds=1)

        assert send.send_due_messages(now=now) == 3

    first.refresh_from_db()
    assert (first.status, first.attempts) == ("failed", 1)
    assert server.calls == 2
    assert len(server.mails) == 3
    assert all(b"application/pdf" in mail for mail in server.mails)
