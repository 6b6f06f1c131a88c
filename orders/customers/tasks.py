"""Indexes customers' names in the background."""

from celery import shared_task

from erp.once import perform
from erp.turns import takes_a_place
from orders.customers.actions import name_words


@shared_task(
    name="orders.tasks.learn_names",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=200,
    time_limit=240,
)
@takes_a_place("rounds", alone="learn_names")
def learn_names(**_: object) -> None:
    """Learn the words of new customers' names, for search to correct mistyped ones by."""
    while perform(name_words.learn_names):
        pass
