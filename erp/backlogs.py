"""Says what waits in a table of work, and what of it was given up: shown, counted and replayed by its name."""

from dataclasses import dataclass
from datetime import timedelta

from erp.shapes import Words


@dataclass(frozen=True)
class Backlog:
    """A table whose rows wait for workers or for the network.

    name      what metrics, the page of parked work and `manage.py replay_parked` call it
    label     the same for people
    waiting   what of it waits, as a condition in SQL; an index leads to it
    parked    what of it was given up and needs a person, likewise
    late      due for longer than this is late
    note      SQL of what a person is shown of a row: a kind or a number, never what a customer wrote
    right     who may replay
    replay    the action that does, as a dotted name: (ids, by, now) -> how many
    leaves    it goes out of the house, and waits while effects are paused
    due       SQL of when a row is due
    error     SQL of why it was given up
    """

    name: str
    label: Words
    table: str
    waiting: str
    parked: str
    late: timedelta
    note: str
    right: str
    replay: str
    leaves: bool = False
    due: str = "due_at"
    error: str = "error"
