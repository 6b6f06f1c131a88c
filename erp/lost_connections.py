"""Closes a connection that the database has ended while nobody used it, before a request meets it.

After a restart of PostgreSQL each idle thread of the web answered one page by 500, and /readyz by 503. A statement to
find that out (Django's CONN_HEALTH_CHECKS) would cost every request a round trip; to look at the socket costs a
microsecond.
"""

import select
from typing import Any

from django.db import connection


def close_lost_connections(**_: object) -> None:
    """Close this thread's connection where its other end has closed it; Django opens another when it is needed."""
    raw = connection.connection
    if raw is not None and not connection.in_atomic_block and has_ended(raw):
        connection.close()


def has_ended(raw: Any) -> bool:
    """Whether something came over a connection that has asked nothing: its end. Nothing else is said to an idle one."""
    if raw.closed:
        return True
    looked = select.poll()
    looked.register(raw.fileno(), select.POLLIN)
    return bool(looked.poll(0))
