"""Tables change beside people who work: readers hardly wait, and one migrator is at it at a time."""

import io
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from erp import schema
from tests.conftest import owner_cursor

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ADD = "ALTER TABLE erp_company ADD COLUMN mark int"


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    with owner_cursor() as cursor:
        cursor.execute("ALTER TABLE erp_company DROP COLUMN IF EXISTS mark")


@contextmanager
def long_transaction(seconds: float):
    """Somebody who has read a table, and whose transaction goes on for so long."""
    begun, over = threading.Event(), threading.Event()

    def read() -> None:
        with owner_cursor() as cursor:
            cursor.execute("BEGIN; SET LOCAL application_name = 'somebody slow'")
            cursor.execute("SELECT count(*) FROM erp_company, erp_channel")
            begun.set()
            over.wait(seconds)
            cursor.execute("COMMIT")

    thread = threading.Thread(target=read)
    thread.start()
    begun.wait(10)
    try:
        yield
    finally:
        over.set()
        thread.join()


class Reader(threading.Thread):
    """Reads the table again and again, and refuses to wait for it longer than 150 ms at a time."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.over, self.reads, self.refused = threading.Event(), 0, 0

    def run(self) -> None:
        import psycopg2

        with owner_cursor() as cursor:
            cursor.execute("SET lock_timeout = '150ms'")
            while not self.over.is_set():
                try:
                    cursor.execute("SELECT count(*) FROM erp_company")
                    self.reads += 1
                except psycopg2.errors.LockNotAvailable:
                    self.refused += 1


def change(said: list[str], *, patience_s: float = 30) -> None:
    """Add a column as a migration does."""

    def add() -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(ADD)

    with schema.only_migrator("owner", patience_s=5, say=said.append) as guard:
        schema.in_short_waits("owner", add, guard=guard, patience_s=patience_s, say=said.append)


def columns() -> int:
    with owner_cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.columns"
            " WHERE table_name = 'erp_company' AND column_name = 'mark'"
        )
        return cursor.fetchone()[0]


def test_readers_hardly_wait_while_a_long_transaction_is_in_the_way():
    said: list[str] = []
    reader = Reader()
    with long_transaction(2):
        reader.start()
        change(said)
    reader.over.set()
    reader.join()
    assert columns() == 1
    assert (reader.refused, reader.reads > 20) == (0, True)
    assert len(said) >= 2


def test_whoever_is_in_the_way_is_named():
    said: list[str] = []
    with long_transaction(2):
        change(said)
    assert "erp_company waits for process" in said[0]
    assert "somebody slow" in said[0]


def test_an_autovacuum_is_ended_before_the_wait_is_over_and_limits_are_as_before():
    seen = []

    def look() -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('lock_timeout'), current_setting('deadlock_timeout')"
            )
            seen.append(cursor.fetchone())

    look()
    with schema.only_migrator("owner", patience_s=5, say=seen.append) as guard:
        schema.in_short_waits("owner", look, guard=guard, patience_s=5, say=seen.append)
    look()
    assert seen[1] == ("100ms", "50ms")
    assert seen[0] == seen[2] != seen[1]


def test_patience_ends_with_nothing_done():
    said: list[str] = []
    with long_transaction(20), pytest.raises(CommandError, match="Gave up after 1 s"):
        change(said, patience_s=1)
    assert columns() == 0


def test_another_failure_is_not_tried_again():
    tries = []

    def fail() -> None:
        tries.append(1)
        raise OperationalError("the disk is full")

    with (
        schema.only_migrator("owner", patience_s=1, say=tries.append) as guard,
        pytest.raises(OperationalError, match="disk"),
    ):
        schema.in_short_waits("owner", fail, guard=guard, patience_s=9, say=tries.append)
    assert tries == [1]


def test_what_is_not_one_transaction_is_not_begun_again(monkeypatch):
    half = SimpleNamespace(atomic=False, __str__=lambda self: "orders.0099_half")
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [(half, False)])
    with long_transaction(5), pytest.raises(CommandError, match="not one transaction"):
        change([])


def test_of_two_migrators_one_waits_for_the_other():
    said = io.StringIO()
    with (
        schema.only_migrator("owner", patience_s=1, say=print),
        pytest.raises(CommandError, match="Another one migrates"),
    ):
        call_command("migrate", verbosity=0, patience=0.3, stderr=said)
    call_command("migrate", verbosity=0, patience=0.3)
    assert "waiting for it" in said.getvalue()


def test_a_migrator_that_is_killed_holds_nobody_up():
    with schema.only_migrator("owner", patience_s=1, say=print) as guard, owner_cursor() as cursor:
        pid = schema._backend_of(guard)
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        time.sleep(0.2)
        with schema.only_migrator("owner", patience_s=1, say=print):
            pass


def test_migrating_what_is_up_to_date_locks_no_table():
    with long_transaction(30):
        call_command("migrate", verbosity=0, interactive=False, patience=0)


def test_a_trigger_that_was_taken_away_or_changed_is_put_back():
    definition = (
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgrelid = 'erp_event'::regclass AND tgname = 'append_only'"
    )
    with owner_cursor() as cursor:
        cursor.execute(definition)
        before = cursor.fetchone()
        for harm in (
            "DROP TRIGGER append_only ON erp_event",
            "ALTER TABLE erp_event DISABLE TRIGGER append_only",
            "COMMENT ON TRIGGER append_only ON erp_event IS 'as an earlier version made it'",
        ):
            cursor.execute(harm)
            call_command("migrate", verbosity=0, interactive=False)
            cursor.execute(definition)
            assert cursor.fetchone() == before
    with owner_cursor() as cursor:
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = 'append_only'")
        assert {enabled for (enabled,) in cursor.fetchall()} == {"O"}


def test_the_version_before_serves_on_the_tables_of_the_one_after():
    said = io.StringIO()
    with owner_cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('orders', '9999_later', now())"
        )
        try:
            call_command("migrate", verbosity=0, stderr=said)
        finally:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
    assert "of a later version (orders.9999_later)" in said.getvalue()


def test_a_deadlock_with_the_application_is_tried_again(monkeypatch):
    """The migrator, whose patience is shorter, is the one who is ended."""
    said: list[str] = []
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        if len(tries) == 1:
            with connections["owner"].cursor() as cursor:
                cursor.execute(
                    "DO $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END $$"
                )

    with schema.only_migrator("owner", patience_s=5, say=said.append) as guard:
        schema.in_short_waits("owner", work, guard=guard, patience_s=10, say=said.append)
    assert (len(tries), len(said)) == (2, 1)
