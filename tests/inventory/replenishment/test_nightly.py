"""What the night begins by itself: purchase orders on a supplier's cycle, counts in their turn."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from erp.access.actions import add_person
from erp.access.queries import job_actor
from erp.access.roles import rights_of
from erp.errors import Conflict, Invalid
from erp.notices.kinds import words_of
from erp.reasons import reason
from inventory.counting.actions import due
from inventory.counting.actions.count import Counted, approve_count, enter_count, submit_count
from inventory.counting.actions.due import begin_due_counts
from inventory.desk.alerts import watch
from inventory.models import (
    BinLevel,
    PurchaseOrder,
    StockCount,
    StockPolicy,
    Suggestion,
    Supplier,
    SupplierTerm,
    Warehouse,
)
from inventory.purchasing.actions.purchase import (
    Wanted,
    approve_purchase,
    draft_purchase,
    send_purchase,
)
from inventory.purchasing.wording import sentences
from inventory.replenishment.actions.order import order_by_itself, order_suggestions
from inventory.replenishment.actions.suggest import suggest_purchases
from orders.models import ExchangeRate
from tests.conftest import NOON
from tests.inventory.verbs import build_warehouse

DAY = timedelta(days=1)


@pytest.fixture
def warehouse(shop, system):
    build_warehouse(system, shop)
    StockPolicy.objects.create(
        sku=shop.tea, warehouse=shop.east, reorder_point=100, order_up_to=120
    )
    return shop


def buyer(name="buyer", role="buyer"):
    by = job_actor("scheduler")
    person = add_person(username=name, name=name, email="", role=role, password=None, by=by)
    person.verbs = rights_of(role)
    return person


@pytest.mark.django_db
class TestOrderingByItself:
    @pytest.fixture(autouse=True)
    def _ready(self, warehouse, system):
        self.shop, self.by = warehouse, system
        Supplier.objects.update(orders_itself=True)
        Suggestion.objects.all().delete()
        self.judge(NOON)

    def judge(self, now):
        suggest_purchases(by=self.by, now=now)

    def night(self, now=NOON):
        return order_by_itself(by=self.by, now=now)

    def test_what_is_suggested_is_sent_once_a_cycle(self):
        (purchase,) = self.night()

        assert purchase.lines.get(sku=self.shop.tea).quantity == 100
        assert PurchaseOrder.objects.get().status == "sent"
        self.judge(NOON + DAY)
        assert self.night(NOON + DAY) == []

    def test_a_supplier_who_is_not_asked_by_itself_is_left_alone(self):
        Supplier.objects.update(orders_itself=False)

        assert self.night() == []

    def test_below_the_least_order_it_waits_as_a_draft_and_is_not_bought_again(self):
        Supplier.objects.update(min_order_value=10_000)

        self.night()
        self.judge(NOON + 10 * DAY)

        assert self.night(NOON + 10 * DAY) == []
        assert PurchaseOrder.objects.get().status == "draft"
        assert not Suggestion.objects.filter(purchase=None, sku=self.shop.tea).exists()

    def test_so_few_that_nobody_says_a_price_is_told_and_not_ordered(self):
        SupplierTerm.objects.filter(sku=self.shop.tea).update(min_quantity=500)
        self.judge(NOON)

        assert self.night() == []
        row = Suggestion.objects.get(purchase=None, sku=self.shop.tea)
        assert row.unit_price is None
        supplier = row.supplier.name
        assert row.reasons[-1] == reason("no_price_for_so_few", supplier=supplier, least=500)
        assert "500" in sentences(row.reasons)[-1]
        told = [found for found in watch(NOON) if found.kind == "not_ordered"]
        assert [(f.params["sku"], f.params["supplier"]) for f in told] == [("TEA-001", supplier)]
        assert "TEA-001" in words_of(told[0].kind, told[0].params)

    def test_what_nobody_sells_says_so(self):
        SupplierTerm.objects.filter(sku=self.shop.tea).delete()
        self.judge(NOON)

        row = Suggestion.objects.get(purchase=None, sku=self.shop.tea)
        assert row.reasons[-1] == reason("no_supplier")
        assert sentences(row.reasons)[-1]

    @pytest.mark.parametrize(
        ("terms", "supplier", "code"),
        [
            ({"valid_until": NOON - DAY}, {}, "no_terms_now"),
            ({"valid_from": NOON + DAY}, {}, "no_terms_now"),
            ({}, {"is_active": False}, "supplier_inactive"),
            ({"valid_until": NOON - DAY}, {"is_active": False}, "supplier_inactive"),
        ],
    )
    def test_a_supplier_that_cannot_be_asked_now_is_named(self, terms, supplier, code):
        its = SupplierTerm.objects.filter(sku=self.shop.tea)
        its.update(**terms)
        Supplier.objects.filter(terms__in=its).update(**supplier)
        self.judge(NOON)

        row = Suggestion.objects.get(purchase=None, sku=self.shop.tea)
        name = its.get().supplier.name
        assert row.reasons[-1] == reason(code, supplier=name)
        assert name in sentences(row.reasons)[-1]

    def test_nought_from_before_prices_could_be_missing_is_no_price(self):
        Suggestion.objects.update(unit_price=0)
        row = Suggestion.objects.get(purchase=None, sku=self.shop.tea)

        assert self.night() == []
        with pytest.raises(Invalid, match="TEA-001"), transaction.atomic():
            order_suggestions(suggestion_ids=[row.pk], by=self.by, now=NOON)
        assert [f.params["sku"] for f in watch(NOON) if f.kind == "not_ordered"] == ["TEA-001"]

        SupplierTerm.objects.filter(sku=self.shop.tea).update(unit_price=0)
        (purchase,) = self.night()
        assert purchase.lines.get().unit_price == 0

    def test_above_the_limit_somebody_approves(self):
        Warehouse.objects.update(purchase_approval_over=100)

        (purchase,) = self.night()

        assert PurchaseOrder.objects.get().status == "draft"
        approved = approve_purchase(purchase_id=purchase.pk, by=buyer(), now=NOON)
        assert approved.status == "approved"

    def test_an_unknown_rate_sends_nothing(self):
        Supplier.objects.update(currency="USD")

        self.night()

        assert PurchaseOrder.objects.get().status == "draft"


@pytest.mark.django_db
class TestApproval:
    def write(self, shop, by):
        return draft_purchase(
            supplier_id=shop.supplier.pk,
            warehouse_id=shop.east.pk,
            wanted=[Wanted(shop.mug.pk, 100, Decimal(2))],
            by=by,
            now=NOON,
        )

    def test_who_wrote_much_does_not_approve_it(self, warehouse):
        Warehouse.objects.update(purchase_approval_over=199)
        writer = buyer()
        purchase = self.write(warehouse, writer)

        with pytest.raises(Conflict, match="199"), transaction.atomic():
            approve_purchase(purchase_id=purchase.pk, by=writer, now=NOON)
        approve_purchase(purchase_id=purchase.pk, by=buyer("other"), now=NOON)

    def test_up_to_the_limit_they_may(self, warehouse):
        Warehouse.objects.update(purchase_approval_over=200)
        writer = buyer()
        purchase = self.write(warehouse, writer)

        approve_purchase(purchase_id=purchase.pk, by=writer, now=NOON)

    def test_a_foreign_currency_is_worth_its_rate_of_the_day(self, warehouse, system):
        Warehouse.objects.update(purchase_approval_over=1000)
        Supplier.objects.update(currency="USD")
        writer = buyer()
        first = self.write(warehouse, writer)
        with pytest.raises(Conflict), transaction.atomic():  # nobody knows what a dollar is
            approve_purchase(purchase_id=first.pk, by=writer, now=NOON)
        with pytest.raises(Conflict), transaction.atomic():  # a job is nobody's second person
            approve_purchase(purchase_id=first.pk, by=system, now=NOON)
        approve_purchase(purchase_id=first.pk, by=buyer("other"), now=NOON)
        # What somebody sends an order at is their word alone, and no rate for a limit.
        send_purchase(purchase_id=first.pk, exchange_rate=Decimal("0.01"), by=writer, now=NOON)
        second = self.write(warehouse, writer)
        with pytest.raises(Conflict), transaction.atomic():
            approve_purchase(purchase_id=second.pk, by=writer, now=NOON)

        ExchangeRate.objects.create(currency="USD", on=NOON.date(), rate=Decimal("4.9"))
        approve_purchase(purchase_id=self.write(warehouse, writer).pk, by=writer, now=NOON)


@pytest.mark.django_db
class TestCountsInTurn:
    @pytest.fixture(autouse=True)
    def _ready(self, warehouse, system):
        self.shop, self.by = warehouse, system
        Warehouse.objects.filter(code="east").update(counts_per_night=2)
        for sku, letter in ((warehouse.tea, "C"), (warehouse.mug, "A"), (warehouse.pot, "B")):
            sku.abc_class = letter
            sku.save(update_fields=["abc_class"])

    def night(self, now):
        return begin_due_counts(by=self.by, now=now)

    def count(self, count, now):
        rows = BinLevel.objects.filter(
            pk__in=[
                level.pk
                for line in count.lines.all()
                for level in BinLevel.objects.filter(place=line.place, sku=line.sku)
            ]
        )
        found = [Counted(r.place_id, r.sku_id, r.on_hand) for r in rows]
        enter_count(count_id=count.pk, found=found, by=self.by, now=now)
        submit_count(count_id=count.pk, by=self.by, now=now)
        count.refresh_from_db()
        if count.status == "submitted":
            approve_count(count_id=count.pk, by=buyer("chief", "warehouse"), now=now)

    def skus(self, counts):
        return [
            list(c.lines.order_by("sku__abc_class").values_list("sku__code", flat=True))
            for c in counts
        ]

    def test_the_most_valuable_first_then_the_rest_then_again_when_due(self):
        first = self.night(NOON)
        assert self.skus(first) == [["MUG-001", "POT-001"]]
        assert self.night(NOON + DAY) == []  # last night's is open yet
        self.count(first[0], NOON + DAY)

        second = self.night(NOON + 2 * DAY)
        assert self.skus(second) == [["TEA-001"]]
        self.count(second[0], NOON + 2 * DAY)

        assert self.night(NOON + 3 * DAY) == []
        assert self.skus(self.night(NOON + 31 * DAY)) == [["MUG-001"]]
        assert StockCount.objects.count() == 3

    def test_a_count_holds_no_more_lines_than_it_may(self, monkeypatch):
        monkeypatch.setattr(due, "MOST_LINES", 1)

        assert self.skus(self.night(NOON)) == [["MUG-001"]]
