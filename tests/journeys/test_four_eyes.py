"""Who proposes does not approve, above a limit: every kind and path, as oneself, by one's own keys, by a job."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from erp.access.actions import create_api_key
from erp.access.models import AccountMail, Actor, Company, User
from erp.access.queries import actor_of_key, actor_of_user
from erp.access.roles import rights_of
from erp.approvals.actions import (
    SecondPersonNeeded,
    approve_limit,
    reject_limit,
    set_approval_limits,
)
from erp.approvals.decisions import is_looser, may_approve, why_needed
from erp.approvals.models import ApprovalKind, ApprovalLimit, LimitChange
from erp.approvals.queries import answers_for, limit_changes, limits
from erp.audit.models import HistoryEntry
from erp.audit.proof import all_laws
from erp.errors import Conflict, DomainError, NotAllowed
from erp.jobs.models import Job
from erp.jobs.runner import work
from erp.once import perform
from erp.security.models import SecurityEvent
from erp.states import IllegalTransition
from erp.web.queues import counted
from inventory.approvals.actions import approve_document
from inventory.catalogue.models import Sku
from inventory.counting.actions.count import (
    Counted,
    approve_count,
    enter_count,
    start_count,
    submit_count,
)
from inventory.models import (
    PurchaseOrder,
    StockCount,
    StockDocument,
    StockMovement,
    Supplier,
)
from inventory.purchasing.actions.purchase import (
    Wanted,
    approve_purchase,
    draft_purchase,
    send_purchase,
)
from inventory.stock.actions.adjust import (
    adjust_stock,
    return_to_vendor,
    write_off,
)
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.receive import receive_stock
from orders.changes.actions.change import change_order
from orders.changes.actions.effect import Wanted as Wanted_
from orders.changes.actions.split import split_order
from orders.customers.actions.terms import (
    approve_terms,
    change_customer,
    exempt_customer,
)
from orders.customers.models import Customer, CustomerGroup, TaxExemption, TermsProposal
from orders.customers.terms import Terms
from orders.models import ExchangeRate, Hold, Order
from orders.order.actions.holds import release_order
from orders.order.actions.life import cancel_order
from orders.payments.actions.record import Tender, record_payment
from orders.placement.actions.place import place_order
from orders.placement.incoming import IncomingOrder
from returns.models import Refund
from returns.refunds.actions.propose import propose_owed_refund, propose_refund
from returns.refunds.actions.settle import approve_refund, complete_refund, reject_refund
from tests.conftest import NOON, ApiClient, order_body

pytestmark = pytest.mark.django_db
LIMIT = Decimal(100)
BELOW, ABOVE = Decimal(50), Decimal(150)


class Cast:
    """One person with two keys, another with one, a key of nobody known, and a job."""

    def __init__(self, shop: Any, sign_in: Callable[..., Any]) -> None:
        self.shop = shop
        self.anna_browser, self.ben_browser = sign_in("owner", "anna"), sign_in("owner", "ben")
        self.anna, self.ben = (
            self._person(self.anna_browser.actor),
            self._person(self.ben_browser.actor),
        )
        self.anna_secret, self.anna_key = self._key(self.anna)
        self.anna_other_secret, self.anna_other_key = self._key(self.anna)
        self.ben_secret, self.ben_key = self._key(self.ben)
        self.nobodys_secret, self.nobodys_key = self._key(shop.system)
        self.job = shop.system

    def _person(self, actor: Actor) -> Actor:
        found = actor_of_user(actor.user_id)
        assert found is not None
        return found

    def _key(self, by: Actor) -> tuple[str, Actor]:
        secret = create_api_key(
            channel_id=self.shop.web.pk, name="key", purpose="owner", by=by, now=NOON
        )
        actor = actor_of_key(secret, now=NOON)
        assert actor is not None
        actor.verbs = rights_of("owner")  # what a key may not do at all is no matter of four eyes
        return secret, actor


@pytest.fixture
def cast(shop, sign_in) -> Cast:
    return Cast(shop, sign_in)


@pytest.fixture
def limited() -> None:
    for kind in ApprovalKind.values:
        ApprovalLimit.objects.create(kind=kind, amount=LIMIT)


def tried(action: Callable[..., Any], **arguments: Any) -> Any:
    with transaction.atomic():
        return action(now=NOON, **arguments)


# The kinds


class Refunds:
    kind, listed, unknown = "refund", "refunds", True

    def __init__(self, cast: Cast) -> None:
        body = order_body(lines=[{"sku": "TEA-001", "quantity": 20}])
        incoming = msgspec.convert(body, IncomingOrder)
        placed = tried(place_order, incoming=incoming, channel=cast.shop.web, by=cast.job)
        self.order = Order.objects.get(number=placed.number)

    def propose(self, by: Actor, amount: Decimal) -> int:
        made = tried(
            propose_refund, order_id=self.order.pk, amount=amount, reason="goodwill", by=by
        )
        return int(made.pk)

    def approve(self, pk: int, by: Actor) -> None:
        tried(approve_refund, refund_id=pk, by=by)

    def is_done(self, pk: int) -> bool:
        return Refund.objects.get(pk=pk).status == "approved"

    def names(self, pk: int) -> tuple[str, str]:
        number = Refund.objects.get(pk=pk).number
        return f"refunds/{number}/approve", f"/returns/refunds/{number}/approve/"


class Stock:
    """Units that cost ten each; what is written waits or is posted at once."""

    listed, unknown = "stock-documents", True

    def __init__(self, cast: Cast) -> None:
        self.warehouse = cast.shop.east
        self.sku = Sku.objects.create(code="CUP-001", name="Cup", weight_g=100)
        changes = [Change(self.sku.pk, 500, Decimal(10))]
        with transaction.atomic():
            ApprovalLimit.objects.all().delete()
            receive_stock(
                warehouse_id=self.warehouse.pk,
                changes=changes,
                reference="opening",
                by=cast.job,
                now=NOON - timedelta(days=3),
            )
            for kind in ApprovalKind.values:
                ApprovalLimit.objects.create(kind=kind, amount=LIMIT)

    def units(self, amount: Decimal) -> int:
        return int(amount / 10)

    def approve(self, pk: int, by: Actor) -> None:
        if StockDocument.objects.get(pk=pk).status == "waiting":
            tried(approve_document, document_id=pk, by=by)

    def is_done(self, pk: int) -> bool:
        return StockMovement.objects.filter(cause_id=str(pk)).exclude(cause_type="count").exists()

    def names(self, pk: int) -> tuple[str, str]:
        from erp.ids import public_id

        return (
            f"stock/documents/{public_id('sdoc', pk)}/approve",
            f"/stock/documents/{pk}/approve/",
        )

    def write(self, action: Callable[..., Any], by: Actor, units: int, **more: Any) -> int:
        changes = [Change(self.sku.pk, units)]
        made = tried(action, warehouse_id=self.warehouse.pk, changes=changes, by=by, **more)
        return int(made.pk)


class WriteOffs(Stock):
    kind = "write_off"

    def propose(self, by: Actor, amount: Decimal) -> int:
        return self.write(write_off, by, self.units(amount), reason="broken")


class Decreases(Stock):
    kind = "write_off"

    def propose(self, by: Actor, amount: Decimal) -> int:
        return self.write(adjust_stock, by, -self.units(amount), reason="lost")


class ReturnsToVendor(Stock):
    kind = "write_off"

    def propose(self, by: Actor, amount: Decimal) -> int:
        supplier, _new = Supplier.objects.get_or_create(code="acme", name="Acme", currency="CNY")
        units = self.units(amount)
        return self.write(return_to_vendor, by, units, supplier_id=supplier.pk, reason="faulty")


class Increases(Stock):
    kind = "adjustment"

    def propose(self, by: Actor, amount: Decimal) -> int:
        return self.write(adjust_stock, by, self.units(amount), reason="found")


class Receipts(Stock):
    kind = "adjustment"

    def propose(self, by: Actor, amount: Decimal) -> int:
        return self.write(receive_stock, by, self.units(amount), reference="on a slip")


class Counts(Stock):
    kind, listed = "adjustment", ""

    def propose(self, by: Actor, amount: Decimal) -> int:
        made = tried(start_count, warehouse_id=self.warehouse.pk, sku_ids=[self.sku.pk], by=by)
        line = made.lines.get()
        found = Counted(line.place_id, self.sku.pk, 500 + self.units(amount))
        tried(enter_count, count_id=made.pk, found=[found], by=by)
        tried(submit_count, count_id=made.pk, by=by)
        return int(made.pk)

    def approve(self, pk: int, by: Actor) -> None:
        if StockCount.objects.get(pk=pk).status == "submitted":
            tried(approve_count, count_id=pk, by=by)

    def is_done(self, pk: int) -> bool:
        return StockCount.objects.get(pk=pk).status == "posted"

    def names(self, pk: int) -> tuple[str, str]:
        number = StockCount.objects.get(pk=pk).number
        return f"stock/counts/{number}/approve", f"/stock/counts/{number}/approve/"


class Purchases:
    kind, listed, unknown = "purchase", "purchases", True

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.supplier = Supplier.objects.create(code="acme", name="Acme", currency="CNY")

    def propose(self, by: Actor, amount: Decimal) -> int:
        made = tried(
            draft_purchase,
            supplier_id=self.supplier.pk,
            warehouse_id=self.cast.shop.east.pk,
            wanted=[Wanted(self.cast.shop.mug.pk, 10, amount / 10)],
            by=by,
        )
        return int(made.pk)

    def approve(self, pk: int, by: Actor) -> None:
        tried(approve_purchase, purchase_id=pk, by=by)

    def is_done(self, pk: int) -> bool:
        return PurchaseOrder.objects.get(pk=pk).status == "approved"

    def names(self, pk: int) -> tuple[str, str]:
        number = PurchaseOrder.objects.get(pk=pk).number
        return f"purchase-orders/{number}/approve", f"/purchasing/{number}/approve/"


class CreditTerms:
    kind, listed, unknown = "terms", "", False

    def __init__(self, cast: Cast) -> None:
        self.customer = Customer.objects.create(name="Li Na", credit_limit=0)

    def propose(self, by: Actor, amount: Decimal) -> int:
        terms = Terms("", amount, 30)
        tried(
            change_customer,
            customer_id=self.customer.pk,
            min_shelf_life_days=0,
            note="",
            terms=terms,
            by=by,
        )
        self.amount = amount
        waiting = TermsProposal.objects.filter(customer=self.customer, status="waiting").first()
        return waiting.pk if waiting else 0

    def approve(self, pk: int, by: Actor) -> None:
        if pk:
            tried(approve_terms, proposal_id=pk, by=by)

    def is_done(self, pk: int) -> bool:
        return Customer.objects.get(pk=self.customer.pk).credit_limit == self.amount

    def names(self, pk: int) -> tuple[str, str]:
        from erp.ids import public_id

        there = f"customers/{public_id('cus', self.customer.pk)}/terms/{public_id('trm', pk)}"
        return f"{there}/approve", f"/{there}/approve/"


class Gifts:
    """Free orders of tea, which costs 39.90, or 35 from ten on."""

    kind, listed, unknown = "goodwill", "", False

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def propose(self, by: Actor, amount: Decimal) -> int:
        units = 1 if amount == BELOW else 4
        body = order_body(type="reissue", lines=[{"sku": "TEA-001", "quantity": units}])
        incoming = msgspec.convert(body, IncomingOrder)
        placed = tried(place_order, incoming=incoming, channel=self.cast.shop.web, by=by)
        return int(Order.objects.get(number=placed.number).pk)

    def approve(self, pk: int, by: Actor) -> None:
        if Hold.objects.filter(order=pk, released_at=None).exists():
            tried(release_order, order_id=pk, by=by)

    def is_done(self, pk: int) -> bool:
        return Order.objects.get(pk=pk).status == "confirmed"

    def names(self, pk: int) -> tuple[str, str]:
        number = Order.objects.get(pk=pk).number
        return f"orders/{number}/release", f"/orders/{number}/release/"


KINDS = [
    Refunds,
    WriteOffs,
    Decreases,
    ReturnsToVendor,
    Increases,
    Receipts,
    Counts,
    Purchases,
    CreditTerms,
    Gifts,
]
# (who proposes, who approves, whether that is a second person)
PAIRS = [
    ("anna", "anna", False),
    ("anna", "anna_key", False),
    ("anna_key", "anna", False),
    ("anna_key", "anna_other_key", False),
    ("nobodys_key", "nobodys_key", False),
    ("anna", "job", False),
    ("job", "job", False),
    ("anna", "ben", True),
    ("anna", "ben_key", True),
    ("anna_key", "ben", True),
    ("anna", "nobodys_key", False),
    ("job", "anna", True),
]


@pytest.mark.parametrize(("proposer", "approver", "is_second"), PAIRS)
@pytest.mark.parametrize("kind", KINDS)
def test_above_the_limit_another_person_approves(
    cast, limited, kind, proposer, approver, is_second
):
    doing = kind(cast)
    pk = doing.propose(getattr(cast, proposer), ABOVE)
    assert not doing.is_done(pk)

    if is_second:
        doing.approve(pk, getattr(cast, approver))
    else:
        with pytest.raises(SecondPersonNeeded) as refused:
            doing.approve(pk, getattr(cast, approver))
        assert refused.value.reason == (
            "job-above-limit" if approver in {"job", "nobodys_key"} else "own-proposal"
        )
    assert doing.is_done(pk) is is_second
    laws = [law for law in all_laws() if law.code.endswith("_four_eyes")]
    assert len(laws) == 7
    for law in laws:
        with connection.cursor() as cursor:
            cursor.execute(law.sql)
            assert not cursor.fetchall(), law.code


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["anna", "anna_key", "job"])
def test_up_to_the_limit_one_person_does(cast, limited, kind, who):
    doing = kind(cast)
    pk = doing.propose(getattr(cast, who), BELOW)
    doing.approve(pk, getattr(cast, who))
    assert doing.is_done(pk)


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_limit_nothing_changes(cast, kind):
    doing = kind(cast)
    ApprovalLimit.objects.all().delete()
    pk = doing.propose(cast.anna, ABOVE)
    doing.approve(pk, cast.anna)
    assert doing.is_done(pk)


@pytest.mark.parametrize("kind", KINDS)
def test_nought_is_always(cast, kind):
    doing = kind(cast)
    ApprovalLimit.objects.all().delete()
    ApprovalLimit.objects.create(kind=doing.kind, amount=0)
    pk = doing.propose(cast.anna, BELOW)
    with pytest.raises(SecondPersonNeeded):
        doing.approve(pk, cast.anna)
    doing.approve(pk, cast.ben)
    assert doing.is_done(pk)


@pytest.mark.parametrize("kind", [Refunds, Purchases])
def test_without_a_rate_a_second_person_is_needed(cast, limited, kind):
    doing = kind(cast)
    Company.objects.update(currency="EUR")
    pk = doing.propose(cast.anna, BELOW)
    with pytest.raises(SecondPersonNeeded):
        doing.approve(pk, cast.anna)

    ExchangeRate.objects.create(currency="CNY", on=NOON.date() + timedelta(days=1), rate="0.1")
    with pytest.raises(SecondPersonNeeded):  # of tomorrow
        doing.approve(pk, cast.anna)
    doing.approve(pk, cast.ben)
    ExchangeRate.objects.create(currency="CNY", on=NOON.date(), rate="0.1")
    other = doing.propose(cast.anna, BELOW)
    doing.approve(other, cast.anna)  # ten euros, with the one before
    assert doing.is_done(pk)
    assert doing.is_done(other)


def test_what_nobody_knows_the_cost_of_needs_a_second_person(cast, limited):
    stock = WriteOffs(cast)
    stock.sku = Sku.objects.create(code="BOX-001", name="Box", weight_g=1)
    pk = Increases.propose(stock, cast.anna, Decimal(10))
    with pytest.raises(SecondPersonNeeded):
        stock.approve(pk, cast.anna)


# Small pieces of a large thing


@pytest.mark.parametrize("kind", [Refunds, WriteOffs, Decreases, Increases, Receipts, Purchases])
def test_small_pieces_count_together(cast, limited, kind):
    doing = kind(cast)
    first = doing.propose(cast.anna, Decimal(60))
    doing.approve(first, cast.anna)
    second = doing.propose(cast.anna_key, Decimal(60))
    with pytest.raises(SecondPersonNeeded):
        doing.approve(second, cast.anna_other_key)
    assert (doing.is_done(first), doing.is_done(second)) == (True, False)
    third = doing.propose(cast.ben, Decimal(60))  # somebody else's is their own
    doing.approve(third, cast.ben)


def test_a_second_gift_to_a_customer_within_a_day_counts_as_more(cast, limited):
    gifts = Gifts(cast)
    same = order_body()["customer"]
    made = []
    for _n in range(2):
        body = order_body(type="reissue", customer=same, lines=[{"sku": "TEA-001", "quantity": 1}])
        incoming = msgspec.convert(body, IncomingOrder)
        placed = tried(place_order, incoming=incoming, channel=cast.shop.web, by=cast.anna)
        made.append(Order.objects.get(number=placed.number).pk)
    assert [gifts.is_done(pk) for pk in made] == [True, False]


# Ways around


@pytest.mark.parametrize("verb", [complete_refund])
def test_paying_out_does_not_go_around_the_approval(cast, limited, verb):
    doing = Refunds(cast)
    pk = doing.propose(cast.anna, ABOVE)
    with pytest.raises(DomainError):
        tried(verb, refund_id=pk, by=cast.anna)
    assert Refund.objects.get(pk=pk).status == "proposed"


def test_sending_does_not_go_around_the_approval(cast, limited):
    doing = Purchases(cast)
    pk = doing.propose(cast.anna, ABOVE)
    with pytest.raises(DomainError):
        tried(send_purchase, purchase_id=pk, by=cast.anna)


def test_cancelling_is_no_way_to_give_money_back_alone(cast, limited):
    """A job proposes what a cancelled order owes: for whoever cancelled it."""
    doing = Refunds(cast)
    tried(cancel_order, order_id=doing.order.pk, reason="wish", by=cast.anna_key)
    made = tried(propose_owed_refund, order_id=doing.order.pk, by=cast.job)
    with pytest.raises(SecondPersonNeeded):
        doing.approve(made.pk, cast.anna)
    tried(reject_refund, refund_id=made.pk, by=cast.anna)
    again = Refund.objects.get(order=doing.order, status="proposed")
    with pytest.raises(SecondPersonNeeded):
        doing.approve(again.pk, cast.anna)
    doing.approve(again.pk, cast.ben)


def test_a_job_that_takes_in_a_payment_hides_nobody(cast, limited):
    """The relay proposes what is owed after the job's step: somebody made it owed before."""
    doing = Refunds(cast)
    wanted = Wanted_(units={doing.order.lines.get().pk: 10})
    tried(change_order, order_id=doing.order.pk, wanted=wanted, reason="less", by=cast.anna_key)
    tender = Tender("transfer", "late", Decimal(20), "CNY")
    tried(record_payment, order_id=doing.order.pk, tender=tender, by=cast.job)
    made = tried(propose_owed_refund, order_id=doing.order.pk, by=cast.job)
    assert made.proposed_for_id == cast.anna.pk
    with pytest.raises(SecondPersonNeeded):
        tried(approve_refund, refund_id=made.pk, by=cast.anna)


def test_whoever_rejects_a_refund_does_not_propose_the_one_in_its_place(cast, limited):
    doing = Refunds(cast)
    tried(cancel_order, order_id=doing.order.pk, reason="wish", by=cast.anna)
    made = tried(propose_owed_refund, order_id=doing.order.pk, by=cast.job)
    tried(reject_refund, refund_id=made.pk, by=cast.ben)
    again = Refund.objects.exclude(pk=made.pk).get()
    assert again.proposed_for_id == cast.anna.pk
    with pytest.raises(SecondPersonNeeded):
        tried(approve_refund, refund_id=again.pk, by=cast.anna_key)


def test_who_had_a_hand_in_it_before_is_no_second_person_either(cast, limited, sign_in):
    """Somebody's small step after a large one, before the job has proposed, does not free who made the large one."""
    doing = Refunds(cast)
    line = doing.order.lines.get()
    for units, by in ((10, cast.anna), (9, cast.ben)):
        wanted = Wanted_(units={line.pk: units})
        tried(change_order, order_id=doing.order.pk, wanted=wanted, reason="less", by=by)
    made = tried(propose_owed_refund, order_id=doing.order.pk, by=cast.job)
    assert made.proposed_for_id == cast.ben.pk
    with pytest.raises(SecondPersonNeeded):
        tried(approve_refund, refund_id=made.pk, by=cast.anna)
    third = actor_of_user(sign_in("owner", "cleo").actor.user_id)
    tried(approve_refund, refund_id=made.pk, by=third)


def test_what_a_job_cancelled_anybody_approves(cast, limited):
    doing = Refunds(cast)
    tried(cancel_order, order_id=doing.order.pk, reason="rule", by=cast.job)
    made = tried(propose_owed_refund, order_id=doing.order.pk, by=cast.job)
    with pytest.raises(SecondPersonNeeded):
        doing.approve(made.pk, cast.job)
    doing.approve(made.pk, cast.anna)


@pytest.mark.parametrize("kind", [Refunds, WriteOffs, Purchases])
def test_a_limit_that_is_raised_later_takes_nothing_back(cast, limited, kind):
    doing = kind(cast)
    pk = doing.propose(cast.anna, ABOVE)
    ApprovalLimit.objects.all().delete()
    with pytest.raises(SecondPersonNeeded):
        doing.approve(pk, cast.anna)


@pytest.mark.parametrize("kind", [Refunds, Purchases])
def test_a_limit_that_is_lowered_later_holds(cast, kind):
    doing = kind(cast)
    pk = doing.propose(cast.anna, ABOVE)
    ApprovalLimit.objects.create(kind=doing.kind, amount=LIMIT)
    with pytest.raises(SecondPersonNeeded):
        doing.approve(pk, cast.anna)


def test_who_counted_does_not_approve_what_another_finished(cast, limited, sign_in):
    doing = Counts(cast)
    made = tried(start_count, warehouse_id=doing.warehouse.pk, sku_ids=[doing.sku.pk], by=cast.ben)
    found = Counted(made.lines.get().place_id, doing.sku.pk, 600)
    tried(enter_count, count_id=made.pk, found=[found], by=cast.anna)
    tried(submit_count, count_id=made.pk, by=cast.ben)
    for who in (cast.anna, cast.ben, cast.anna_key):
        with pytest.raises(SecondPersonNeeded):
            doing.approve(made.pk, who)
    doing.approve(made.pk, actor_of_user(sign_in("owner", "cleo").actor.user_id))


def test_terms_hold_once_another_person_approved_them(cast, limited):
    retail = CustomerGroup.objects.create(code="vip", name="VIP")
    customer = Customer.objects.create(name="Li Na", credit_limit=50)

    def change(group="", credit=Decimal(50), days=30, has_account=False):
        asked = {"customer_id": customer.pk, "min_shelf_life_days": 0, "note": "n"}
        terms = Terms(group, credit, days, has_account)
        return tried(change_customer, **asked, terms=terms, by=cast.anna)

    unlimited = {"credit": None, "has_account": True}
    for more in ({"group": "vip"}, unlimited, {"credit": Decimal(101)}):
        assert change(**more).terms_wait
        customer.refresh_from_db()
        assert (customer.group, customer.credit_limit) == (None, 50)
    assert TermsProposal.objects.filter(status="waiting").count() == 1
    assert not change(credit=Decimal(100)).terms_wait  # up to the limit
    change(group="vip", credit=Decimal(10))
    with pytest.raises(SecondPersonNeeded):
        tried(approve_terms, proposal_id=TermsProposal.objects.latest("pk").pk, by=cast.anna)
    tried(approve_terms, proposal_id=TermsProposal.objects.latest("pk").pk, by=cast.ben)
    customer.refresh_from_db()
    assert (customer.group, customer.credit_limit) == (retail, 10)


def test_an_exemption_holds_once_another_person_approved_it(cast, limited):
    customer = Customer.objects.create(name="Ltd", credit_limit=0)
    asked = {"customer_id": customer.pk, "country": "DE", "tax_id": "DE136695976"}
    made = tried(exempt_customer, **asked, by=cast.anna)
    assert not TaxExemption.objects.exists()
    with pytest.raises(SecondPersonNeeded):
        tried(approve_terms, proposal_id=made.pk, by=cast.anna)
    tried(approve_terms, proposal_id=made.pk, by=cast.ben)
    assert TaxExemption.objects.get().by == cast.anna


def test_a_gift_that_waits_is_not_split_off_its_hold_nor_made_larger(cast, limited):
    gifts = Gifts(cast)
    order = Order.objects.get(pk=gifts.propose(cast.anna, ABOVE))
    line = order.lines.get()
    with pytest.raises(DomainError):
        tried(split_order, order_id=order.pk, units={line.pk: 1}, reason="x", by=cast.anna)
    small = Order.objects.get(pk=gifts.propose(cast.anna, BELOW))
    assert small.open_holds == 0
    wanted = Wanted_({small.lines.get().pk: 9})
    tried(change_order, order_id=small.pk, wanted=wanted, reason="x", by=cast.anna)
    small.refresh_from_db()
    assert small.open_holds == 1
    with pytest.raises(SecondPersonNeeded):
        tried(release_order, order_id=small.pk, by=cast.anna_key)
    tried(release_order, order_id=small.pk, by=cast.ben)


# Paths


def _api(cast, doing, pk, who):
    client = ApiClient(getattr(cast, f"{who}_secret"))
    answer = client.post(doing.names(pk)[0], {})
    return answer.status_code, answer.json().get("code", "")


KEYED = [Refunds, WriteOffs, Increases, Receipts, Counts, Purchases]


@pytest.mark.parametrize("kind", KEYED)
def test_the_api_answers_409_with_its_code(cast, limited, kind):
    doing = kind(cast)
    pk = doing.propose(cast.anna_key, ABOVE)
    status, code = _api(cast, doing, pk, "anna_other")
    assert (status, code) == (409, "second-person-needed")
    assert not doing.is_done(pk)
    assert _api(cast, doing, pk, "ben")[0] == 200
    assert doing.is_done(pk)


@pytest.mark.parametrize("kind", [*KEYED, CreditTerms, Gifts])
def test_a_button_posts_to_the_same_verb(cast, limited, kind):
    doing = kind(cast)
    pk = doing.propose(cast.anna_key, ABOVE)
    path = doing.names(pk)[1]
    answer = cast.anna_browser.post(path, follow=True)
    assert "Somebody else must approve this" in answer.content.decode()
    assert not doing.is_done(pk)
    cast.ben_browser.post(path)
    assert doing.is_done(pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [Refunds, WriteOffs, Purchases])
def test_a_bulk_action_is_the_person_who_began_it(cast, limited, kind):
    doing = kind(cast)
    pk = doing.propose(cast.anna_key, ABOVE)
    for browser, is_second in ((cast.anna_browser, False), (cast.ben_browser, True)):
        browser.post(f"/lists/{doing.listed}/bulk/", {"verb": "approve", "row": [pk]})
        job = Job.objects.latest("pk")
        while Job.objects.get(pk=job.pk).status == "running":
            work(job.pk)
        assert doing.is_done(pk) is is_second


@pytest.mark.parametrize("kind", [Refunds, WriteOffs, Purchases])
def test_the_proposers_button_is_off_and_says_why(cast, limited, kind):
    doing = kind(cast)
    pk = doing.propose(cast.anna, ABOVE)
    path = doing.names(pk)[1].removesuffix("approve/")
    if kind is Refunds:
        path = f"/orders/{doing.order.number}/"
    for client, is_off in ((cast.anna_browser, True), (cast.ben_browser, False)):
        shown = client.get(path).content.decode()
        assert ("Somebody else must approve this: the limit is" in shown) is is_off


def test_allowed_actions_tell_the_truth(cast, limited):
    doing = Refunds(cast)
    pk = doing.propose(cast.anna, ABOVE)
    number = Refund.objects.get(pk=pk).number
    for secret, may in ((cast.anna_secret, False), (cast.ben_secret, True)):
        client = ApiClient(secret)
        one = client.get(f"refunds/{number}").json()
        (listed,) = client.get("refunds").json()["data"]
        for document in (one, listed):
            assert ("approve" in document["allowed_actions"]) is may
            assert document["needs_second_person"]


@pytest.mark.parametrize("kind", [Refunds, WriteOffs, Purchases])
def test_what_waits_is_the_work_of_others(cast, limited, kind):
    doing = kind(cast)
    doing.propose(cast.anna_key, ABOVE)

    def waiting(actor: Actor) -> int:
        from erp.lists import row_counts
        from erp.valkey import valkey

        row_counts._local.clear()
        for key in valkey().scan_iter("*queue:*"):
            valkey().delete(key)
        names = ("Refunds to approve", "Stock changes to approve", "Purchase orders to approve")
        return sum(q["number"] for q in counted(actor) if str(q["queue"].label) in names)

    assert (waiting(cast.anna), waiting(cast.ben)) == (0, 1)


# The setting


def test_limits_are_set_on_a_page_and_the_history_says_by_whom(cast):
    page = cast.anna_browser.post(
        "/settings/approvals/", {"refund": "500", "terms": "0"}, follow=True
    )
    assert 'value="500.00"' in page.content.decode()
    assert limits() == {"refund": 500, "terms": 0}
    cast.anna_browser.post("/settings/approvals/", {"refund": "400", "terms": "0"})
    assert limits() == {"refund": 400, "terms": 0}
    entries = HistoryEntry.objects.filter(table="erp_approvallimit")
    assert [e.change for e in entries.order_by("pk")] == ["insert", "insert", "update"]
    assert {e.by for e in entries} == {cast.anna.pk}
    for wrong in ("-1", "x", "1.234", "9" * 20):
        cast.anna_browser.post("/settings/approvals/", {"refund": wrong})
    assert limits() == {"refund": 400, "terms": 0}


LOOSER = [Decimal(600), None]


@pytest.mark.parametrize("amount", LOOSER)
def test_who_loosens_a_limit_does_not_approve_it(cast, amount):
    """Set a limit to none, refund, set it back: one person moved money alone."""
    doing = Refunds(cast)
    ApprovalLimit.objects.create(kind="refund", amount=LIMIT)
    (asked,) = tried(set_approval_limits, limits={"refund": amount}, by=cast.anna)
    assert limits() == {"refund": LIMIT}
    for one in (cast.anna, cast.anna_key, cast.job):
        with pytest.raises(SecondPersonNeeded):
            tried(approve_limit, change_id=asked.pk, by=one)
    later = NOON + timedelta(days=30)
    with pytest.raises(SecondPersonNeeded), transaction.atomic():
        approve_limit(change_id=asked.pk, by=cast.anna, now=later)
    pk = doing.propose(cast.anna, ABOVE)
    with pytest.raises(SecondPersonNeeded):
        doing.approve(pk, cast.anna)

    tried(approve_limit, change_id=asked.pk, by=cast.ben)
    assert limits() == ({} if amount is None else {"refund": amount})
    entry = HistoryEntry.objects.filter(table="erp_approvallimit").latest("pk")
    assert entry.by == cast.ben.pk


def test_a_narrower_limit_holds_at_once_and_ends_what_waits(cast):
    assert tried(set_approval_limits, limits={"refund": LIMIT}, by=cast.anna) == []
    (asked,) = tried(set_approval_limits, limits={"refund": None}, by=cast.anna)
    assert tried(set_approval_limits, limits={"refund": Decimal(5)}, by=cast.ben) == []
    assert limits() == {"refund": 5}
    with pytest.raises(IllegalTransition):
        tried(approve_limit, change_id=asked.pk, by=cast.ben)


def test_a_looser_limit_takes_the_place_of_the_one_that_waits_and_may_be_rejected(cast):
    ApprovalLimit.objects.create(kind="refund", amount=LIMIT)
    asked = [
        tried(set_approval_limits, limits={"refund": amount}, by=by)[0].pk
        for amount, by in ((None, cast.anna), (None, cast.anna), (Decimal(900), cast.ben))
    ]
    assert asked[0] == asked[1] != asked[2]
    assert [change.pk for change in limit_changes()] == asked[2:]
    tried(reject_limit, change_id=asked[2], by=cast.ben)
    assert (limit_changes(), limits()) == ([], {"refund": LIMIT})


def test_where_nobody_else_could_a_looser_limit_waits_a_day(cast):
    ApprovalLimit.objects.create(kind="refund", amount=LIMIT)
    Actor.objects.filter(pk=cast.ben.pk).update(is_active=False)
    (asked,) = tried(set_approval_limits, limits={"refund": None}, by=cast.anna)
    for hours, by, refusal in (
        (0, cast.anna, Conflict),
        (23, cast.anna, Conflict),
        (25, cast.job, SecondPersonNeeded),
    ):
        with pytest.raises(refusal), transaction.atomic():
            approve_limit(change_id=asked.pk, by=by, now=NOON + timedelta(hours=hours))
    with pytest.raises(IntegrityError), transaction.atomic():
        LimitChange.objects.filter(pk=asked.pk).update(status="approved", ended_at=NOON)
    assert limits() == {"refund": LIMIT}
    Actor.objects.filter(pk=cast.ben.pk).update(is_active=True)  # meanwhile there is somebody
    with pytest.raises(SecondPersonNeeded), transaction.atomic():
        approve_limit(change_id=asked.pk, by=cast.anna, now=NOON + timedelta(hours=25))
    Actor.objects.filter(pk=cast.ben.pk).update(is_active=False)
    with transaction.atomic():
        approve_limit(change_id=asked.pk, by=cast.anna, now=NOON + timedelta(hours=25))
    assert limits() == {}


def test_switching_the_other_person_off_makes_nobody_the_second(cast):
    ApprovalLimit.objects.create(kind="refund", amount=LIMIT)
    (asked,) = tried(set_approval_limits, limits={"refund": None}, by=cast.anna)
    Actor.objects.filter(pk=cast.ben.pk).update(is_active=False)
    with pytest.raises(SecondPersonNeeded), transaction.atomic():
        approve_limit(change_id=asked.pk, by=cast.anna, now=NOON + timedelta(hours=25))


def test_owners_are_told_of_every_change_of_limits(cast):
    User.objects.filter(actor=cast.ben).update(email="ben@merchant.example")
    tried(set_approval_limits, limits={"refund": LIMIT, "terms": LIMIT}, by=cast.anna)
    asked = tried(set_approval_limits, limits={"refund": None, "terms": None}, by=cast.anna)
    tried(approve_limit, change_id=asked[0].pk, by=cast.ben)
    tried(reject_limit, change_id=asked[1].pk, by=cast.ben)
    kinds = ["limit_changed"] * 2 + ["limit_proposed"] * 2 + ["limit_changed", "limit_rejected"]
    for rows in (AccountMail.objects.filter(user__actor=cast.ben), SecurityEvent.objects.all()):
        told = rows.filter(kind__startswith="limit_").order_by("pk")
        assert list(told.values_list("kind", flat=True)) == kinds
    assert "Refunds" in AccountMail.objects.filter(kind="limit_proposed").earliest("pk").detail


def test_the_page_of_limits_lets_another_person_approve(cast):
    for amount in ("100", ""):
        said = cast.anna_browser.post("/settings/approvals/", {"refund": amount}, follow=True)
    assert "waits for another person" in said.content.decode()
    (asked,) = limit_changes()
    mine = cast.anna_browser.get("/settings/approvals/").content.decode()
    assert "Somebody else must approve this" in mine
    cast.anna_browser.post(f"/settings/approvals/{asked.pk}/approve/")
    assert limits()
    cast.ben_browser.post(f"/settings/approvals/{asked.pk}/approve/")
    assert not limits()
    assert cast.ben_browser.post(f"/settings/approvals/{asked.pk}/x/").status_code == 404


@given(
    before=st.none() | st.decimals(0, 100, places=2),
    after=st.none() | st.decimals(0, 100, places=2),
    amount=st.decimals(0, 100, places=2),
)
def test_what_is_not_looser_lets_nothing_more_pass(before, after, amount):
    if not is_looser(before, after) and why_needed(amount, before):
        assert why_needed(amount, after)


def test_who_may_not_change_settings_sets_no_limit(cast, sign_in):
    finance = sign_in("finance").actor
    finance.verbs = rights_of("finance")
    with pytest.raises(NotAllowed):
        tried(set_approval_limits, limits={"refund": None}, by=finance)


def test_a_key_answers_for_who_made_it(cast):
    assert answers_for(cast.anna_key) == answers_for(cast.anna) == cast.anna.pk
    assert answers_for(cast.nobodys_key) == cast.nobodys_key.pk
    assert answers_for(cast.job) == cast.job.pk


# The last guard


@pytest.mark.parametrize(
    ("table", "done"),
    [
        ("returns_refund", "status = 'approved'"),
        ("inventory_stockdocument", "status = 'posted'"),
        ("inventory_stockcount", "status = 'posted'"),
        ("inventory_purchaseorder", "status = 'approved'"),
        ("orders_termsproposal", "status = 'approved'"),
        ("orders_hold", "released_at = now(), released_by_id = by_id"),
    ],
)
def test_the_database_refuses_one_person_and_no_person(cast, limited, table, done):
    by_table = {
        "returns_refund": Refunds,
        "inventory_stockdocument": WriteOffs,
        "inventory_stockcount": Counts,
        "inventory_purchaseorder": Purchases,
        "orders_termsproposal": CreditTerms,
        "orders_hold": Gifts,
    }
    by_table[table](cast).propose(cast.anna, ABOVE)
    changes = ["approved_for_id = proposed_for_id", done]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {change} WHERE needs_second_person")


# The decision


@given(
    amount=st.none() | st.decimals(0, 1000, places=2),
    limit=st.none() | st.decimals(0, 1000, places=2),
    proposer=st.integers(1, 3),
    approver=st.integers(1, 3),
    is_job=st.booleans(),
    was_needed=st.booleans(),
)
def test_the_decision_is_what_it_says(amount, limit, proposer, approver, is_job, was_needed):
    ruling = may_approve(
        amount=amount,
        limit=limit,
        proposers=[proposer],
        approver=approver,
        is_job=is_job,
        was_needed=was_needed,
    )
    is_over = limit is not None and (limit == 0 or amount is None or amount > limit)
    assert bool(ruling.need) == (is_over or was_needed)
    assert ruling.is_allowed == (
        not (is_over or was_needed) or (approver != proposer and not is_job)
    )
    assert ruling.need == why_needed(amount, limit, was_needed=was_needed)


# Whatever one person does, with whatever keys

PHASES = (Phase.generate, Phase.shrink)  # explaining traces every line of the product
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["propose", "approve", "reject", "complete", "cancel", "owed"]),
        st.sampled_from(["anna", "anna_key", "anna_other_key", "job"]),
        st.integers(1, 7),
        st.integers(0, 3),
    ),
    min_size=3,
    max_size=14,
)


@settings(max_examples=12, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_no_sequence_by_one_person_moves_money_above_the_limit(cast, limited, steps):
    with transaction.atomic():
        doing = Refunds(cast)
        for verb, who, tens, which in steps:
            by = getattr(cast, who)
            rows = list(Refund.objects.filter(order=doing.order).order_by("pk"))
            row = rows[which % len(rows)].pk if rows else 0
            try:
                if verb == "propose" and who != "job":
                    doing.propose(by, Decimal(10 * tens))
                elif verb == "cancel" and who != "job":
                    tried(cancel_order, order_id=doing.order.pk, reason="x", by=by)
                elif verb == "owed":  # as the relay does after each step
                    tried(propose_owed_refund, order_id=doing.order.pk, by=cast.job)
                elif verb == "approve":
                    doing.approve(row, by)
                elif verb == "reject":
                    tried(reject_refund, refund_id=row, by=by)
                elif verb == "complete":
                    tried(complete_refund, refund_id=row, by=by)
            except DomainError:
                continue
        paid = Refund.objects.filter(order=doing.order, status__in=("approved", "completed"))
        assert sum((refund.amount for refund in paid), Decimal(0)) <= LIMIT
        transaction.set_rollback(True)


STOCK_STEPS = st.lists(
    st.tuples(
        st.sampled_from([WriteOffs, Decreases, Increases, Receipts]),
        st.sampled_from(["anna", "anna_key", "anna_other_key"]),
        st.integers(1, 7),
        st.booleans(),
    ),
    min_size=3,
    max_size=10,
)


@settings(max_examples=8, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(steps=STOCK_STEPS)
def test_no_sequence_by_one_person_moves_stock_above_the_limit(cast, limited, steps):
    with transaction.atomic():
        stock = WriteOffs(cast)
        for kind, who, tens, approves in steps:
            try:
                pk = kind.propose(stock, getattr(cast, who), Decimal(10 * tens))
                if approves:
                    stock.approve(pk, cast.anna)
            except DomainError:
                continue
        lost = gained = 0
        for row in StockMovement.objects.filter(sku=stock.sku, at__gte=NOON):
            if row.from_place.kind == "bin":
                lost += row.quantity
            else:
                gained += row.quantity
        assert max(lost, gained) * 10 <= LIMIT
        transaction.set_rollback(True)


def test_perform_and_clock_are_the_products(cast, limited):
    """The verbs through the door that edges use, at the time it is."""
    doing = Refunds(cast)
    pk = doing.propose(cast.anna, ABOVE)
    with pytest.raises(SecondPersonNeeded):
        perform(approve_refund, refund_id=pk, by=cast.anna, now=timezone.now())
