"""Runs retention in the background."""

import time
from functools import partial

from celery import shared_task
from django.utils import timezone

from erp.once import perform
from erp.privacy.actions.retention import let_go_some
from erp.privacy.declarations import rules
from erp.rounds import by_rows
from erp.turns import ask_for_another

TURN_S = 20.0  # of one task: then whoever else waits has a turn
OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 200, "time_limit": 240}


@shared_task(name="erp.tasks.let_go", **OPTIONS)
def let_go(**_: object) -> None:
    """Let go what was kept long enough, for a turn; where more is due, another turn is asked for."""
    until = time.monotonic() + TURN_S
    left = [rule.name for rule in rules()]
    with by_rows("let_go") as turn:
        while left:
            more: list[str] = []
            turn.each(left, partial(_let_go, more))
            left = more
            if left and time.monotonic() > until:
                ask_for_another("erp.tasks.let_go")
                break


def _let_go(more: list[str], rule: str) -> None:
    """Let go some of what a rule says; where more is due by it, note it in `more`."""
    if perform(let_go_some, rule=rule, now=timezone.now()):
        more.append(rule)
