"""PostgreSQL's log holds nobody's data, and the files of `manage.py up` stay small."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from erp.embedded import log_files
from erp.embedded.log_files import LOG_NO_DATA, rotate, say
from tests.conftest import HOME, order_body

NAME, EMAIL = "Zephyrine", "zephyrine@canary.example"
CANARIES = (NAME, EMAIL, "Quillweg", "13912348765")


def postgres_log():
    return (Path(settings.ERP_DATA_DIR) / "postgres.log").read_text(errors="replace")


@pytest.mark.django_db(transaction=True)
def test_postgres_logs_that_a_statement_failed_and_not_with_what(api, shop):
    """A refusal for lack of stock had been written with the whole order."""
    address = HOME | {"name": NAME, "line1": "Quillweg", "phone": "+8613912348765"}
    customer = {"name": NAME, "email": EMAIL, "phone": "+8613912348765"}
    body = order_body(customer=customer, shipping_address=address)
    assert api.post("orders", body).status_code == 201
    began = len(postgres_log())
    with connection.cursor() as cursor:  # what a rival makes of it: the level refuses
        for sql, given in (
            ("INSERT INTO erp_channel (code, name) VALUES (%s, %s)", [NAME, EMAIL]),
            ("INSERT INTO erp_securityevent (kind) SELECT %s", [EMAIL * 9]),
            ("SELECT orders_place(%s::jsonb)", [json.dumps({"orders": [{"name": EMAIL}]})]),
            ("UPDATE orders_event SET name = %s", [EMAIL]),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(sql, given)
    written = postgres_log()[began:]
    assert "ERROR" in written
    assert [canary for canary in CANARIES if canary in written] == []
    assert "STATEMENT" not in written


def test_compose_asks_for_the_same():
    text = (settings.BASE_DIR / "docker-compose.yml").read_text()
    needed = [option for option in LOG_NO_DATA if not option.startswith("log_min_duration")]
    assert [o for o in needed if f"-c {o}" not in text and o != "log_statement=none"] == []


def test_a_file_that_grew_too_large_is_moved_and_emptied(tmp_path):
    path = tmp_path / "web.log"
    with path.open("ab") as stream:
        for round_ in range(4):
            stream.write(b"%d" % round_ * 200)
            stream.flush()
            assert rotate(path, most_bytes=100, kept=2)
            assert path.stat().st_size == 0
        stream.write(b"small")
        stream.flush()
        assert not rotate(path, most_bytes=100, kept=2)
    assert path.read_bytes() == b"small"
    assert (tmp_path / "web.log.1").read_bytes() == b"3" * 200
    assert (tmp_path / "web.log.2").read_bytes() == b"2" * 200
    assert sorted(p.name for p in tmp_path.iterdir()) == ["web.log", "web.log.1", "web.log.2"]


def test_up_speaks_json_where_nobody_sits_at_a_terminal(capsys, monkeypatch):
    monkeypatch.delenv("LOG_FORMAT", raising=False)
    say("\nReady after 3 s")
    line = json.loads(capsys.readouterr().out)
    assert (line["level"], line["message"]) == ("info", "Ready after 3 s")
    monkeypatch.setenv("LOG_FORMAT", "text")
    say("Ready")
    assert capsys.readouterr().out == "Ready\n"
    assert log_files.MOST_BYTES * (log_files.KEPT + 1) < 200e6
