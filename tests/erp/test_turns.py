"""What may take long leaves room: one row at a time, turns that end, and processes for the other queues."""

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.utils import timezone

from erp import turns
from erp.access import account_mails
from erp.access.models import AccountMail, User
from erp.access.queries import actor_of_user
from erp.celery import LONG, PROCESSES, QUEUE_OF, QUEUES, QUICK, SERVED_BY, SLOW, app
from erp.embedded import up
from erp.events import relay
from erp.messages import send
from erp.messages.models import Message
from erp.once import perform
from erp.parked.actions import replay_parked
from erp.parked.queries import parked_counts
from orders.intake.inbox import tasks as inbox
from orders.intake.messages.actions.receive import INBOX, receive_message
from orders.intake.shops.actions.notifications import NEWS
from orders.models import IncomingMessage
from orders.payments.actions.provider_calls import CALLS
from orders.risk.actions import CHECKS
from tests.conftest import order_body
from tests.relay import run_relay

COMPOSE = (settings.BASE_DIR / "docker-compose.yml").read_text()
UNITS = settings.BASE_DIR / "docs/debian"
SERVED = re.compile(r"worker --hostname [\w-]+@%+h --queues (\S+) --concurrency (\d+)")
PARKED = AccountMail.Status.FAILED


def test_units_compose_and_up_serve_the_queues_in_their_order():
    """The units had events before mails: the first mail waited for the last event of a bulk."""
    units = "".join(path.read_text() for path in sorted(UNITS.glob("*worker.service")))
    wanted = {(",".join(queues), str(PROCESSES[queues])) for queues in (QUICK, SLOW)}
    assert set(SERVED.findall(units)) == set(SERVED.findall(COMPOSE)) == wanted
    source = inspect.getsource(up)
    assert all(f'"{",".join(queues)}", {PROCESSES[queues]})' in source for queues in (QUICK, SLOW))


@pytest.mark.parametrize(
    ("queue", "task"),
    [
        (relay.OUTBOX, "erp.tasks.deliver"),
        (send.MAIL, "erp.tasks.send_some_messages"),
        (account_mails.MAILS, "erp.tasks.send_account_mails"),
        (INBOX, "orders.tasks.read_inbox"),
        (CALLS, "orders.tasks.ask_payment_providers"),
        (CHECKS, "orders.tasks.ask_about_risk"),
        (NEWS, "orders.tasks.tell_shops"),
    ],
    ids=lambda given: getattr(given, "table", given),
)
def test_a_task_is_ended_before_what_it_leased_is_another_workers(queue, task):
    app.loader.import_default_modules()
    assert app.tasks[task].time_limit < queue.lease.total_seconds()
    assert app.tasks[task].soft_time_limit < app.tasks[task].time_limit


@contextmanager
def holder(places, place) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process of the pool, which has taken a place."""
    code = (
        "import fcntl, sys; fd, at = int(sys.argv[1]), int(sys.argv[2]);"
        "fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at); print('has', flush=True); sys.stdin.read()"
    )
    fd = places.file.fileno()
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(fd), str(place)],
        pass_fds=[fd],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("queue", LONG)
@pytest.mark.parametrize("processes", [3, 4, 8])
def test_no_queue_has_all_processes_and_each_has_one(queue, processes):
    places = turns.places_for(processes, 2)
    own, *common = places.of(queue)
    assert len(places.of(queue)) + 2 <= processes  # one of the other long queue, one of short tasks
    assert all(own not in places.of(other) for other in LONG if other != queue)
    assert len(common) == processes - 3


def test_a_turn_without_a_place_is_left_out_and_a_killed_process_gives_its_back(monkeypatch):
    places = turns.places_for(3, 2)
    monkeypatch.setattr(turns, "_places", [places])
    done: list[int] = []
    turn = turns.takes_a_place("webhooks")(lambda: done.append(1))
    with holder(places, places.of("webhooks")[0]):
        turn()
        assert done == []
        turns.takes_a_place("jobs")(lambda: done.append(2))()
        assert done == [2]
    turn()
    assert done == [2, 1]


# Whose turns are over before others miss a process: they look for what is due and hand it on, or it is little.
SHORT = {
    "erp.tasks.watch",
    "erp.tasks.back_up_nightly",
    "orders.tasks.merge_twins",
    "orders.tasks.answer_partners",
}


def test_tasks_that_may_take_long_take_a_place(monkeypatch):
    """A pool in which no place is free runs none of them."""
    monkeypatch.setattr(turns.Places, "take", lambda *_: False)
    monkeypatch.setattr(turns, "_places", [turns.places_for(3, 2)])
    app.loader.import_default_modules()
    long = {task for task, queue in QUEUE_OF.items() if queue in LONG} - SHORT
    assert {app.tasks[task].run.place for task in long} == set(LONG)
    for task in long:
        kind = app.tasks[task].run.place
        assert SERVED_BY.get(kind, kind) == QUEUE_OF[task]
        app.tasks[task]()  # would ask the database, which no test of this kind may


def test_what_waits_for_others_stands_where_it_may_wait():
    """Stock was published from among the ticks: a receiver that said nothing had the heartbeat wait."""
    app.loader.import_default_modules()
    asking = {task for task in QUEUE_OF if uses_a_gateway(inspect.unwrap(app.tasks[task].run))}
    assert asking - {"erp.tasks.back_up_nightly"} == set(
        QUEUES["outside"]
    )  # it starts a command of ours
    assert len(asking) > 5


def uses_a_gateway(task) -> bool:
    """Whether a task names something of a module that talks to the network, as the house calls those."""
    used = {name: task.__globals__.get(name) for name in task.__code__.co_names}
    modules = [
        one.__name__ if inspect.ismodule(one) else getattr(one, "__module__", "")
        for one in used.values()
    ]
    return any(name and name.rpartition(".")[2].endswith("gateway") for name in modules)


def test_of_a_task_that_runs_alone_there_is_one(monkeypatch):
    places = turns.places_for(6, 2)
    monkeypatch.setattr(turns, "_places", [places])
    monkeypatch.setattr(turns, "ALONE", ["a", "b"])
    done: list[str] = []
    one, two = (
        turns.takes_a_place("outside", alone=name)(partial(done.append, name)) for name in "ab"
    )
    with holder(places, places.of_task("a")):
        one()
        two()
        assert done == ["b"]
        with holder(places, places.of("outside")[0]):
            two()
    one()
    assert done == ["b", "b", "a"]


def test_a_worker_counts_the_places_of_its_pool(monkeypatch):
    monkeypatch.setattr(turns, "_places", [])

    class Worker:
        concurrency = 5

    with monkeypatch.context() as patch:
        patch.setattr(app.amqp.queues, "_consume_from", {"webhooks": 1, "jobs": 1, "outside": 1})
        turns.open_places(instance=Worker())
    # Of five: one for each of the queues, one for the periodic work, one for short tasks.
    assert len(turns._places[0].of("jobs")) == 1


@pytest.fixture
def letters(shop):
    for n in range(4):
        perform(
            receive_message, channel_id=shop.web.pk, source="x12", topic="t", delivery=str(n),
            origin="", body=b"no interchange",
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_turn_of_the_inbox_ends_after_the_letter_that_took_its_time(letters, monkeypatch):
    """Twenty letters of eight seconds were one turn, and its end was counted for all that it had leased."""
    read: list[int] = []
    leased: list[int] = []

    def slow(*, message_id, body, by, now):
        read.append(message_id)
        leased.append(IncomingMessage.objects.filter(is_leased=True).count())

    monkeypatch.setattr(inbox, "process_message", slow)
    monkeypatch.setattr(inbox, "TURN_S", 0.0)
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(inbox, "ask_for_turns", lambda task, most: asked.append((task, most)))
    waits = {"mail": True}
    monkeypatch.setattr(inbox, "is_waiting", lambda queue: waits.get(queue, False))
    inbox.read_inbox()
    assert (len(read), leased, asked) == (1, [1], [])
    waits.clear()
    inbox.read_inbox()
    assert asked == [("orders.tasks.read_inbox", inbox.READERS)]


@pytest.mark.django_db(transaction=True)
def test_a_slow_mail_server_sends_nothing_twice(api, shop, monkeypatch):
    """Of twenty under one lease of two minutes, at ten seconds each, the last eight went out twice."""
    for _n in range(3):
        api.post("orders", order_body())
    run_relay()
    now, sent, clock = timezone.now() + timedelta(seconds=1), [], [0.0]
    monkeypatch.setattr(send, "monotonic", lambda: clock[0])

    def slow(message, _paper, _server):
        sent.append(message.pk)
        if len(sent) == 1:  # it takes longer than a lease, and another worker comes by
            clock[0] += 2 * send.MAIL.lease.total_seconds()
            while send.send_due_messages(now=now + 2 * send.MAIL.lease):
                pass

    monkeypatch.setattr(send, "_send", slow)
    send.send_due_messages(now=now, limit=2)
    others = [pk for pk in sent if pk != sent[0]]
    assert len(others) == len(set(others)) == Message.objects.count() - 1
    sent.clear()


@pytest.mark.django_db(transaction=True)
def test_a_turn_of_mails_ends_after_the_one_that_took_its_time(api, shop, monkeypatch):
    for _n in range(3):
        api.post("orders", order_body())
    run_relay()
    now = timezone.now() + timedelta(seconds=1)
    assert send.send_due_messages(now=now, for_s=0.0) == 1
    assert Message.objects.filter(status="waiting", is_leased=False).count() == 2


@pytest.mark.django_db(transaction=True)
def test_account_mails_that_were_given_up_are_counted_and_replayed(sign_in):
    """A lost link to choose a password was neither shown, counted nor sent again."""
    user = User.objects.get(pk=sign_in().actor.user_id)
    owner = actor_of_user(user.pk)
    kept = {"user": user, "kind": "password_reset", "recipient": "o@merchant.example"}
    mails = [AccountMail.objects.create(**kept, status=PARKED, attempts=8) for _n in range(2)]
    assert parked_counts()["account_mail"] == 2

    ids = [mail.pk for mail in mails]
    assert perform(replay_parked, queue="account_mail", ids=ids, by=owner, now=timezone.now()) == 1
    assert account_mails.send_account_mails(now=timezone.now()) == 1
    assert parked_counts()["account_mail"] == 1  # of two that ask for the same, one is enough
