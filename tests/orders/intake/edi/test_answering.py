"""One purchase order that cannot be answered keeps no partner waiting, and an answer is of any length."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from erp.errors import InProgress
from erp.once import perform
from erp.parked.actions import replay_parked
from erp.parked.queries import parked_counts
from erp.rounds import RowsFailed
from erp.sandbox import call
from orders.intake.edi import actions, x12
from orders.intake.edi.acknowledgements import Answered
from orders.intake.edi.decisions import LineState, answer
from orders.intake.edi.interchanges import acknowledge
from orders.intake.edi.notation import decoded
from orders.intake.edi.tasks import answer_partners
from orders.models import ChannelPolicy, Order, OutgoingDocument
from orders.payments.tasks import age_unpaid
from tests.conftest import NOON, order_body
from tests.orders.intake.edi.test_acknowledgements import INTERCHANGE
from tests.orders.intake.edi.test_acknowledgements import handed as handed

LINE = LineState(key="1", code="TEA-001", ordered=9, cancelled=0, backordered=0, price="39.9")


def said(lines: int) -> Answered:
    states = [
        replace(LINE, key=str(n), code=f"SKU-{n:05}-OF-A-LONG-CATALOGUE") for n in range(lines)
    ]
    return Answered(
        theirs="PO-17",
        ours="1001",
        ordered_on=date(2026, 3, 1),
        ship_on=date(2026, 3, 4),
        currency="CNY",
        answer=answer("confirmed", states),
        control=7,
        at=NOON,
    )


@pytest.mark.parametrize("lines", [1, 500, 700, 2000])
def test_an_answer_has_as_many_lines_as_its_order(lines):
    body = acknowledge("x12", said(lines), INTERCHANGE.format(tea=2, pot=1).encode())
    found = list(x12.segments_of(decoded(body)[0]))
    assert sum(segment[0] == "PO1" for segment in found) == lines
    keeper = call.keeper_process()
    assert keeper is not None
    assert keeper.poll() is None


@pytest.fixture
def owed(handed):
    """Two orders that are owed an answer each, the first of which cannot be written."""
    first = handed(INTERCHANGE.format(tea=2, pot=1))
    second = handed(
        INTERCHANGE.format(tea=1, pot=1).replace("PO-17", "PO-18").replace("000055", "000056")
    )
    assert first.pk != second.pk
    return OutgoingDocument.objects.get(order=first), OutgoingDocument.objects.get(order=second)


def poisoned(monkeypatch, order_id, error):
    lock = actions.lock_order

    def locked(pk: int) -> Order:
        if pk == order_id:
            raise error
        return lock(pk)

    monkeypatch.setattr(actions, "lock_order", locked)


@pytest.mark.django_db(transaction=True)
def test_one_that_cannot_be_written_stops_no_other_and_is_parked(owed, monkeypatch, system):
    poison, other = owed
    poisoned(monkeypatch, poison.order_id, ValueError("nobody foresaw it"))
    answer_partners()
    other.refresh_from_db()
    poison.refresh_from_db()
    assert other.made_at is not None
    assert (poison.attempts, poison.made_at, poison.parked_at) == (1, None, None)
    assert poison.due_at > timezone.now() + timedelta(seconds=60)
    answer_partners()
    poison.refresh_from_db()
    assert poison.attempts == 1, "it is tried later"

    for _again in range(4):
        OutgoingDocument.objects.filter(pk=poison.pk).update(due_at=timezone.now())
        answer_partners()
    poison.refresh_from_db()
    assert (poison.attempts, poison.parked_at is not None) == (5, True)
    assert poison.error == "ValueError: nobody foresaw it"
    assert parked_counts()["acknowledgements"] == 1

    monkeypatch.undo()
    now = timezone.now()
    assert (
        perform(replay_parked, queue="acknowledgements", ids=[poison.pk], by=system, now=now) == 1
    )
    answer_partners()
    poison.refresh_from_db()
    assert poison.made_at is not None
    assert parked_counts()["acknowledgements"] == 0


@pytest.mark.django_db(transaction=True)
def test_an_order_that_is_being_changed_costs_its_answer_no_try(owed, monkeypatch):
    poison, _other = owed
    poisoned(monkeypatch, poison.order_id, InProgress())
    answer_partners()
    poison.refresh_from_db()
    assert (poison.attempts, poison.made_at) == (0, None)
    monkeypatch.undo()
    answer_partners()
    poison.refresh_from_db()
    assert poison.made_at is not None


@pytest.mark.django_db(transaction=True)
def test_an_unpaid_order_that_raises_stops_no_other(api, shop, monkeypatch):
    from orders.payments.actions import overdue

    ChannelPolicy.objects.update(expire_unpaid_hours=1)
    for number in ("a", "b"):
        body = order_body(external_id=number)
        body["payment"] = {"method": "unpaid"}
        assert api.post("orders", body).status_code == 201
    first, second = Order.objects.order_by("pk")
    Order.objects.update(placed_at=timezone.now() - timedelta(hours=3))
    lock = overdue.lock_order

    def locked(pk: int) -> Order:
        if pk == first.pk:
            raise ValueError
        return lock(pk)

    monkeypatch.setattr(overdue, "lock_order", locked)
    with pytest.raises(RowsFailed):
        age_unpaid()
    second.refresh_from_db()
    first.refresh_from_db()
    assert (first.status, second.status) == ("pending", "expired")
