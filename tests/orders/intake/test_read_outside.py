"""No transaction is open while a foreign body is read: one of twenty seconds kept every event from being told."""

import pytest
from django.db import connection
from django.utils import timezone

from erp import files, foreign_xml
from erp.access.models import Channel
from erp.access.queries import job_actor
from erp.once import perform
from faults.hostile.mails import letter
from orders.intake.edi import interchanges
from orders.intake.edi.actions import receive_document
from orders.intake.inbox.tasks import read_some
from orders.intake.mail import mail
from orders.models import IncomingMessage
from tests.fuzzing.targets import EDIFACT, UBL
from tests.orders.samples import INTERCHANGE

SHEET = b"Item,Qty\nTEA-001,3\n"
BODIES = {
    "mail": letter("Order", [("a.csv", SHEET)], "Please send 3 x TEA-001."),
    "no mail": b"X-Any: thing\r\n\r\nhi",
    "x12": INTERCHANGE,
    "edifact": EDIFACT,
    "ubl": UBL,
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", BODIES)
def test_no_transaction_is_open_while_a_body_is_read(kind, shop, monkeypatch):
    open_then = []
    for module in (files, mail, interchanges, foreign_xml):
        right = module.read_in_sandbox

        def noted(*given, right=right, **named):
            open_then.append(connection.in_atomic_block)
            return right(*given, **named)

        monkeypatch.setattr(module, "read_in_sandbox", noted)
    by = job_actor("intake")
    channel = Channel.objects.get(code="web")
    perform(
        receive_document,
        channel_id=channel.pk,
        body=BODIES[kind],
        origin="test",
        by=by,
        now=timezone.now(),
    )

    assert read_some() == 1

    assert IncomingMessage.objects.get().status != "received"
    assert open_then
    assert not any(open_then)
