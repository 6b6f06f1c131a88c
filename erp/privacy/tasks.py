"""Runs retention in the background."""

import time
from collections.abc import Sequence

from celery import shared_task
from django.utils import timezone

from erp.once import perform
from erp.privacy.actions.retention import let_go_some
from erp.privacy.declarations import rules
from erp.rounds import Round, by_rows
from erp.turns import ask_for_another, takes_a_place

TURN_S = 20.0  # of one task: then whoever else waits has a turn
OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 200, "time_limit": 240}


@shared_task(name="erp.tasks.let_go", **OPTIONS)
@takes_a_place("rounds", alone="let_go")
def let_go(**_: object) -> None:
    """Let go what was kept long enough, for a turn; where more is due, another turn is asked for."""
    until = time.monotonic() + TURN_S
    left = [rule.name for rule in rules()]
    with by_rows("let_go") as turn:
        while left:
            left = _let_go(left, turn)
            if left and time.monotonic() > until:
                ask_for_another("erp.tasks.let_go")
                break


def _let_go(names: Sequence[str], turn: Round) -> list[str]:
    """Let go some by each rule; those by which more is due."""
    done = turn.each(
        names, lambda name: (name, perform(let_go_some, rule=name, now=timezone.now()))
    )
    return [name for name, some in done if some]
