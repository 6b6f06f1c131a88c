"""While effects are paused nothing leaves the house, and nothing that waits is lost or counted as tried."""

import contextlib
import json
import threading
from uuid import uuid4

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from erp.access.models import User
from erp.backups.actions import pause_effects, resume_effects
from erp.effects import door
from erp.events import webhook_client, webhooks
from erp.events.models import WebhookDelivery
from erp.messages.mail_server import MailServer
from erp.messages.models import Message
from erp.messages.send import send_due_messages
from erp.once import perform
from erp.privacy.register import FILE
from orders.intake.mail.mailbox import Mailbox, MailboxUnavailable, new_mails
from orders.models import Customer
from tests import servers
from tests.conftest import order_body, settle
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listener():
    with servers.line() as (port, came):
        yield port, came


@pytest.fixture
def paused(system):
    perform(pause_effects, by=system, now=timezone.now())
    yield
    door.ask_anew()


def target(port):
    return webhook_client.Target("http", "127.0.0.1", port, "/", "127.0.0.1")


def test_no_door_opens(paused, listener, settings):
    port, came = listener
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    box = Mailbox("127.0.0.1", port, "u", "p", "INBOX")

    with pytest.raises(door.EffectsPaused):
        webhook_client.post(target(port), b"{}", {})
    with pytest.raises(MailboxUnavailable, match="paused"):
        list(new_mails(box, validity=0, after_uid=0, since=timezone.now().date(), most=1))
    with pytest.raises(door.EffectsPaused):
        MailServer(host="127.0.0.1", port=port).open()
    assert came == []


def test_the_same_doors_open_once_it_is_resumed(paused, system, listener):
    port, came = listener
    assert perform(resume_effects, by=system, now=timezone.now())

    with pytest.raises(OSError, match=r"answer|closed|reset|pipe"):
        webhook_client.post(target(port), b"{}", {})
    assert came == [1]


def test_a_thread_that_only_asks_keeps_no_connection(paused):
    left_open = []

    def ask():
        from django.db import connection

        with contextlib.suppress(door.EffectsPaused):
            door.refuse_while_paused()
        left_open.append(connection.connection is not None)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert left_open == [False]


def test_what_waits_is_kept_as_it_was_and_leaves_later(api, system, listener, settings):
    port, came = listener
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    url = f"http://127.0.0.1:{port}/"
    assert api.post("webhook-endpoints", {"url": url, "types": []}).status_code == 201
    perform(pause_effects, by=system, now=timezone.now())
    api.post("orders", order_body())
    settle()
    run_relay()  # inside the house news goes on
    now = timezone.now()
    perform(webhooks.fan_out, now=now)

    assert (webhooks.send_due(now=now), send_due_messages(now=now)) == (0, 0)
    assert set(WebhookDelivery.objects.values_list("status", "attempts")) == {("pending", 0)}
    assert list(Message.objects.values_list("status", "attempts")) == [("waiting", 0)]
    assert (came, mail.outbox) == ([], [])

    perform(resume_effects, by=system, now=now)
    assert webhooks.send_due(now=now) > 0
    assert send_due_messages(now=now) == 1
    assert came
    assert len(mail.outbox) == 1


def test_resuming_says_first_what_will_leave(paused, api, capsys):
    api.post("orders", order_body())
    run_relay()
    with pytest.raises(CommandError, match="--yes"):
        call_command("resume_effects")
    assert "1 messages wait." in capsys.readouterr().out
    assert door.effects_are_paused()

    call_command("resume_effects", "--yes")
    assert not door.effects_are_paused()


def test_pages_say_so(paused, sign_in):
    client = sign_in()
    assert "sends and asks nothing" in client.get("/").content.decode()
    assert "Mails, webhooks and calls" in client.get("/settings/health/").content.decode()


def test_every_task_that_reaches_out_rests(paused, shop, listener):
    """Run every scheduled task once; nobody is reached by any of them."""
    from celery import current_app

    _port, came = listener
    current_app.loader.import_default_modules()
    for name in (
        "mail",
        "webhooks",
        "publish",
        "payments",
        "risk",
        "shops",
        "letters",
        "news",
        "rates",
    ):
        current_app.tasks[current_app.conf.beat_schedule[name]["task"]]()
    assert came == []


def test_a_password_reset_sends_nothing_and_says_nothing_else(paused, sign_in, client):
    user = sign_in().actor.user
    User.objects.filter(pk=user.pk).update(email="li@example.com")
    answer = client.post("/accounts/password/reset/", {"email": "li@example.com"})
    assert answer.status_code == 302
    assert mail.outbox == []


@pytest.fixture
def house(settings, tmp_path):
    """A data folder of our own, with no folder of backups."""
    settings.ERP_DATA_DIR, settings.BACKUP_DIR = tmp_path, ""
    return tmp_path


def names(path, *people):
    entries = [
        {
            "key": str(uuid4()),
            "customers": [pk],
            "orders": [],
            "contact_hashes": [],
            "asked_at": timezone.now().isoformat(),
        }
        for pk in people
    ]
    path.write_text(json.dumps(entries))
    return path


def is_refused(*given) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command("resume_effects", "--yes", *given)
    assert door.effects_are_paused()
    return str(refusal.value)


def test_a_restored_copy_stays_paused_until_everybody_was_erased_again(system, api, house):
    api.post("orders", order_body())
    customer = Customer.objects.get()
    moment = timezone.now()
    call_command("pause_effects", "--recovered-to", moment.isoformat())
    try:
        assert "nobody has looked" in is_refused()  # nobody has looked
        names(house / FILE, customer.pk)
        elsewhere = names(house / "other.json", 77, 78)
        assert "1 person whom the register of erasures names" in is_refused()
        assert "3 people" in is_refused("--register", str(elsewhere))
        with pytest.raises(CommandError, match="no file"):
            call_command("erase_again", "--register", str(house / "typo.json"))
        assert "1 person" in is_refused()

        call_command("erase_again", "--register", str(elsewhere))
        customer.refresh_from_db()
        assert customer.erased_at
        call_command("resume_effects", "--yes")
        assert not door.effects_are_paused()
    finally:
        door.ask_anew()


def test_who_only_paused_resumes_unless_the_register_names_somebody_unknown_here(paused, house):
    names(house / FILE, 77)
    assert "1 person" in is_refused()
    (house / FILE).unlink()
    call_command("resume_effects", "--yes")


@pytest.mark.parametrize("said", ["yesterday", "2026-11-29T14:05:00"])
def test_a_copy_by_hand_says_of_which_moment_it_is(system, said):
    with pytest.raises(CommandError):
        call_command("pause_effects", "--recovered-to", said)
    assert not door.effects_are_paused()
