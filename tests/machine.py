"""A shop whose people use verbs in any order: what the state machines of several apps share."""

import os
from datetime import timedelta

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from erp.audit.proof import prove
from erp.errors import DomainError
from inventory.stock.actions.reserve import expire_holds
from tests.conftest import NOON, build_shop


class ShopMachine(RuleBasedStateMachine):
    """One person at a time. A refusal is fine; a broken law is not, after whatever verb.

    Every run is in a transaction of its own that is rolled back.
    """

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def take(self, action, **arguments):
        """Run a verb; a refusal must leave nothing behind (it rolls back, as `perform` does)."""
        self.clock += timedelta(minutes=7)
        try:
            with transaction.atomic():
                return action(by=self.by, now=self.clock, **arguments)
        except DomainError:
            return None

    @initialize()
    def open_shop(self):
        from erp.access.actions import ensure_ground
        from erp.access.queries import job_actor

        self.clock = NOON
        ensure_ground()
        self.by = job_actor("scheduler")
        shop = build_shop(self.by)
        self.furnish(shop)
        self.shop = shop

    def furnish(self, shop):
        """Add to the shop what else a machine's verbs need."""

    @rule()
    def expire(self):
        with transaction.atomic():
            expire_holds(now=self.clock)

    @invariant()
    def every_law_holds(self):
        if hasattr(self, "shop"):
            broken = [f"{f.law.code}: {f.rows}" for f in prove() if f.breaches]
            assert not broken, broken


EXAMPLES = int(os.environ.get("LIVES", "30")) // 6


def run_machine(machine: type[ShopMachine], steps: int) -> None:
    """Try some mixes of its verbs, each of so many steps; `make lives` tries many."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
