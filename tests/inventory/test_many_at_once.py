"""Many people at the verbs on stock at once: refusals, but no fault, and every law in the end."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from erp.errors import DomainError
from erp.once import perform
from inventory.models import Allotment
from inventory.stock.actions.policies import set_allotment
from orders.allocation.actions.backorders import fill_backorders
from tests.conftest import NOON
from tests.inventory.verbs import STOCKED, Verbs, build_warehouse


class Worker(Verbs):
    """One of several people at once, each verb in a transaction of its own."""

    def __init__(self, shop, by, seed):
        self.shop, self.by, self.dice = shop, by, random.Random(seed)
        self.clock = NOON + timedelta(minutes=seed)
        self.orders: list[int] = []

    def take(self, action, **arguments):
        self.clock += timedelta(seconds=1)
        try:
            return perform(action, by=self.by, now=self.clock, **arguments)
        except DomainError:
            return None

    def step(self):
        dice = self.dice
        sku, units = dice.choice(STOCKED[:3]), dice.randint(1, 6)
        lines = [(dice.choice(("tea", "mug", "pot", "set")), dice.randint(1, 4)) for _ in "123"]
        steps = [
            lambda: self.receive(sku, units, 5, dice.randint(0, 5)),
            lambda: self.adjust(sku, dice.randint(-5, 5)),
            lambda: self.write_off(sku, units),
            lambda: self.send_back(sku, units),
            lambda: self.move(dice.randint(0, 9), units, dice.randint(0, 2), "bin"),
            lambda: self.count(dice.randint(0, 2), dice.random() < 0.3, dice.randint(-3, 1), False),
            lambda: self.transfer(sku, units, dice.randint(0, 4)),
            lambda: self.take_transfer(units, dice.random() < 0.3),
            lambda: self.buy(sku, units * 3),
            lambda: self.take_in(units * 2, 1, 1, ""),
            lambda: self.land(units, "value"),
            lambda: self.cart(lines, 30),
            lambda: self.allot(sku, dice.choice(("fixed", "cap")), units),
            lambda: self.split(sku, dice.choice((1, 3))),
            lambda: self.take(fill_backorders, sku_ids=[getattr(self.shop, sku).pk]),
            lambda: self.orders.append(self.place(lines, dice.random() < 0.5)),
            lambda: self.orders.append(self.place(lines, True)),
            lambda: self.with_order(lambda pk: self.ship(pk, dice.randint(1, 5))),
            lambda: self.with_order(self.cancel),
            lambda: self.with_order(lambda pk: self.take_back(pk, 1, "restock")),
        ]
        dice.choice(steps)()

    def with_order(self, verb):
        mine = [pk for pk in self.orders if pk]
        if mine:
            verb(self.dice.choice(mine))


@pytest.mark.django_db(transaction=True)
def test_eight_people_at_once_keep_the_laws(shop, system, laws_hold):
    with transaction.atomic():
        build_warehouse(system, shop)

    def work(seed: int) -> None:
        try:
            worker = Worker(shop, system, seed)
            for _ in range(120):
                worker.step()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, seed) for seed in range(8)]:
            done.result()  # anything but a refusal is a fault: a deadlock, a broken constraint

    laws_hold()


@pytest.mark.django_db(transaction=True)
def test_eight_people_cap_the_same_sku_at_once(shop, system):
    """Without the lock on the channel, a broken constraint would reach the caller."""

    def cap(value: int) -> None:
        try:
            for _ in range(10):
                perform(
                    set_allotment,
                    channel_id=shop.web.pk,
                    sku_id=shop.tea.pk,
                    warehouse_id=None,
                    kind="cap",
                    value=value,
                    by=system,
                    now=NOON,
                )
        except DomainError:
            pass  # somebody else was at it four times in a row
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(cap, value) for value in range(8)]:
            done.result()

    assert Allotment.objects.filter(is_active=True).count() == 1
