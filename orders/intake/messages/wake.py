"""The inbox: how large what comes in may be, and waking who reads it."""

from erp.events.record import give_hint

MOST_BYTES = 10 * 1024 * 1024


READ_INBOX = "orders.tasks.read_inbox"


def wake_reader() -> None:
    """Have what waits read now rather than in two seconds."""
    give_hint(READ_INBOX)
