"""The catalogue of findings: whoever writes a code finds it there, and it says what follows from it."""

import ast

import pytest
from django.utils import timezone, translation

from erp.once import perform
from orders.models import Hold, Order
from orders.order.actions.holds import hold_for_finding
from orders.order.findings import FINDINGS, UnknownFinding
from orders.order.states import HoldKind
from orders.order.wording import finding
from orders.review.decisions.review import OrderToReview, findings_of
from tests.architecture import guards
from tests.conftest import order_body

CATALOGUE = "orders/order/findings.py"


def said_in(folder: str) -> set[str]:
    """Every text in the code of a room."""
    found = set()
    for path in (guards.ROOT / folder).rglob("*.py"):
        if not str(path).endswith(CATALOGUE):
            nodes = ast.walk(guards.tree_of(path))
            texts = [n.value for n in nodes if isinstance(n, ast.Constant)]
            # A doubt may name what it is about behind its code: "code:name".
            found |= {text.partition(":")[0] for text in texts if isinstance(text, str)}
    return found


def test_a_finding_opens_a_hold_that_there_is_and_is_said_by_its_room():
    for found in FINDINGS.values():
        assert found.hold in {"", *HoldKind.values}, found
        assert not found.is_certain or found.hold, found
    for owner in {found.owner for found in FINDINGS.values()}:
        said = said_in(f"orders/{owner}")
        assert {f.code for f in FINDINGS.values() if f.owner == owner} <= said, owner


def test_every_code_that_is_written_is_in_the_catalogue():
    """As an argument of what writes findings; codes that readers gather are checked when they are written."""
    written = set()
    for module in guards.modules():
        for node in ast.walk(guards.tree_of(module)):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            if name == "_finding":
                written |= {a.value for a in node.args if isinstance(a, ast.Constant)}
            if name in {"hold_for_finding", "cancel_order", "change_order"}:
                given = [k.value for k in node.keywords if k.arg in {"finding", "reason"}]
                written |= {v.value for v in given if isinstance(v, ast.Constant)}
    assert len(written) > 15
    assert written <= set(FINDINGS)


def test_a_code_that_nobody_declared_is_refused(system):
    facts = OrderToReview(
        currency="CNY",
        total=1,
        paid=0,
        method="cod",
        units=1,
        holds_on_doubt=True,
        customer_blocked=False,
        doubts=("row_repeeted",),
    )
    with pytest.raises(UnknownFinding):
        findings_of(facts)


@pytest.mark.django_db(transaction=True)
def test_a_finding_opens_the_hold_that_its_entry_says(api, shop, system):
    number = api.post("orders", order_body()).json()["number"]
    order = Order.objects.get(number=number)
    asked = {"order_id": order.pk, "by": system, "now": timezone.now()}
    with pytest.raises(UnknownFinding):
        perform(hold_for_finding, finding="no_such_thing", **asked)

    perform(hold_for_finding, finding="payment_disputed", **asked)

    hold = Hold.objects.get(order=order)
    assert (hold.kind, hold.reason) == ("payment", "payment_disputed")


def test_an_old_code_and_a_person_s_words_are_shown_as_they_stand():
    with translation.override("en"):
        assert finding("risk_high") == "high fraud risk"
        assert finding("Wants to talk to us") == "Wants to talk to us"
        assert "vip" in finding("rule:vip")
