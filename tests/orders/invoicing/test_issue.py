"""Invoices and credit notes: what was delivered is invoiced once, what is taken back is credited, to the minor unit."""

import io
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st
from pypdf import PdfReader

from erp.errors import Conflict
from erp.money import minor_unit, rounded
from orders.changes.actions.cancel import cancel_units
from orders.changes.actions.change import change_order
from orders.changes.actions.effect import Wanted
from orders.changes.actions.merge import CannotCombine, merge_orders
from orders.changes.actions.split import split_order
from orders.invoicing import papers as invoicing_papers
from orders.invoicing.actions.issue import credit_refund, follow_invoices, issue_invoice
from orders.invoicing.decisions import Money, Part, Worth, differences, fitting, within
from orders.invoicing.tasks import issue_invoices
from orders.models import (
    ChannelPolicy,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    PersonalDataLook,
)
from orders.order.actions.life import cancel_order
from returns.refunds.actions.follow import record_channel_refund
from returns.refunds.actions.propose import propose_refund
from returns.refunds.actions.settle import approve_refund, complete_refund
from tests.orders.steps import do, heard_of
from tests.relay import run_relay

CURRENCIES = st.sampled_from(["CNY", "JPY", "KWD"])


@given(CURRENCIES, st.integers(1, 9), st.data())
def test_stages_sum_to_the_line_whatever_the_way(currency, of, data):
    unit = minor_unit(currency)
    net, tax = (data.draw(st.integers(0, 10**6)) * unit for _ in range(2))
    invoiced: dict[int, tuple[int, Decimal, Decimal]] = {}
    stages = [*data.draw(st.lists(st.integers(0, of), max_size=5)), of]
    for units in stages:
        plus, minus = differences(
            [Worth(1, units, of, net, tax)], invoiced, currency, rounded=rounded
        )
        assert all(p.net >= 0 and p.tax >= 0 and p.quantity >= 0 for p in (*plus, *minus))
        for parts, sign in ((plus, 1), (minus, -1)):
            for p in parts:
                was = invoiced.get(1, (0, Decimal(0), Decimal(0)))
                invoiced[1] = (
                    was[0] + sign * p.quantity,
                    was[1] + sign * p.net,
                    was[2] + sign * p.tax,
                )
        assert invoiced.get(1, (0, 0, 0))[0] == units
    assert invoiced[1] == (of, net, tax)
    assert differences([Worth(1, of, of, net, tax)], invoiced, currency, rounded=rounded) == (
        [],
        [],
    )


@given(CURRENCIES, st.data())
def test_changed_money_is_followed_and_nothing_is_below_zero(currency, data):
    unit = minor_unit(currency)
    invoiced: dict[int, tuple[int, Decimal, Decimal]] = {}
    for _ in range(4):
        of = data.draw(st.integers(1, 9))
        worth = Worth(
            1,
            data.draw(st.integers(0, of)),
            of,
            *(data.draw(st.integers(0, 10**5)) * unit for _ in "nt"),
        )
        plus, minus = differences([worth], invoiced, currency, rounded=rounded)
        for parts, sign in ((minus, -1), (plus, 1)):
            for p in parts:
                assert min(p.net, p.tax, p.quantity) >= 0
                was = invoiced.get(1, (0, Decimal(0), Decimal(0)))
                invoiced[1] = (
                    was[0] + sign * p.quantity,
                    was[1] + sign * p.net,
                    was[2] + sign * p.tax,
                )
        share = Decimal(worth.quantity) / of
        expected = (
            worth.quantity,
            rounded(worth.net * share, currency),
            rounded(worth.tax * share, currency),
        )
        assert invoiced.get(1, (0, 0, 0)) == expected


PARTS = st.lists(
    st.builds(Part, st.just(1), st.integers(0, 3), *[st.integers(0, 300).map(Decimal)] * 2),
    max_size=3,
)


@given(PARTS, PARTS, *[st.integers(0, 500).map(Decimal)] * 2, CURRENCIES)
def test_no_more_is_credited_than_is_invoiced(plus, minus, net, tax, currency):
    left = Money(net, tax)
    invoiced, credited = within(plus, minus, left, currency, rounded=rounded)

    def sums(parts):
        return [sum(getattr(part, name) for part in parts) for name in ("net", "tax")]

    (more_net, more_tax), (less_net, less_tax) = sums(invoiced), sums(credited)
    assert less_net <= net + more_net
    assert less_tax <= tax + more_tax
    assert all(part.net >= 0 and part.tax >= 0 for part in (*invoiced, *credited))
    after = left.total + more_net + more_tax - less_net - less_tax
    assert after == max(Decimal(0), left.total + sum(sums(plus)) - sum(sums(minus)))


class Ledger:
    """What was invoiced of lines, and what refunds have credited: as the actions keep it, without rows."""

    def __init__(self, currency):
        self.currency = currency
        self.lines: dict[int, tuple[int, Decimal, Decimal]] = {}
        self.left = Money()

    def follow(self, worths):
        """Write what is missing; the money of the papers."""
        plus, minus = differences(worths, self.lines, self.currency, rounded=rounded)
        plus, minus = within(plus, minus, self.left, self.currency, rounded=rounded)
        papers = [parts for parts in (minus, plus) if any(part.total for part in parts)]
        for parts in papers:
            sign = -1 if parts is minus else 1
            for part in parts:
                units, net, tax = self.lines.get(part.key, (0, Decimal(0), Decimal(0)))
                net, tax = net + sign * part.net, tax + sign * part.tax
                self.lines[part.key] = (units + sign * part.quantity, net, tax)
                self.left = Money(self.left.net + sign * part.net, self.left.tax + sign * part.tax)
        return [sum(part.total for part in parts) for parts in papers]

    def refund(self, share, tax_share):
        total = rounded(self.left.total * share, self.currency)
        money = fitting(total, tax_share, self.left, self.currency, rounded=rounded)
        self.left = Money(self.left.net - money.net, self.left.tax - money.tax)


@st.composite
def lives(draw):
    """Lines as they come to be, and between them refunds: a share of what is left, a share of it tax."""
    amount = st.integers(0, 200).map(Decimal)
    worth = st.tuples(st.integers(0, 3), st.just(3), amount, st.one_of(st.just(Decimal(0)), amount))
    lines = st.lists(worth, min_size=1, max_size=4)
    share = st.sampled_from([Decimal(n) / 10 for n in (0, 1, 5, 8, 10)])
    return draw(
        st.lists(st.tuples(lines, st.lists(st.tuples(share, share), max_size=2)), max_size=5)
    )


@given(lives(), CURRENCIES)
@example([([(1, 1, 60, 0)], [(Decimal("0.8"), 0)]), ([(1, 1, 24, 0), (1, 1, 72, 0)], [])], "CNY")
def test_followed_once_more_nothing_is_written(life, currency):
    """What refunds had credited of a line was left out at first, and written a day later for nothing."""
    ledger = Ledger(currency)
    for lines, refunds in life:
        worths = [Worth(n, *map(Decimal, line)) for n, line in enumerate(lines, 1)]
        ledger.follow(worths)
        assert min(ledger.left.net, ledger.left.tax) >= 0
        assert ledger.follow(worths) == []
        for share, tax_share in refunds:
            ledger.refund(share, tax_share)


@pytest.mark.django_db(transaction=True)
class TestOrders:
    def ship(self, api, order):
        for work in api.get("fulfillment-orders", order=order.number).json()["data"]:
            if work["status"] != "released":
                continue
            api.post(f"fulfillment-orders/{work['id']}/pick", {})
            parcel = api.post(f"fulfillment-orders/{work['id']}/pack", {"weight_g": 800}).json()
            assert api.post(f"shipments/{parcel['id']}/ship", {}).status_code == 200
            run_relay()

    def sums(self, order):
        rows = Invoice.objects.filter(order=order).order_by("pk")
        return [(i.kind, i.total) for i in rows]

    def test_by_hand_once_and_numbered(self, api, system, laws_hold):
        order, other = heard_of(api), heard_of(api)
        (invoice,) = do(issue_invoice, system, order_id=order.pk)
        year = timezone.localtime().year
        assert (invoice.number, invoice.total) == (f"INV{year}-000001", order.total)
        assert {x.what for x in invoice.lines.all()} == {"line", "shipping"}
        assert sum(x.tax for x in invoice.lines.all()) == order.tax
        with pytest.raises(Conflict):
            do(issue_invoice, system, order_id=order.pk)
        (next_one,) = do(issue_invoice, system, order_id=other.pk)
        assert next_one.number == f"INV{year}-000002"  # the refusal used up no number
        laws_hold()

    def test_a_change_is_credited_or_invoiced(self, api, system, laws_hold):
        order = heard_of(api)
        do(issue_invoice, system, order_id=order.pk)
        tea = order.lines.get(sku_code="TEA-001")
        do(
            change_order,
            system,
            order_id=order.pk,
            wanted=Wanted({tea.pk: 1}),
            reason="x",
        )
        do(
            change_order,
            system,
            order_id=order.pk,
            wanted=Wanted({tea.pk: 3}),
            reason="x",
        )
        kinds = [kind for kind, _total in self.sums(order)]
        assert kinds == ["invoice", "credit_note", "invoice"]
        order.refresh_from_db()
        left = sum(total if kind == "invoice" else -total for kind, total in self.sums(order))
        assert left == order.total
        credit = Invoice.objects.get(kind="credit_note")
        assert credit.corrects.number.endswith("000001")
        laws_hold()

    def test_cancelling_credits_all_of_it(self, api, system, laws_hold):
        order = heard_of(api)
        do(issue_invoice, system, order_id=order.pk)
        do(cancel_order, system, order_id=order.pk, reason="x")
        assert self.sums(order) == [("invoice", order.total), ("credit_note", order.total)]
        laws_hold()

    def test_as_goods_leave(self, make_client, shop, system, laws_hold):
        desk = make_client(shop.desk)
        ChannelPolicy.objects.update(invoices="shipment")
        order = heard_of(
            desk, lines=[{"sku": "TEA-001", "quantity": 2}, {"sku": "POT-001", "quantity": 7}]
        )
        assert self.sums(order) == []
        self.ship(desk, order)
        ((kind, first),) = self.sums(order)
        assert kind == "invoice"
        assert 0 < first < order.total
        from inventory.stock.actions.ledger import Change
        from inventory.stock.actions.receive import receive_stock

        do(
            receive_stock,
            system,
            warehouse_id=shop.east.pk,
            changes=[Change(shop.pot.pk, 2)],
            reference="PO",
        )
        self.ship(desk, order)
        assert sum(total for _kind, total in self.sums(order)) == order.total
        pots = InvoiceLine.objects.filter(sku_code="POT-001").order_by("pk")
        assert [line.quantity for line in pots] == [5, 2]
        laws_hold()

    def test_a_service_is_invoiced_with_the_first_parcel(self, api, system, laws_hold):
        ChannelPolicy.objects.update(invoices="shipment")
        order = heard_of(
            api, lines=[{"sku": "TEA-001", "quantity": 2}, {"sku": "WRAP", "quantity": 1}]
        )
        do(follow_invoices, system, order_id=order.pk)
        assert self.sums(order) == []
        self.ship(api, order)
        assert self.sums(order) == [("invoice", order.total)]
        laws_hold()

    def test_whole_orders_by_themselves_from_that_day_on(self, api, system, laws_hold):
        before = heard_of(api)
        ChannelPolicy.objects.update(invoices="order", invoices_from=timezone.now())
        order, unpaid = heard_of(api), heard_of(api, payment={"method": "unpaid"})
        issue_invoices()
        issue_invoices()
        assert [self.sums(o) for o in (before, order, unpaid)] == [
            [],
            [("invoice", order.total)],
            [],
        ]
        laws_hold()

    def test_a_refund_is_credited_once_and_never_more_than_is_left(self, api, system, laws_hold):
        order = heard_of(api)
        do(issue_invoice, system, order_id=order.pk)
        refund = do(
            propose_refund,
            system,
            order_id=order.pk,
            amount=Decimal("10.00"),
            reason="goodwill",
        )
        for verb in (approve_refund, complete_refund):
            do(verb, system, refund_id=refund.pk)
        credit = Invoice.objects.get(kind="credit_note")
        assert (credit.total, credit.refund) == (Decimal("10.00"), refund.number)
        assert credit.tax == Decimal("1.15")  # 13 % of 8.85
        assert (
            do(
                credit_refund,
                system,
                order_id=order.pk,
                refund=refund.number,
                amounts={0: Decimal(10)},
            )
            is None
        )
        do(cancel_order, system, order_id=order.pk, reason="x")
        credited = sum(total for kind, total in self.sums(order) if kind == "credit_note")
        assert credited == order.total
        laws_hold()

    @pytest.mark.parametrize("share", [1, 2])
    def test_units_that_a_channel_paid_back_and_took_off_later_are_credited_once(
        self, api, system, laws_hold, share
    ):
        order = heard_of(api, lines=[{"sku": "TEA-001", "quantity": 4}])
        do(issue_invoice, system, order_id=order.pk)
        line = order.lines.first()
        units = {line.pk: line.quantity_ordered // share}
        amount = rounded(line.total / share, order.currency)
        do(record_channel_refund, system, order_id=order.pk, key="5", amount=amount, units=units)
        run_relay()
        assert self.invoiced(order) == order.total - amount

        do(cancel_units, system, order_id=order.pk, units=units, reason="x")
        run_relay()

        order.refresh_from_db()
        assert self.invoiced(order) == (0 if order.status == "cancelled" else order.total)
        laws_hold()

    def test_a_refund_of_units_is_credited_with_their_own_tax(self, api, system, laws_hold):
        order = heard_of(
            api, lines=[{"sku": "TEA-001", "quantity": 2}, {"sku": "MUG-001", "quantity": 1}]
        )
        mug = order.lines.get(sku_code="MUG-001")
        OrderLine.objects.filter(pk=mug.pk).update(tax=0, subtotal=mug.total)
        Order.objects.filter(pk=order.pk).update(
            tax=order.tax - mug.tax, subtotal=order.subtotal + mug.tax
        )
        do(issue_invoice, system, order_id=order.pk)
        tea = order.lines.get(sku_code="TEA-001")
        refund = do(propose_refund, system, order_id=order.pk, units={tea.pk: 2}, reason="goodwill")
        do(approve_refund, system, refund_id=refund.pk)
        do(complete_refund, system, refund_id=refund.pk)
        run_relay()
        rows = Invoice.objects.filter(order=order).values_list("kind", "net", "tax")
        sums = [sum(row[n] if row[0] == "invoice" else -row[n] for row in rows) for n in (1, 2)]
        assert sums == [mug.total + order.shipping, order.shipping_tax]
        laws_hold()

    @pytest.mark.parametrize("parts", [(1,), (4, 1), (3, 2, 1)])
    def test_a_refund_that_grows_is_credited_with_the_tax_of_its_line(
        self, api, system, laws_hold, parts
    ):
        """What it had grown by was of no line, and credited with a share of everybody's tax."""
        order = heard_of(
            api, lines=[{"sku": "TEA-001", "quantity": 2}, {"sku": "MUG-001", "quantity": 1}]
        )
        tea = order.lines.get(sku_code="TEA-001")
        OrderLine.objects.filter(pk=tea.pk).update(tax=0, subtotal=tea.total)
        Order.objects.filter(pk=order.pk).update(
            tax=order.tax - tea.tax, subtotal=order.subtotal + tea.tax
        )
        do(issue_invoice, system, order_id=order.pk)
        for part in parts:
            do(
                record_channel_refund,
                system,
                order_id=order.pk,
                key="5",
                amount=rounded(tea.total / 2 / part, order.currency),
                units={tea.pk: 1},
            )
            run_relay()
        credited = Invoice.objects.filter(order=order, kind="credit_note")
        assert sum(paper.tax for paper in credited) == 0
        assert sum(paper.total for paper in credited) == rounded(tea.total / 2, order.currency)
        laws_hold()

    def test_what_went_back_before_an_invoice_is_credited_with_it(self, api, system, laws_hold):
        order = heard_of(api)
        amount = Decimal("7.00")
        do(record_channel_refund, system, order_id=order.pk, key="5", amount=amount, units={})
        run_relay()
        do(issue_invoice, system, order_id=order.pk)
        run_relay()
        assert self.invoiced(order) == order.total - amount
        laws_hold()

    def invoiced(self, order):
        return sum(total if kind == "invoice" else -total for kind, total in self.sums(order))

    def test_what_is_invoiced_is_neither_merged_nor_split(self, api, system):
        one, two = (
            heard_of(api, customer={"name": "L", "email": "l@tea.example", "phone": ""})
            for _ in range(2)
        )
        do(issue_invoice, system, order_id=one.pk)
        with pytest.raises(CannotCombine):
            do(merge_orders, system, order_id=one.pk, other_ids=[two.pk])
        with pytest.raises(CannotCombine):
            do(
                split_order,
                system,
                order_id=one.pk,
                units={one.lines.first().pk: 1},
                reason="x",
            )

    def test_invoices_are_never_changed(self, api, system):
        order = heard_of(api)
        do(issue_invoice, system, order_id=order.pk)
        for sql in (
            "UPDATE orders_invoice SET total = 1, net = 1, tax = 0",
            "DELETE FROM orders_invoiceline",
        ):
            with (
                pytest.raises(DatabaseError),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(sql)

    def test_over_the_api_and_as_papers(self, api, system, sign_in):
        order = heard_of(api)
        made = api.post(f"orders/{order.number}/invoices", {})
        assert made.status_code == 201, made.content
        (told,) = api.get(f"orders/{order.number}/invoices").json()["data"]
        assert told == made.json()["data"][0]
        assert told["total"] == {"amount": f"{order.total:.2f}", "currency": "CNY"}
        assert api.post(f"orders/{order.number}/invoices", {}).status_code == 409
        path = f"/orders/{order.number}/invoices/{told['number']}.pdf"
        text = "".join(
            page.extract_text()
            for page in PdfReader(io.BytesIO(sign_in("service").get(path).content)).pages
        )
        assert told["number"] in text
        assert "116.80" in text
        assert sign_in("finance").get(path).status_code == 200
        assert PersonalDataLook.objects.count() == 1
        masked = sign_in("analyst").get(path)  # who may not ask has it with a mask
        text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(masked.content)).pages)
        assert told["number"] in text
        assert "***" in text
        assert order.addresses.get(kind="shipping").line1 not in text
        assert PersonalDataLook.objects.count() == 1
        assert sign_in("picker").get(path).status_code == 403

    def test_a_credit_note_in_chinese(self, make_client, shop, system):
        order = heard_of(make_client(shop.desk))
        do(issue_invoice, system, order_id=order.pk)
        do(cancel_order, system, order_id=order.pk, reason="x")
        paper = invoicing_papers.invoice(Invoice.objects.get(kind="credit_note"))
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
        assert "贷项通知单" in text
        assert "INV" in text
