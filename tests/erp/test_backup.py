"""A backup brings everything back, and those who follow events go on where they were."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from erp.backups import make
from erp.backups.dumps import DROP_ALL
from erp.events.models import Event, WebhookEndpoint
from orders.models import Order
from tests.conftest import order_body, owner_cursor, settle

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def everything(api):
    page = api.get("events").json()
    return [(e["id"], e["type"]) for e in page["data"]]


def pretend_another_server_made_them(ahead: int) -> None:
    """Transaction numbers that this server has not come to yet."""
    with owner_cursor() as cursor:
        cursor.execute("ALTER TABLE erp_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE erp_event SET tx = tx + %s", [ahead])
        cursor.execute("ALTER TABLE erp_event ENABLE TRIGGER USER")


ANOTHER = """
    INSERT INTO erp_webhookendpoint (channel_id, url, topics, secret, previous_secret, status, last_id, created_at)
    SELECT id, 'https://example.com/', '{}', 'x', '', 'paused', 0, now() FROM erp_channel LIMIT 1
"""


def test_a_backup_that_rows_come_into_says_what_is_in_it(shop, tmp_path, monkeypatch):
    """What its manifest counts is what was dumped, whatever came meanwhile."""
    settle()
    dumped = make.dumped

    def after_another_row(moment):
        with owner_cursor() as cursor:  # a connection of its own, outside the snapshot
            cursor.execute(ANOTHER)
        return dumped(moment)

    monkeypatch.setattr(make, "dumped", after_another_row)
    call_command("backup", tmp_path / "b")
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text())

    assert (manifest["tables"]["erp_webhookendpoint"], WebhookEndpoint.objects.count()) == (0, 1)
    call_command("restore", tmp_path / "b", "--replace")
    assert WebhookEndpoint.objects.count() == 0


def test_a_backup_restored_on_another_server_is_whole(api, tmp_path, shop):
    for _ in range(3):
        api.post("orders", order_body())
    settle()
    before = everything(api)
    assert before
    numbers = set(Order.objects.values_list("number", flat=True))
    WebhookEndpoint.objects.create(
        channel=shop.web,
        url="https://example.com/",
        topics=[],
        secret="x" * 20,
        created_at=timezone.now() - timedelta(days=1),
        last_tx=Event.objects.last().tx,
        last_id=Event.objects.last().pk,
    )
    pretend_another_server_made_them(10**9)
    WebhookEndpoint.objects.update(last_tx=Event.objects.latest("pk").tx)
    call_command("backup", tmp_path / "b")
    api.post("orders", order_body())

    with pytest.raises(CommandError, match="in use"):
        call_command("restore", tmp_path / "b")
    call_command("restore", tmp_path / "b", "--replace")

    assert set(Order.objects.values_list("number", flat=True)) == numbers
    assert everything(api) == before
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.last_tx, endpoint.last_id) == (
        Event.objects.latest("pk").tx,
        Event.objects.latest("pk").pk,
    )
    api.post("orders", order_body())
    settle()
    after = everything(api)
    assert after[: len(before)] == before
    assert len(after) > len(before)


def test_a_backup_that_was_changed_is_refused(shop, tmp_path):
    call_command("backup", tmp_path / "b")
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text())
    assert manifest["tables"]["erp_channel"] >= 1
    with (tmp_path / "b" / "database.dump").open("ab") as file:
        file.write(b"x")

    with pytest.raises(CommandError, match="changed or cut off"):
        call_command("restore", tmp_path / "b", "--replace")
    assert connection.is_usable()


def test_a_restore_by_the_applications_role_says_where_it_belongs(shop, tmp_path, monkeypatch):
    """It ended in a traceback before, "must be owner of table"."""
    call_command("backup", tmp_path / "b")
    monkeypatch.setattr("erp.backups.dumps.owner_alias", lambda: "default")
    with pytest.raises(CommandError, match=r"does not own the tables.*run --rm owner"):
        call_command("restore", tmp_path / "b", "--replace")
    shop.web.refresh_from_db()  # it is there as it was


def test_two_restores_of_one_server_wait_for_each_other(shop):
    """The second failed as soon as the first was through: what its role was granted of the server had changed."""
    names = ("test_two_restores_a", "test_two_restores_b")
    with owner_cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
    try:
        with owner_cursor(names[0]) as first, owner_cursor(names[1]) as second:
            first.execute("BEGIN")
            first.execute(DROP_ALL.decode())
            with ThreadPoolExecutor(1) as threads:
                waiting = threads.submit(second.execute, DROP_ALL.decode())
                with suppress(TimeoutError):
                    waiting.result(timeout=0.5)
                first.execute("COMMIT")
                waiting.result(timeout=20)
    finally:
        with owner_cursor() as cursor:
            for name in names:
                cursor.execute(f"DROP DATABASE IF EXISTS {name}")
