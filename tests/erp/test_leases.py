"""A row is tried so often and no more, whatever it does to its worker; and waiting is no try."""

import json
from datetime import timedelta
from time import monotonic

import pytest
from django.db import Error, OperationalError, connection
from django.utils import timezone

from erp import leases, rounds
from erp.access.queries import job_actor
from erp.celery import QUEUE_OF, QUICK, SLOW, app
from erp.events import relay
from erp.events.models import EventDelivery
from erp.events.sets import takes_sets
from erp.jobs.models import Job
from erp.leases import lease
from erp.messages import send
from erp.messages.models import Message
from erp.messages.send import MAIL
from erp.once import perform
from erp.turns import ask_for_turns
from erp.valkey import valkey
from orders.intake.inbox import tasks as inbox
from orders.intake.inbox.tasks import read_some
from orders.intake.messages.actions.receive import INBOX, receive_message
from orders.intake.shops import notification_gateway as news_gateway
from orders.intake.shops.actions.notifications import NEWS
from orders.models import (
    ChannelNews,
    IncomingMessage,
    Order,
    PaymentCall,
    PaymentIntent,
    PaymentProvider,
    RiskCheck,
    RiskProvider,
    ShopConnection,
)
from orders.payments import gateway as payments_gateway
from orders.payments.actions.intents import note_answer, note_call_failure
from orders.payments.actions.provider_calls import CALLS
from orders.payments.providers.shapes import Answer
from orders.risk import gateway as risk_gateway
from orders.risk.actions import CHECKS
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)
QUEUES = [relay.OUTBOX, MAIL, INBOX, CALLS, CHECKS, NEWS]


@pytest.fixture
def rows(api, shop):
    """Ten rows in each queue, due now."""
    for n in range(5):
        api.post("orders", order_body())
        for m in range(2):
            perform(
                receive_message,
                channel_id=shop.web.pk,
                source="x12",
                topic="purchase_order",
                delivery=f"{n}-{m}",
                origin="",
                body=b"no interchange",
            )
    while ids := relay.lease_due(now=timezone.now()):
        relay.deliver_all(delivery_ids=ids, now=timezone.now())
    EventDelivery.objects.update(status="pending", is_leased=False, due_at=timezone.now())
    calls_of_others(shop)
    return {
        "erp_eventdelivery": EventDelivery,
        "erp_message": Message,
        INBOX.table: IncomingMessage,
        CALLS.table: PaymentCall,
        CHECKS.table: RiskCheck,
        NEWS.table: ChannelNews,
    }


def calls_of_others(shop):
    """A call to a provider, a score to ask for and a notification of a shop for each order."""
    now, orders = timezone.now(), list(Order.objects.order_by("pk"))
    provider = PaymentProvider.objects.create(channel=shop.web, kind="stripe")
    RiskProvider.objects.create(channel=shop.web, kind="minfraud")
    ShopConnection.objects.create(channel=shop.web, url="http://127.0.0.1:1", cursor_at=now)
    for order in orders:
        intent = PaymentIntent.objects.create(
            order=order,
            provider=provider,
            amount=order.total,
            currency=order.currency,
            created_at=now,
        )
        PaymentCall.objects.create(
            intent=intent, kind="create", amount=order.total, key=order.number, due_at=now
        )
        RiskCheck.objects.create(order=order, source="minfraud", due_at=now)
        ChannelNews.objects.create(
            channel=shop.web, order=order, kind="marked", key="1", said={}, due_at=now
        )


def take(queue, **said) -> list[int]:
    return lease(queue, **said, **({"intent": None} if queue is CALLS else {}))


def is_given_up(model, queue) -> list[int]:
    return list(model.objects.filter(status=queue.gives_up).values_list("pk", flat=True))


@pytest.mark.parametrize("queue", QUEUES, ids=lambda q: q.table)
def test_a_backlog_costs_no_tries(rows, queue):
    """Leased again and again before anybody came to it, a row was given up that had never run."""
    model, now = rows[queue.table], timezone.now() + timedelta(seconds=1)
    for _time in range(queue.most + 2):
        take(queue, now=now, limit=100)
        model.objects.update(is_leased=False)  # its worker gave it back
        now += queue.lease * 2
    assert not is_given_up(model, queue)
    assert set(model.objects.values_list("attempts", flat=True)) == {0}


@pytest.mark.parametrize("queue", QUEUES, ids=lambda q: q.table)
def test_what_kills_its_worker_is_given_up_and_nothing_beside_it(rows, queue):
    """Whoever leases the poison dies with all that he leased."""
    model, now = rows[queue.table], timezone.now() + timedelta(seconds=1)
    poison = model.objects.filter(status=queue.waits).earliest("pk").pk
    deaths = 0
    for _round in range(40):
        taken = take(queue, now=now, limit=5)
        if not taken:
            break
        for pk in taken:
            if pk == poison:
                deaths += 1
                break
            model.objects.filter(pk=pk).update(**done_of(model), is_leased=False)
        now += queue.lease * 2

    assert is_given_up(model, queue) == [poison]
    assert deaths <= queue.most
    assert not model.objects.filter(status=queue.waits).exists()


@pytest.mark.parametrize("queue", QUEUES, ids=lambda q: q.table)
def test_what_a_worker_died_with_has_its_turn_while_others_keep_coming(rows, queue):
    """It waited until nothing else did: under an unending backlog for ever."""
    model, now = rows[queue.table], timezone.now() + timedelta(seconds=1)
    (left,) = take(queue, now=now, limit=1)  # and its worker dies
    for _round in range(20):
        now += queue.lease / 2
        others = model.objects.exclude(pk=left).order_by("due_at")
        for pk in take(queue, now=now, limit=2):
            if pk == left:
                assert model.objects.get(pk=left).attempts == 1
                return
            model.objects.filter(pk=pk).update(is_leased=False, due_at=now)  # another one like it
        assert others.exists()
    pytest.fail("others had every turn")


LOST_IN = {
    "erp_eventdelivery": (relay, "_act"),
    "erp_message": (send, "_paper"),
    INBOX.table: (inbox, "read_body"),
    CALLS.table: (payments_gateway, "_ask"),
    CHECKS.table: (risk_gateway, "_said_of"),
    NEWS.table: (news_gateway, "_tell"),
}


def work_some(table: str) -> None:
    if table == "erp_eventdelivery":
        relay.deliver_all(delivery_ids=relay.lease_due(now=timezone.now()), now=timezone.now())
    elif table == "erp_message":
        send.send_due_messages(now=timezone.now())
    elif table == INBOX.table:
        read_some(most=1)
    else:
        ask = {
            CALLS.table: payments_gateway.send_calls,
            CHECKS.table: risk_gateway.ask_providers,
            NEWS.table: news_gateway.tell_shops,
        }
        ask[table](now=timezone.now())


@pytest.mark.parametrize("queue", QUEUES, ids=lambda q: q.table)
def test_what_a_worker_had_as_the_database_went_is_leased_again_as_soon_as_it_is_back(
    rows, queue, monkeypatch
):
    def refused():
        raise OperationalError("the database system is starting up")

    with monkeypatch.context() as patched:

        def lose(*_args, **_said):
            connection.close()
            patched.setattr(connection, "connect", refused)
            Job.objects.first()

        patched.setattr(*LOST_IN[queue.table], lose)
        with pytest.raises(Error):
            work_some(queue.table)
    left = rows[queue.table].objects.filter(is_leased=True, due_at__gt=timezone.now())
    waited = set(left.values_list("pk", flat=True))
    assert waited

    found = set()
    while pks := take(queue, now=timezone.now(), limit=100):
        if waited & set(pks):
            assert len(pks) == 1, "one of them may be what broke it"
        found |= set(pks)
    assert waited <= found
    counted = rows[queue.table].objects.filter(pk__in=waited).values_list("attempts", flat=True)
    assert set(counted) == {1}


def test_a_call_that_kills_its_worker_is_given_up_as_one_that_was_refused(rows, monkeypatch):
    """It was leased for ever: tries were counted when leased, and looked at only when an answer was noted."""
    call, now = PaymentCall.objects.earliest("pk"), timezone.now()
    PaymentCall.objects.exclude(pk=call.pk).update(status="done", done_at=now)

    def dies(_call):
        raise SystemExit

    monkeypatch.setattr(payments_gateway, "_ask", dies)
    for _life in range(CALLS.most):
        with pytest.raises(SystemExit):
            payments_gateway.send_calls(now=now)
        now += 2 * CALLS.lease
    assert payments_gateway.send_calls(now=now) == 0

    call.refresh_from_db()
    assert (call.status, call.is_leased) == ("parked", False)
    assert PaymentIntent.objects.get(pk=call.intent_id).status == "failed"
    assert call.intent.order.holds.filter(reason="payment_not_taken").count() == 1


def test_a_failure_that_comes_after_the_answer_changes_nothing(rows):
    """Whoever was thought dead said "no answer" of what another worker had been answered."""
    call, by, now = PaymentCall.objects.earliest("pk"), job_actor("scheduler"), timezone.now()
    perform(note_answer, call_id=call.pk, answer=Answer("pi_1"), by=by, now=now)
    perform(note_call_failure, call_id=call.pk, error="late", is_final=True, by=by, now=now)
    call.refresh_from_db()
    assert (call.status, call.error) == ("done", "")
    assert not call.intent.order.holds.exists()


@pytest.mark.parametrize("queue", [CALLS, CHECKS, NEWS], ids=lambda q: q.table)
def test_what_others_are_slow_to_answer_is_asked_once(rows, queue, monkeypatch):
    """Of twenty under one lease of a minute, at ten seconds each, the last fourteen were sent by two workers."""
    asked: list[int] = []
    clock = [0.0]
    monkeypatch.setattr(rounds.time, "monotonic", lambda: clock[0])

    def slow(pk, *_said, **_named):
        asked.append(pk)
        clock[0] += 15.0
        leased = rows[queue.table].objects.filter(is_leased=True)
        assert list(leased.values_list("pk", flat=True)) == [pk]
        rows[queue.table].objects.filter(pk=pk).update(
            **done_of(rows[queue.table]), is_leased=False
        )

    for gateway, name in (
        (payments_gateway, "_send_one"),
        (risk_gateway, "_ask_one"),
        (news_gateway, "_tell_one"),
    ):
        monkeypatch.setattr(gateway, name, slow)
    work_some(queue.table)
    assert len(asked) == 2, "a turn ends after twenty seconds"


def test_what_another_worker_may_have_by_now_is_not_taken_from_it(rows, monkeypatch):
    ids = relay.lease_due(now=timezone.now())
    with pytest.raises(Error), leases.worked_on(relay.OUTBOX, ids):
        raise Error("gone")
    monkeypatch.setattr(leases, "monotonic", lambda: monotonic() + 56)

    relay.lease_due(now=timezone.now())

    assert EventDelivery.objects.filter(pk__in=ids, due_at__gt=timezone.now()).count() == len(ids)
    assert not leases._lost


def done_of(model) -> dict[str, object]:
    """What a row says that is done."""
    status = {Message: "sent", IncomingMessage: "processed"}.get(model, "done")
    more = {
        PaymentCall: {"done_at": timezone.now()},
        RiskCheck: {"done_at": timezone.now(), "score": 1},
    }
    return {"status": status, **more.get(model, {})}


def test_of_some_deliveries_the_one_that_fails_is_counted_alone(api, shop, monkeypatch):
    for _n in range(3):
        api.post("orders", order_body())
    ids = relay.lease_due(now=timezone.now() + timedelta(seconds=1), limit=100)
    bad = EventDelivery.objects.filter(pk__in=ids).latest("pk")
    called, whole = [], relay.resolve

    def resolve(name):
        act = whole(name)

        def watched(*, now, event=None, events=()):
            told = [event] if event else events
            called.extend((name, each.pk) for each in told)
            if (bad.subscriber, bad.event_id) in {(name, each.pk) for each in told}:
                raise ValueError("of this one alone")
            act(now=now, **({"event": event} if event else {"events": events}))

        watched.acts_in_sets = takes_sets(act)
        return watched

    monkeypatch.setattr(relay, "resolve", resolve)
    relay.deliver_all(delivery_ids=ids, now=timezone.now())

    rows = dict(EventDelivery.objects.filter(pk__in=ids).values_list("pk", "status"))
    assert rows.pop(bad.pk) == "pending"
    assert set(rows.values()) == {"done"}
    bad.refresh_from_db()
    assert (bad.attempts, bad.is_leased, bad.error) == (1, False, "ValueError: of this one alone")


def test_deliveries_of_one_transaction_act_once(api, shop):
    api.post("orders", order_body())
    ids = relay.lease_due(now=timezone.now() + timedelta(seconds=1), limit=100)
    for _time in range(2):
        relay.deliver_all(delivery_ids=ids, now=timezone.now())
    assert Message.objects.filter(template="order_confirmed").count() <= 1
    assert set(EventDelivery.objects.filter(pk__in=ids).values_list("status", flat=True)) == {
        "done"
    }


def test_every_task_has_a_queue_and_every_queue_a_worker():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == set(QUEUE_OF)
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= ours
    assert set(QUEUE_OF.values()) == {*QUICK, *SLOW}


def test_turns_are_asked_for_up_to_so_many():
    valkey().delete("mail")
    for _time in range(4):
        ask_for_turns("erp.tasks.send_some_messages", most=3)
    try:
        waiting = [json.loads(raw) for raw in valkey().lrange("mail", 0, -1)]
        assert [x["headers"]["task"] for x in waiting] == ["erp.tasks.send_some_messages"] * 3
    finally:
        valkey().delete("mail")


def test_a_message_that_nobody_can_read_is_held(rows):
    while read_some():
        pass
    assert set(IncomingMessage.objects.values_list("status", flat=True)) == {"held"}
