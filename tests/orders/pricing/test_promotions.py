"""Promotions and coupons: to the minor unit, whatever they are combined with; used no oftener than they may be."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from erp.money import minor_unit, rounded, split
from inventory.models import StockLevel
from orders.models import (
    Adjustment,
    Coupon,
    Order,
    OrderLine,
    Promotion,
    PromotionUse,
)
from orders.placement.actions.place import place_order
from orders.pricing.decisions import prices
from orders.pricing.decisions.breaks import LineToPrice
from orders.pricing.decisions.promotions import Gift, PromotionFacts, Tier
from tests.conftest import order_body
from tests.orders.forms import asked_for

ZERO = Decimal(0)


CURRENCIES = ("JPY", "CNY", "KWD")  # none, two and three decimals


money = st.integers(0, 10**7).map(lambda n: Decimal(n) / 1000)


percents = st.integers(1, 10000).map(lambda n: Decimal(n) / 100)


skus = st.sampled_from(["A", "B", "C"])


@st.composite
def promotions(draw):
    kind = draw(
        st.sampled_from(["percentage", "amount", "tiers", "buy_get", "gift", "free_shipping"])
    )
    n = draw(st.integers(1, 6))
    measure = draw(st.sampled_from(["", "amount", "quantity"]))
    return PromotionFacts(
        id=n,
        code=f"P{n}",
        kind=kind,
        priority=draw(st.integers(1, 3)),
        base=draw(st.sampled_from(["list", "running"])),
        is_exclusive=draw(st.booleans()),
        stack_group=draw(st.sampled_from(["", "", "g"])),
        skus=draw(st.lists(skus, max_size=2)),
        min_amount=draw(money.filter(bool)) if measure == "amount" else None,
        min_quantity=draw(st.integers(1, 5)) if measure == "quantity" else None,
        percent=draw(percents),
        amount=draw(money),
        tiers=[Tier(draw(money), amount=draw(money)), Tier(draw(money), percent=draw(percents))],
        tiers_of=draw(st.sampled_from(["amount", "quantity"])),
        buy_quantity=draw(st.integers(1, 3)),
        get_quantity=draw(st.integers(1, 3)),
        gifts=[Gift("G", 1)],
        repeats=bool(measure) and draw(st.booleans()),
        cap=draw(st.none() | money),
        coupon=draw(st.sampled_from(["", "X", "Y"])),
    )


@st.composite
def carts(draw):
    lines = [
        LineToPrice(
            draw(skus),
            draw(st.integers(1, 50)),
            [(1, draw(money)), *([(10, draw(money))] if draw(st.booleans()) else [])],
            draw(st.sampled_from([ZERO, Decimal("0.13"), Decimal("0.19"), Decimal("0.055")])),
        )
        for _ in range(draw(st.integers(1, 5)))
    ]
    return prices.OrderToPrice(
        currency=draw(st.sampled_from(CURRENCIES)),
        includes_tax=draw(st.booleans()),
        lines=lines,
        service="standard",
        shipping_fee=draw(money),
        free_from=draw(st.none() | money),
        shipping_tax_rate=draw(st.sampled_from([ZERO, Decimal("0.13")])),
        promotions=draw(st.lists(promotions(), max_size=5)),
    )


def priced(cart):
    return prices.price_order(cart, rounded=rounded, split=split)


@settings(max_examples=int(os.environ.get("CARTS", "300")), deadline=None)
@given(carts(), st.randoms())
def test_whatever_is_combined_it_adds_up_to_the_minor_unit(cart, random):
    order = priced(cart)
    unit = minor_unit(cart.currency)

    assert order.total == order.subtotal - order.discount + order.shipping + order.tax
    assert (
        order.total
        == sum((x.total for x in order.lines), ZERO) + order.shipping + order.shipping_tax
    )
    assert order.discount == sum((x.discount for x in order.lines), ZERO)
    for n, line in enumerate(order.lines):
        assert line.total == line.subtotal - line.discount + line.tax
        assert 0 <= line.discount <= line.subtotal
        assert min(line.total, line.tax) >= 0
        assert sum((t.amount for t in order.taken if t.line == n), ZERO) == line.discount
        for amount in (line.subtotal, line.discount, line.tax, line.total):
            assert amount == amount.quantize(unit)
    assert min(order.total, order.shipping) >= 0
    assert all(t.amount >= 0 for t in order.taken)

    shuffled = list(cart.promotions)
    random.shuffle(shuffled)
    by_id = {}  # two that call themselves the same would be told apart by nothing
    for p in sorted(cart.promotions, key=repr):
        by_id.setdefault(p.id, p)
    once = [p for p in cart.promotions if by_id[p.id] is p]
    again = [p for p in shuffled if by_id[p.id] is p]
    one, other = (priced(with_promotions(cart, ps)) for ps in (once, again))
    assert (one.lines, one.total, one.taken) == (other.lines, other.total, other.taken)


def with_promotions(cart, chosen):
    import msgspec

    return msgspec.structs.replace(cart, promotions=chosen)


# The same once more, slowly and obviously, in exact fractions


def exact(amount):
    return Fraction(str(amount))


def to_unit(value, currency):
    unit = exact(minor_unit(currency))
    whole = value / unit
    return Fraction((whole + Fraction(1, 2)).__floor__()) * unit


def shares_of(total, weights, currency):
    unit = exact(minor_unit(currency))
    if not sum(weights):
        return [total] + [Fraction(0)] * (len(weights) - 1) if weights else []
    ideal = [total * w / sum(weights) for w in weights]
    given_ = [(x / unit).__floor__() * unit for x in ideal]
    left = int((total - sum(given_)) / unit)
    for i in sorted(range(len(ideal)), key=lambda i: (-(ideal[i] - given_[i]), i))[:left]:
        given_[i] += unit
    return given_


def slowly(cart):  # noqa: C901, PLR0912, PLR0915 - it is to be read from top to bottom, beside the rule
    """Total of goods and shipping as the customer sees it, before tax is told apart: (lines, shipping)."""
    cur = cart.currency
    shown = []
    for line in cart.lines:
        bought = sum(x.quantity for x in cart.lines if x.sku == line.sku)  # over all its lines
        price = [p for q, p in line.breaks if bought >= q or q == 1][-1]
        shown.append(to_unit(exact(price) * line.quantity, cur))
    left, fee = list(shown), to_unit(exact(cart.shipping_fee), cur)
    off_fee, something, alone, groups, seen = Fraction(0), False, False, set(), set()
    for p in sorted(cart.promotions, key=lambda p: (p.priority, p.code, p.coupon)):
        if p.id in seen:
            continue
        seen.add(p.id)
        if alone or (p.is_exclusive and something) or (p.stack_group and p.stack_group in groups):
            continue
        at = [i for i, line in enumerate(cart.lines) if not p.skus or line.sku in p.skus]
        base = [shown[i] if p.base == "list" else left[i] for i in at]
        units = sum(cart.lines[i].quantity for i in at)
        reached = True
        if p.min_amount is not None and sum(base) < exact(p.min_amount):
            reached = False
        if p.min_quantity is not None and units < p.min_quantity:
            reached = False
        if not at or not reached:
            continue
        times = 1
        if p.repeats:
            times = (
                int(sum(base) // exact(p.min_amount)) if p.min_amount else units // p.min_quantity
            )
        took = False
        if p.kind == "gift":
            took = True
        elif p.kind == "free_shipping":
            free = min(fee - off_fee, exact(p.cap) if p.cap is not None else fee)
            took = free > 0
            off_fee += max(free, 0)
        else:
            cap = exact(p.cap) if p.cap is not None else None
            if p.kind == "buy_get":
                every = []
                for i, amount in zip(at, base, strict=True):
                    every += [(amount / cart.lines[i].quantity, i)] * cart.lines[i].quantity
                every.sort()
                n = units // (p.buy_quantity + p.get_quantity) * p.get_quantity
                n += max(0, units % (p.buy_quantity + p.get_quantity) - p.buy_quantity)
                cheap = {i: Fraction(0) for i in at}
                for each, i in every[:n]:
                    cheap[i] += each
                part = [to_unit(cheap[i] * exact(p.percent) / 100, cur) for i in at]
                want = sum(part)
            else:
                if p.kind == "percentage":
                    want = sum(base) * exact(p.percent) / 100
                elif p.kind == "amount":
                    want = exact(p.amount) * times
                else:
                    measure = sum(base) if p.tiers_of == "amount" else units
                    best = None
                    for tier in p.tiers:
                        if measure >= exact(tier.from_) and (
                            best is None or tier.from_ > best.from_
                        ):
                            best = tier
                    want = Fraction(0)
                    if best is not None:
                        want = (
                            exact(best.amount)
                            if best.amount is not None
                            else sum(base) * exact(best.percent) / 100
                        )
                want = to_unit(want, cur)
                part = shares_of(want, base, cur) if want > 0 and sum(base) > 0 else []
            rooms = [left[i] for i in at]
            most = min(x for x in (sum(rooms), want, cap) if x is not None)
            if most > 0:
                took = True
                if most < want:
                    part = shares_of(most, part, cur)
                kept = [min(a, b) for a, b in zip(part, rooms, strict=True)]
                over = sum(part) - sum(kept)
                more = (
                    shares_of(over, [r - k for r, k in zip(rooms, kept, strict=True)], cur)
                    if over
                    else [0] * len(kept)
                )
                for i, k, m in zip(at, kept, more, strict=True):
                    left[i] -= k + m
        if took:
            something = True
            alone = alone or p.is_exclusive
            groups |= {p.stack_group} if p.stack_group else set()
    if cart.free_from is not None and sum(left) >= exact(cart.free_from):
        return left, Fraction(0)
    return left, fee - min(fee, off_fee)


@settings(max_examples=int(os.environ.get("CARTS", "300")), deadline=None)
@given(carts())
def test_it_is_what_a_slow_and_obvious_computation_says(cart):
    import msgspec

    unit = minor_unit(cart.currency)
    rows = [
        msgspec.structs.replace(p, cap=p.cap and p.cap.quantize(unit, ROUND_HALF_UP))
        for p in cart.promotions
    ]
    cart = with_promotions(cart, {p.id: p for p in rows}.values())
    order = priced(cart)

    left, fee = slowly(cart)

    shown = [exact(x.total if cart.includes_tax else x.subtotal - x.discount) for x in order.lines]
    assert shown == left
    assert exact(order.shipping + (order.shipping_tax if cart.includes_tax else 0)) == fee
    if cart.includes_tax:
        assert exact(order.total) == sum(left) + fee


# Placed


def totals(document):
    return {name: value["amount"] for name, value in document["totals"].items()}


@pytest.mark.django_db(transaction=True)
class TestPlaced:
    LINES = (
        {"sku": "TEA-001", "quantity": 2},
        {"sku": "POT-001", "quantity": 1},
    )  # 79.80 + 129.00

    def body(self, **changes):
        return order_body(lines=list(self.LINES), **changes)

    def test_a_quote_is_what_placing_charges_and_says_why(self, api, promote, shop, laws_hold):
        promote("ten", "percentage", percent=10, coupon={})
        promote("over-150", "tiers", tiers=[(150, 15), (500, 80)], priority=1)
        promote("mug", "gift", gifts=[(shop.mug, 1)], min_amount=100, priority=200)
        body = self.body(coupon_codes=[" ten "])

        quote = api.post("quotes", asked_for(body)).json()
        order = api.post("orders", body).json()

        assert totals(order) == totals(quote)
        # 208.80 - 15.00 = 193.80, less ten per cent: 174.42; below 199, so that shipping costs 12.00
        assert totals(order)["total"] == "186.42"
        gift = order["lines"][2]
        assert (
            gift["sku"],
            gift["quantity_ordered"],
            gift["quantity_reserved"],
            gift["total"]["amount"],
        ) == ("MUG-001", 1, 1, "0.00")
        decision = api.get(f"orders/{order['number']}/decisions").json()["data"][0]
        codes = [(r["code"], r["params"].get("promotion")) for r in decision["reasons"]]
        assert ("promotion_took_off", "over-150") in codes
        assert ("promotion_took_off", "ten") in codes
        assert ("gift_added", "mug") in codes
        row = Order.objects.get(number=order["number"])
        assert set(row.adjustments.values_list("promotion__code", flat=True)) == {
            "ten",
            "over-150",
            "mug",
        }
        assert sum(row.adjustments.values_list("amount", flat=True)) == row.discount
        assert Coupon.objects.get().used == 1
        laws_hold()

    def test_a_gift_that_is_not_there_is_not_promised(self, api, promote, shop, laws_hold):
        promote("pots", "gift", gifts=[(shop.pot, 5)])  # five are there, one is bought

        order = api.post("orders", self.body()).json()

        assert [x["sku"] for x in order["lines"]] == ["TEA-001", "POT-001"]
        reasons = api.get(f"orders/{order['number']}/decisions").json()["data"][0]["reasons"]
        assert "gift_not_there" in [r["code"] for r in reasons]
        laws_hold()

    def test_shipping_is_free_and_says_what_that_took_off(self, api, promote, laws_hold):
        promote("free", "free_shipping", coupon={})
        body = order_body(lines=[{"sku": "TEA-001", "quantity": 1}], coupon_codes=["FREE"])

        order = api.post("orders", body).json()

        assert totals(order)["shipping"] == "0.00"
        (row,) = Adjustment.objects.all()
        assert (row.line, row.coupon, row.amount) == (
            None,
            "FREE",
            Decimal("10.62"),
        )  # 12.00 less 13 % tax
        laws_hold()

    @pytest.mark.parametrize(
        ("coupon", "code"),
        [
            ({"is_active": False}, "unknown-coupon"),
            ({"ends_at": timezone.now() - timedelta(days=1)}, "coupon-expired"),
            ({"starts_at": timezone.now() + timedelta(days=1)}, "coupon-not-yet"),
            ({"max_uses": 0}, "coupon-used-up"),
        ],
    )
    def test_a_coupon_that_is_none_is_named(self, api, promote, coupon, code):
        promote("ten", "percentage", percent=10, coupon=coupon)
        answer = api.post("orders", self.body(coupon_codes=["TEN"]))
        assert answer.status_code == 422
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
            ("/coupon_codes/0", code)
        ]
        assert not Order.objects.exists()

    def test_a_coupon_of_another_channel(self, api, promote, shop):
        promotion = promote("ten", "percentage", percent=10, coupon={})
        promotion.channels.add(shop.desk)
        answer = api.post("orders", self.body(coupon_codes=["TEN"]))
        assert answer.json()["errors"][0]["code"] == "coupon-not-here"

    def test_once_by_a_customer_and_again_when_it_was_cancelled(self, api, promote, laws_hold):
        promote("once", "amount", amount=5, coupon={"max_uses_per_customer": 1})
        customer = {"name": "Li", "email": "li@tea.example", "phone": ""}
        lines = [{"sku": "TEA-001", "quantity": 1}]
        body = {"customer": customer, "coupon_codes": ["ONCE"], "lines": lines}

        first = api.post("orders", order_body(**body)).json()
        again = api.post("orders", order_body(**body))
        assert again.json()["errors"][0]["code"] == "coupon-used"
        api.post(f"orders/{first['number']}/cancel", {"reason": "x"})
        assert Coupon.objects.get().used == 0
        assert api.post("orders", order_body(**body)).status_code == 201
        laws_hold()

    def test_of_a_batch_with_one_coupon_as_many_as_there_are(self, api, promote, laws_hold):
        promote("few", "amount", amount=5, coupon={"max_uses": 3, "max_uses_per_customer": 1})
        lines = [{"sku": "TEA-001", "quantity": 1}]
        one = {"name": "Li", "email": "li@tea.example", "phone": ""}
        orders = [
            order_body(lines=lines, coupon_codes=["few"], **({"customer": one} if n < 2 else {}))
            for n in range(6)
        ]

        rows = api.post("orders/bulk", {"orders": orders}).json()["data"]

        assert [row["status"] for row in rows] == [201, 422, 201, 201, 422, 422]
        assert Coupon.objects.get().used == 3
        laws_hold()

    def test_64_at_once_for_a_coupon_with_ten_left(self, make_client, promote, shop, laws_hold):
        promote("ten-left", "amount", amount=5, coupon={"max_uses": 10})
        StockLevel.objects.filter(sku=shop.tea)  # 40 are there; one order takes none of them
        bodies = [
            order_body(lines=[{"sku": "WRAP", "quantity": 1}], coupon_codes=["TEN-LEFT"])
            for _ in range(64)
        ]

        def place(body):
            try:
                return make_client().post("orders", body).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(place, bodies))

        assert statuses.count(201) == 10
        assert set(statuses) <= {201, 422, 409}
        assert Coupon.objects.get().used == 10
        assert PromotionUse.objects.count() == Order.objects.count() == 10
        laws_hold()

    def test_the_first_five_buyers_and_no_sixth(
        self, make_client, promote, shop, laws_hold, monkeypatch
    ):
        """Who is refused by the database finds none left when deciding again: once is enough."""
        monkeypatch.setattr("erp.once.ATTEMPTS", 2)
        promote("first", "amount", amount=1, max_uses=5)
        bodies = [order_body(lines=[{"sku": "WRAP", "quantity": 1}]) for _ in range(32)]

        def place(body):
            try:
                return make_client().post("orders", body).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(place, bodies))

        assert set(statuses) <= {201, 409}
        assert Promotion.objects.get().used == Adjustment.objects.count() == 5
        assert Order.objects.count() == statuses.count(201) > 5
        laws_hold()

    def test_the_database_refuses_one_too_many(self, api, promote, shop):
        promote("ten", "percentage", percent=10, coupon={"max_uses": 1})
        with (
            pytest.raises(IntegrityError, match="coupon_used_within_limit"),
            transaction.atomic(),
        ):
            Coupon.objects.update(used=2)

    def test_a_free_order_and_a_foreign_one_have_no_promotion(self, api, promote, shop, system):
        from erp.once import perform
        from orders.placement.incoming import IncomingOrder
        from tests.orders.forms import structs_of

        promote("ten", "percentage", percent=10)
        body = self.body(type="warranty", payment={"method": "on_account"})
        perform(
            place_order,
            incoming=IncomingOrder(**structs_of(body)),
            channel=shop.web,
            by=system,
            now=timezone.now(),
        )
        assert not Adjustment.objects.exists()
        assert OrderLine.objects.filter(discount__gt=0).count() == 0


@pytest.mark.django_db(transaction=True)
def test_at_the_desk_a_coupon_is_typed_and_the_page_says_what_it_took_off(promote, shop, sign_in):
    from tests.orders.forms import desk_form

    promote("ten", "percentage", percent=10, coupon={}, translations={"zh": "九折"})
    client = sign_in("service")
    typed = {
        "channel": "desk",
        "sku": ["TEA-001"],
        "quantity": ["2"],
        "service": "standard",
        "coupon": "ten",
    }
    assert "ten: 7.98" in client.post("/orders/new/quote/", typed).content.decode()
    wrong = desk_form(client, coupon="ten, nothing")
    assert wrong.context["errors"] == {"coupon": "There is no such coupon."}

    desk_form(client, coupon="ten")

    order = Order.objects.get()
    page = client.get(f"/orders/{order.number}/").content.decode()
    assert '<span class="mono">TEN</span>' in page
