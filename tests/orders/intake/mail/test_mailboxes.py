"""Letters fetched by IMAP from a real server: each kept once, nothing changed there, whoever dies."""

import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from imap_tools import MailBoxUnencrypted

from erp.access.models import Channel
from orders.intake.inbox.tasks import read_some
from orders.intake.mail import gateway as mail_gateway
from orders.intake.mail.actions.mailboxes import keep_mail
from orders.models import ChannelPolicy, IncomingMessage, MailConnection, OrderDraft, PriceList

pytestmark = pytest.mark.django_db(transaction=True)


def letter(n, text="Please send 3 x TEA-001 to 1 Road, 200040 Shanghai"):
    return (
        f"From: Ann Lee <ann{n}@tea.example>\r\nSubject: An order\r\nMessage-ID: <m{n}@tea.example>\r\n"
        f"Date: {timezone.now():%a, %d %b %Y %H:%M:%S +0000}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


@pytest.fixture(scope="module")
def server():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("pymap")
    running = subprocess.Popen(
        [program, "--host", "127.0.0.1", "--port", str(port), "dict", "--demo-data"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(100):
        time.sleep(0.1)
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                break
    yield port
    running.terminate()
    running.wait()


@pytest.fixture
def mailbox(server, shop, settings):
    """A channel with a mailbox, in a folder of its own; gives a function that delivers a mail."""
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    channel = Channel.objects.create(code="mail", name="Mail", kind="mail", currency="CNY")
    ChannelPolicy.objects.create(channel=channel, price_list=PriceList.objects.get(), review="hold")
    folder = f"F{time.monotonic_ns()}"
    box = MailBoxUnencrypted("127.0.0.1", server).login("demouser", "demopass")
    box.folder.create(folder)
    connect(server, folder)
    yield lambda body: box.append(body, folder, dt=timezone.now())
    box.logout()


def connect(port, folder="INBOX", password="demopass"):
    call_command(
        "connect_mailbox",
        channel="mail",
        host="127.0.0.1",
        port=port,
        user="demouser",
        password=password,
        folder=folder,
        verbosity=0,
    )


def bodies():
    return sorted(bytes(body) for body in IncomingMessage.objects.values_list("body", flat=True))


def test_each_letter_is_kept_as_it_lies_there_once_and_becomes_a_draft(mailbox, laws_hold):
    sent = [letter(1), letter(2)]
    for body in sent:
        mailbox(body)

    assert mail_gateway.fetch_mail(now=timezone.now()) == 2
    assert bodies() == sorted(sent)
    assert mail_gateway.fetch_mail(now=timezone.now()) == 0
    mailbox(letter(3))
    assert mail_gateway.fetch_mail(now=timezone.now()) == 1
    while read_some():
        pass

    assert OrderDraft.objects.count() == 3
    assert {d.reading["lines"][0]["sku"] for d in OrderDraft.objects.all()} == {"TEA-001"}
    laws_hold()


def test_nothing_changes_in_the_mailbox(mailbox, server):
    mailbox(letter(1))
    mail_gateway.fetch_mail(now=timezone.now())

    box = MailBoxUnencrypted("127.0.0.1", server).login("demouser", "demopass")
    folder = MailConnection.objects.get().folder
    assert box.folder.status(folder)["UNSEEN"] == 1
    box.logout()


def test_a_worker_that_dies_between_two_loses_none_and_doubles_none(mailbox, monkeypatch):
    for n in range(4):
        mailbox(letter(n))
    real, calls = mail_gateway.perform, iter(range(100))

    def dies(action, **arguments):
        if action is keep_mail and next(calls) == 2:
            raise SystemExit
        return real(action, **arguments)

    monkeypatch.setattr(mail_gateway, "perform", dies)
    with pytest.raises(SystemExit):
        mail_gateway.fetch_mail(now=timezone.now())
    monkeypatch.undo()
    assert mail_gateway.fetch_mail(now=timezone.now()) == 0  # leased by the dead one

    assert mail_gateway.fetch_mail(now=timezone.now() + timedelta(minutes=11)) == 2
    assert len(bodies()) == 4


def test_numbered_anew_nothing_is_missed_or_doubled(mailbox):
    mailbox(letter(1))
    mail_gateway.fetch_mail(now=timezone.now())
    MailConnection.objects.update(validity=1, last_uid=10**6)
    mailbox(letter(2))

    assert mail_gateway.fetch_mail(now=timezone.now()) == 1
    assert len(bodies()) == 2


def test_a_server_that_is_gone_or_says_no_is_said_and_tried_later(mailbox, server, sign_in):
    MailConnection.objects.update(password="wrong")
    now = timezone.now()
    mail_gateway.fetch_mail(now=now)
    box = MailConnection.objects.get()
    assert (box.failures, bool(box.error)) == (1, True)
    assert box.not_before > now
    assert "demouser" not in box.error
    page = sign_in().get("/orders/reconciliation/").content.decode()
    assert box.error[:20] in page.replace("&#x27;", "'").replace("&quot;", '"')

    MailConnection.objects.update(password="demopass", port=1)
    mail_gateway.fetch_mail(now=now + timedelta(minutes=5))
    assert MailConnection.objects.get().failures == 2

    with pytest.raises(CommandError, match="cannot be read"):
        connect(server, password="wrong")
