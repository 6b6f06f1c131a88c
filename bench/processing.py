"""Measures pricing, review and routing a second, and rules rehearsed on real rows.

Pure figures are of one core. The last two are of a running system: 22,000 orders, 100 rules.
"""

import json
import os
import random
import time
from collections.abc import Callable
from decimal import Decimal

import bench.intake as intake
from bench.product import Product, fresh_product
from erp.money import rounded, split
from orders.pricing.decisions import prices, promotions
from orders.pricing.decisions.breaks import LineToPrice
from orders.review.decisions import rules as decisions_rules
from orders.review.decisions.conditions import parse
from orders.routing.decisions import warehouse

ROUNDS, BATCHES = 5000, 20
REHEARSE = """
import json, time
from datetime import timedelta
from django.utils import timezone
from erp.access.queries import job_actor
from erp.once import perform
from orders.rehearsal.rules import rehearse
from orders.review.actions.review_again import review_again
from orders.review.actions.rules import activate_rule, write_rule
from orders.review.rule_facts import open_ids
from orders.review.rulebook import compiled, current, rules_of
by, now = job_actor("scheduler"), timezone.now()
def write(code, condition, **does):
    return perform(write_rule, code=code, name=code, condition=condition, by=by, now=timezone.now(), **does)
draft = write("draft", {"field": "units", "op": "gte", "value": "2"}, hold="review")
span = {"since": now - timedelta(days=30), "until": now + timedelta(days=1)}
began = time.perf_counter()
told = rehearse(compiled(draft), [], **span)
alone = time.perf_counter() - began
for n in range(100):
    tree = {"all": [{"field": "total", "op": "gt", "value": str(10**5 + n)},
                    {"any": [{"field": "country", "op": "in", "value": ["DE", "FR"]}, {"field": "skus", "op": "any", "value": ["NONE"]}]}]}
    perform(activate_rule, revision_id=write(f"rule-{n}", tree, tags=["x"]).pk, by=by, now=timezone.now())
book = current()
began = time.perf_counter()
rehearse(compiled(draft), rules_of(book.pk, book.at), **span)
beside = time.perf_counter() - began
perform(activate_rule, revision_id=draft.pk, by=by, now=timezone.now())
ids = open_ids(after=0, most=10_000)
began = time.perf_counter()
done = [perform(review_again, order_ids=ids[n:n + 1000], by=by, now=timezone.now()) for n in range(0, len(ids), 1000)]
again = time.perf_counter() - began
print(json.dumps({"orders": told.orders, "alone": alone, "beside": beside, "again": again, "asked": sum(d["asked"] for d in done), "held": sum(d["held"] for d in done)}))
"""
QUEUE = """
import statistics, time
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from django.test import Client
from erp.access.actions import add_person
from erp.access.queries import job_actor
from erp.lists.row_counts import _minute
from orders.models import Hold, Order
who = add_person(username="bench", name="Bench", email="", role="owner", password=None, by=job_actor("scheduler"))
client = Client()
client.force_login(who.user, backend="allauth.account.auth_backends.AuthenticationBackend")
print(f"{Order.objects.filter(open_holds__gt=0).count():,} orders wait, {Hold.objects.filter(released_at=None).count():,} holds")
def seen(url):
    taken = []
    for _ in range(20):
        _minute.clear()
        began = time.perf_counter()
        assert client.get(url).status_code == 200
        taken.append((time.perf_counter() - began) * 1000)
    print(f"{url}: p50 {statistics.median(taken):.1f}, slowest of 20 {max(taken):.1f} ms")
for url in ("/orders/review/", "/orders/review/?kind=review", "/orders/review/?channel=web", "/orders/review/figures/", "/lists/review/counts/"):
    seen(url)
"""
WAITING = int(os.environ.get("WAITING", "100000"))  # orders that a rule holds, in the review queue


def main() -> None:
    """Measure and print."""
    chance = random.Random(7)
    _pure("priced, 3 lines, no promotion", _priced(chance, 0))
    _pure("priced, 3 lines, 5 promotions", _priced(chance, 5))
    _pure("reviewed with 100 rules", _reviewed(chance))
    _pure("routed over 10 warehouses, 3 lines", _routed(chance))
    _whole()


def _pure(what: str, work: Callable[[], object]) -> None:
    work()
    began = time.perf_counter()
    for _ in range(ROUNDS):
        work()
    print(f"{what}: {ROUNDS / (time.perf_counter() - began):,.0f}/s a core")


def _priced(chance: random.Random, count: int) -> Callable[[], object]:
    kinds = ("percentage", "amount", "tiers", "buy_get", "free_shipping")
    offered = [
        promotions.PromotionFacts(
            id=n,
            code=f"P{n}",
            kind=kinds[n % 5],
            priority=n,
            percent=Decimal(10),
            amount=Decimal(5),
            tiers=[promotions.Tier(Decimal(100), amount=Decimal(7))],
            buy_quantity=2,
            get_quantity=1,
        )
        for n in range(count)
    ]
    cart = prices.OrderToPrice(
        currency="CNY",
        includes_tax=True,
        service="standard",
        shipping_fee=Decimal(12),
        free_from=Decimal(999),
        shipping_tax_rate=Decimal("0.13"),
        promotions=offered,
        lines=[
            LineToPrice(
                f"S{n}",
                chance.randint(1, 5),
                [(1, Decimal("39.90")), (10, Decimal(35))],
                Decimal("0.13"),
            )
            for n in range(3)
        ],
    )
    return lambda: prices.price_order(cart, rounded=rounded, split=split)


def _reviewed(chance: random.Random) -> Callable[[], object]:
    book = [
        decisions_rules.Rule(
            code=f"r{n}",
            version=1,
            tags=("x",),
            condition=parse(
                {
                    "all": [
                        {"field": "total", "op": "gt", "value": str(chance.randint(100, 10_000))},
                        {
                            "any": [
                                {"field": "country", "op": "in", "value": ["DE", "FR"]},
                                {"field": "skus", "op": "any", "value": ["NONE"]},
                            ]
                        },
                    ]
                }
            ),
        )
        for n in range(100)
    ]
    asked = {
        "channel": "web",
        "type": "web",
        "currency": "CNY",
        "payment_method": "prepaid",
        "service": "standard",
        "country": "CN",
        "region": "上海",
        "city": "上海市",
        "postal_code": "200040",
        "total": Decimal("208.80"),
        "discount": Decimal(0),
        "units": 3,
        "lines": 2,
        "largest_line": 2,
        "skus": {"TEA-001", "POT-001"},
        "findings": set(),
        "backordered": False,
        "customer_orders": 0,
        "customer_is_new": True,
    }
    return lambda: decisions_rules.evaluate(book, asked)


def _routed(chance: random.Random) -> Callable[[], object]:
    senders = [
        warehouse.WarehouseFacts(n, f"W{n}", chance.choice(("CN", "DE")), n) for n in range(10)
    ]
    wanted = [warehouse.Wanted(n, n, f"S{n}", chance.randint(1, 5)) for n in range(3)]
    free = {(sku, place): chance.randint(0, 6) for sku in range(3) for place in range(10)}
    return lambda: warehouse.route(wanted, senders, free, country="CN")


def _whole() -> None:
    with fresh_product() as product:
        key = product.shell(intake.SEED).split()[-1]
        with product.served(intake.PORT):
            intake._bulk(key, 2)
            _ruled(product, key)


def _ruled(product: Product, key: str) -> None:
    """Orders without rules, then beside a hundred of them."""
    without = _rate(key)
    product.psql("ANALYZE")
    told = json.loads(product.shell(REHEARSE).splitlines()[-1])
    print(
        f"rehearsed: {told['orders']:,} orders in {told['alone']:.1f} s, in {told['beside']:.1f} s beside 100 rules"
    )
    print(
        f"reviewed again by 101 rules: {told['asked']:,} open orders in {told['again']:.1f} s,"
        f" {told['held']:,} of them held"
    )
    print(f"bulk: {without:,.0f} orders/s without rules, {_rate(key):,.0f} with 101")
    if (missing := WAITING - told["orders"]) > 0:
        intake._bulk(key, missing // intake.SIZE)
    product.psql("VACUUM ANALYZE")
    print(product.shell(QUEUE).strip())


def _rate(key: str) -> float:
    placed, seconds, _waits = intake._bulk(key, BATCHES)
    return placed / seconds


if __name__ == "__main__":
    main()
