"""Opens the outermost transaction and runs an action once per key; edges call actions only here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg2.errors
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from erp.errors import ChooseAgain, InProgress, KeyReused

ATTEMPTS = 4
F = TypeVar("F", bound=Callable[..., object])
T = TypeVar("T")


@dataclass(frozen=True)
class OnceKey:
    """What must happen only once.

    scope          whose key it is: "api:7" for an API key, "subscriber:…", "tick:…"
    key            the caller's idempotency key, the event's id, the tick's time
    request_hash   of method, path and body: the same key with another request is refused
    """

    scope: str
    key: str
    request_hash: str = ""


@dataclass(frozen=True)
class Answer:
    """What was answered: now, or (`replayed`) the first time."""

    status: int
    body: bytes
    replayed: bool = False


def wants_attempt(action: F) -> F:
    """Mark an action that is told how often it has been tried."""
    action.__dict__["wants_attempt"] = True
    return action


def perform(action: Callable[..., T], **arguments: object) -> T:
    """Run an action in a transaction of its own.

    A deadlock or a ChooseAgain is tried anew, `attempt` telling the action how often if it
    asks for it; a lock that is not had within lock_timeout becomes InProgress (409).
    """
    return _durably(lambda attempt: action(**told(action, arguments, attempt)))


def perform_answered(
    action: Callable[..., T], *, answer: Callable[[T], Answer], **arguments: object
) -> Answer:
    """Run an action, and make its answer before it is committed: what cannot be answered is not done."""
    return _durably(lambda attempt: answer(action(**told(action, arguments, attempt))))


def perform_once(
    action: Callable[..., T],
    *,
    once: OnceKey,
    answer: Callable[[T], Answer],
    **arguments: object,
) -> Answer:
    """Run an action at most once per key, and give every caller the same answer.

    The key's row is inserted first: a rival with the same key waits for our commit and then
    reads our answer. A refusal rolls the row back, so it may be tried again.
    Raises KeyReused when the key was used with another request.
    """

    def attempt_once(attempt: int) -> Answer:
        stored = _claim(once)
        if stored is not None:
            return stored
        given = answer(action(**told(action, arguments, attempt)))
        _store(once, given)
        return given

    return _durably(attempt_once)


def claim(once: OnceKey) -> bool:
    """Claim a key inside a transaction; True the first time. For subscribers and ticks."""
    return _claim(once) is None


def claim_all(keys: Sequence[OnceKey]) -> list[bool]:
    """Claim keys inside a transaction, by one statement, in their order; of each, True the first time."""
    return [stored is None for stored in _claim_all(keys)]


def _durably(body: Callable[[int], T]) -> T:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(durable=True):
                return body(attempt)
        except ChooseAgain as changed:
            if attempt == ATTEMPTS:
                raise InProgress(str(changed)) from changed
        except OperationalError as error:
            cause = error.__cause__
            if isinstance(cause, psycopg2.errors.LockNotAvailable):
                raise InProgress(_("Someone else is changing this right now.")) from error
            retriable = isinstance(cause, psycopg2.errors.DeadlockDetected)
            if not retriable or attempt == ATTEMPTS:
                raise
        except IntegrityError as error:
            if attempt == ATTEMPTS or not _is_rival(error):
                raise
    raise AssertionError("unreachable")


# A rival took what was free when we decided: an external id, an identity, the last units.
RIVALS = frozenset(
    {
        "order_once_per_channel",
        "customer_identity_once",
        "coupon_used_within_limit",
        "coupon_within_customers_limit",
        "promotion_used_within_limit",
        "provider_event_once",
        "stock_level_reserved_within_on_hand",
        "tracking_number_of_one_parcel",
    }
)


def _is_rival(error: IntegrityError) -> bool:
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) in RIVALS


def told(
    action: Callable[..., object], arguments: dict[str, object], attempt: int
) -> dict[str, object]:
    """An action's arguments, with how often it has been tried where it wants to be told."""
    if getattr(action, "wants_attempt", False):
        return arguments | {"attempt": attempt}
    return arguments


def _claim(once: OnceKey) -> Answer | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM erp_once_claim(%s, %s, %s)",
            [once.scope, once.key, once.request_hash],
        )
        row = cursor.fetchone()
    return _claimed(once, row)


def _claim_all(keys: Sequence[OnceKey]) -> list[Answer | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.* FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY k (scope, key, hash, place)
            LEFT JOIN LATERAL erp_once_claim(k.scope, k.key, k.hash) c ON true ORDER BY k.place
            """,
            [
                [once.scope for once in keys],
                [once.key for once in keys],
                [once.request_hash for once in keys],
            ],
        )
        rows = cursor.fetchall()
    return [_claimed(once, row) for once, row in zip(keys, rows, strict=True)]


def _claimed(once: OnceKey, row: tuple[Any, ...] | None) -> Answer | None:
    if row is None or row[0] is None:
        raise ChooseAgain("the first try was rolled back")
    claimed, request_hash, status, body = row
    if claimed:
        return None
    if request_hash != once.request_hash:
        raise KeyReused(_("This idempotency key was used with another request."))
    return Answer(status or 200, bytes(body or b""), replayed=True)


def _store(once: OnceKey, given: Answer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT erp_once_store(%s, %s, %s, %s)",
            [once.scope, once.key, given.status, given.body],
        )
