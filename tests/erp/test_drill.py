"""Backups of a living system drill clean; what is wrong with one is found and said in a plain line."""

import contextlib
import json
import os
import stat
import subprocess
import sys
import threading
import time
from datetime import timedelta

import psycopg2
import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.db import Error, InterfaceError, InternalError, OperationalError, connections
from django.utils import timezone

from erp.backups import dumps, night, scratch, tasks
from erp.backups.drill import Drilled
from erp.backups.models import BackupRun
from erp.backups.queries import folder_name
from erp.effects.models import EffectsPause
from erp.messages.models import Message
from erp.web.alerts import watch
from orders.models import Order
from tests.conftest import order_body, owner_cursor, settle
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


DRILLS = int(os.environ.get("DRILLS", "2"))  # 20 for what the operations page promises


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    (settings.MEDIA_ROOT / "company").mkdir(parents=True)
    (settings.MEDIA_ROOT / "company" / "logo.png").write_bytes(b"a logo")
    return settings.MEDIA_ROOT


@pytest.fixture
def identity(settings, tmp_path):
    key = pyrage.x25519.Identity.generate()
    settings.BACKUP_RECIPIENTS = [str(key.to_public())]
    path = tmp_path / "key.txt"
    path.write_text(f"# a comment\n{key}\n")
    settings.BACKUP_IDENTITY_FILE = str(path)
    return path


@pytest.fixture
def instances(monkeypatch):
    """The scratch instances that are started."""
    found = []

    class Noted(scratch.Engines):
        def __init__(self, *given, **named):
            super().__init__(*given, **named)
            found.append(self)

    monkeypatch.setattr(scratch, "Engines", Noted)
    return found


def test_backups_under_load_drill_clean_and_leave_nothing(
    api, shop, media, instances, tmp_path, capsys
):
    stop, placed = threading.Event(), []

    def keep_placing():
        try:
            while not stop.is_set():
                body = order_body(lines=[{"sku": "WRAP", "quantity": 1}])
                placed.append(api.post("orders", body).status_code)
                time.sleep(0.02)
        finally:
            connections.close_all()

    thread = threading.Thread(target=keep_placing)
    thread.start()
    try:
        for n in range(DRILLS):
            call_command("backup", tmp_path / f"b{n}")
            call_command("drill", tmp_path / f"b{n}")
    finally:
        stop.set()
        thread.join()
    said = capsys.readouterr().out
    print(said, len(placed))
    assert set(placed) == {201}
    assert said.count("every law holds") == DRILLS
    assert "1 files restored" in said
    assert set(BackupRun.objects.values_list("is_good", flat=True)) == {True}
    left = [path for e in instances for path in (e.root, e.directory.parent, e.sockets)]
    assert len(instances) == DRILLS
    assert [path for path in left if path.exists()] == []


def test_a_drill_on_a_server_of_ones_own_drops_its_database(
    shop, media, tmp_path, settings, capsys
):
    parameters = connections["owner"].get_connection_params()
    user, host = parameters["user"], parameters["host"]
    settings.DRILL_DATABASE_URL = f"postgres://{user}@/postgres?host={host}"
    call_command("backup", tmp_path / "b")
    call_command("drill", tmp_path / "b")

    assert "every law holds" in capsys.readouterr().out
    with owner_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'drill%'")
        assert cursor.fetchall() == []


def test_only_its_owner_reads_a_backup(shop, media, tmp_path):
    call_command("backup", tmp_path / "b")
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "b").iterdir()}

    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o700
    assert modes == dict.fromkeys(["manifest.json", "database.dump", "files.tar"], 0o600)
    assert [p.name for p in tmp_path.iterdir() if "unfinished" in p.name] == []


def test_an_encrypted_one_holds_nothing_readable_and_comes_back(
    api, shop, media, identity, tmp_path, settings
):
    api.post("orders", order_body())
    number = Order.objects.get().number
    call_command("backup", tmp_path / "b", "--with-keys")
    whole = b"".join(p.read_bytes() for p in (tmp_path / "b").iterdir())
    assert b"PGDMP" not in whole
    assert b"a logo" not in whole
    assert settings.SECRET_KEY.encode() not in whole

    Order.objects.update(metadata={"changed": "since"})
    (media / "company" / "logo.png").unlink()
    call_command("restore", tmp_path / "b", "--replace")
    call_command("restore", tmp_path / "b", "--keys-to", tmp_path / "keys.json")

    assert Order.objects.get(number=number).metadata == {}
    assert (media / "company" / "logo.png").read_bytes() == b"a logo"
    assert json.loads((tmp_path / "keys.json").read_text()) == {
        "SECRET_KEY": settings.SECRET_KEY,
        "SECRET_KEY_FALLBACKS": "",
    }
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600

    identity.write_text(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(CommandError, match="cannot be opened with this private key"):
        call_command("restore", tmp_path / "b", "--replace")
    assert Order.objects.count() == 1


def test_the_role_of_the_worker_can_make_one(api, shop, media, tmp_path, settings, monkeypatch):
    """It owns no table; in production the worker makes the nightly backup."""
    api.post("orders", order_body())
    with monkeypatch.context() as alone:
        alone.setattr(dumps, "owner_alias", lambda: "default")
        alone.setattr(dumps, "_owner", lambda: settings.DATABASES["default"])
        call_command("backup", tmp_path / "b")
    Order.objects.update(metadata={"changed": "since"})
    call_command("restore", tmp_path / "b", "--replace")

    assert Order.objects.get().metadata == {}
    assert api.post("orders", order_body()).status_code == 201


def test_keys_do_not_go_into_a_readable_backup(shop, media, tmp_path):
    with pytest.raises(CommandError, match="BACKUP_RECIPIENTS"):
        call_command("backup", tmp_path / "b", "--with-keys")
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("name", ["database.dump", "files.tar"])
def test_a_flipped_byte_is_found(shop, media, tmp_path, name):
    call_command("backup", tmp_path / "b")
    path = tmp_path / "b" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    with pytest.raises(CommandError, match=f"failed. {name}.* changed or cut off"):
        call_command("drill", tmp_path / "b")
    run = BackupRun.objects.get(kind="drill")
    assert (run.is_good, "changed or cut off" in run.said) == (False, True)


def test_a_manifest_that_counts_otherwise_is_found(shop, media, tmp_path):
    call_command("backup", tmp_path / "b")
    path = tmp_path / "b" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["tables"]["erp_channel"] += 1
    path.write_text(json.dumps(manifest))

    with pytest.raises(CommandError, match="erp_channel has 2 rows; the backup had 3"):
        call_command("drill", tmp_path / "b")


def test_a_backup_of_a_later_version_is_refused(shop, media, tmp_path):
    call_command("backup", tmp_path / "b")
    path = tmp_path / "b" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["migrations"].append("orders.9999_of_tomorrow")
    path.write_text(json.dumps(manifest))

    with pytest.raises(CommandError, match=r"migration orders\.9999_of_tomorrow"):
        call_command("restore", tmp_path / "b", "--replace")


def test_what_is_restored_is_paused(api, shop, media, tmp_path):
    api.post("orders", order_body())
    settle()
    run_relay()
    assert Message.objects.filter(status="waiting").exists()
    call_command("backup", tmp_path / "b")
    call_command("restore", tmp_path / "b", "--replace")

    pause = EffectsPause.objects.get()
    made = json.loads((tmp_path / "b" / "manifest.json").read_text())["made_at"]
    assert pause.resumed_at is None
    assert pause.restored_of.isoformat()[:19] == made[:19]


def test_old_ones_go_and_others_folders_stay(shop, media, tmp_path, settings):
    settings.BACKUP_DIR = str(tmp_path / "kept")
    settings.BACKUP_KEEP_DAILY, settings.BACKUP_KEEP_WEEKLY = 2, 0
    now = timezone.now()
    for days in (1, 2, 3):
        (tmp_path / "kept" / folder_name(now - timedelta(days=days))).mkdir(parents=True)
    (tmp_path / "kept" / "mine").mkdir()
    call_command("backup")

    names = sorted(p.name for p in (tmp_path / "kept").iterdir())
    assert len(names) == 3
    assert names[0] == folder_name(now - timedelta(days=1))
    assert names[2] == "mine"


def test_staff_hear_of_a_backup_that_is_old_where_backups_are_made(
    shop, sign_in, settings, tmp_path
):
    def told():
        return [f.params["what"] for f in watch(timezone.now()) if f.kind == "backup_old"]

    assert told() == []
    settings.BACKUP_DIR = str(tmp_path)
    assert told() == ["backup", "drill"]
    assert "Restore drill succeeded within" in sign_in().get("/settings/health/").content.decode()
    for kind, hours in (("backup", 1), ("drill", 30)):
        at = timezone.now() - timedelta(hours=hours)
        BackupRun.objects.create(kind=kind, name="x", began_at=at, ended_at=at, is_good=True)
    assert told() == ["drill"]


def test_the_schedule_starts_one_a_night(shop, settings, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(tasks, "start_command", lambda *command: started.append(command))
    tasks.back_up_nightly()
    assert started == []
    settings.BACKUP_DIR = str(tmp_path)
    tasks.back_up_nightly()
    tasks.back_up_nightly()
    assert started == [("backup", "--nightly")]


@pytest.mark.parametrize("command", ["backup", "drill", "copy_cluster"])
def test_whoever_serves_goes_first(command):
    """What takes a whole processor for a minute leaves it to whoever buys meanwhile."""
    run = (
        "import os, sys; from django.core.management import execute_from_command_line as run\n"
        "try: run(['manage.py', sys.argv[1], '/nowhere/at/all'])\n"
        "finally: print(os.nice(0), flush=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", run, command],
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "erp.settings", "DATABASE_URL": "postgres:///x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split()[-1:] == [str(max(10, os.nice(0)))], done.stderr


def test_a_drill_that_was_cut_short_is_made_up_for(shop, settings, tmp_path, monkeypatch):
    started, now = [], timezone.now()
    monkeypatch.setattr(tasks, "start_command", lambda *command: started.append(command))
    settings.BACKUP_DIR = str(tmp_path)
    BackupRun.objects.create(kind="backup", name="x", began_at=now, ended_at=now, is_good=True)
    drill = BackupRun.objects.create(kind="drill", name="x", began_at=now)
    tasks.back_up_nightly()
    assert started == []
    BackupRun.objects.filter(pk=drill.pk).update(began_at=now - timedelta(minutes=61))
    tasks.back_up_nightly()
    assert started == [("drill",)]


def test_what_failed_its_drill_replaces_nothing(shop, media, settings, tmp_path, monkeypatch):
    settings.BACKUP_DIR = str(tmp_path / "kept")
    settings.BACKUP_KEEP_DAILY, settings.BACKUP_KEEP_WEEKLY = 1, 0
    older = tmp_path / "kept" / folder_name(timezone.now() - timedelta(days=1))
    older.mkdir(parents=True)
    monkeypatch.setattr(night, "drill", lambda folder: Drilled(1.0, None, "a law is broken"))
    with pytest.raises(CommandError, match="a law is broken"):
        call_command("backup", "--nightly")
    assert older.exists()


@pytest.mark.parametrize(
    "error", [OperationalError, InterfaceError, InternalError, ValueError, SystemExit]
)
def test_a_run_that_broke_off_says_why(shop, media, tmp_path, monkeypatch, error):
    def broken(*_given, **_named):
        raise error("of the day")

    monkeypatch.setattr(night, "make_backup", broken)
    monkeypatch.setattr(night, "drill", broken)
    is_foreseen = issubclass(error, Error)
    with pytest.raises(CommandError if is_foreseen else error):
        call_command("backup", tmp_path / "b")
    with pytest.raises(error):
        call_command("drill", tmp_path / "b")
    for run in BackupRun.objects.all():
        assert run.ended_at is not None
        assert not run.is_good
        assert ("It was ended" if error is SystemExit else error.__name__) in run.said
    assert BackupRun.objects.count() == 2


def test_the_nightly_one_holds_the_keys_where_it_is_encrypted(
    shop, media, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(night, "drill", lambda _folder: Drilled(1.0, None, ""))
    settings.BACKUP_DIR = str(tmp_path / "all")
    call_command("backup", "--nightly")
    (plain,) = (tmp_path / "all").iterdir()
    assert not list(plain.glob("keys*"))

    key = pyrage.x25519.Identity.generate()
    settings.BACKUP_RECIPIENTS = [str(key.to_public())]
    settings.SECRET_KEY_FALLBACKS = ["a-former-one-of-forty-eight-characters"]
    settings.BACKUP_DIR = str(tmp_path / "sealed")
    call_command("backup", "--nightly")
    (sealed,) = [path for path in (tmp_path / "sealed").iterdir() if path.is_dir()]
    (keys,) = sealed.glob("keys*")
    found = json.loads(pyrage.decrypt(keys.read_bytes(), [key]))
    assert found == {
        "SECRET_KEY": settings.SECRET_KEY,
        "SECRET_KEY_FALLBACKS": "a-former-one-of-forty-eight-characters",
    }


def test_a_drill_uses_the_tools_that_are_named_and_asks_for_tls(monkeypatch, tmp_path):
    said = []

    def connect(**options):
        said.append(options)
        raise psycopg2.OperationalError("no such server")

    monkeypatch.setenv("PG_BIN_DIR", "/opt/pg/bin")
    monkeypatch.setattr(scratch.psycopg2, "connect", connect)
    url = "postgres://a:b@db.example:5432/x?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"
    with pytest.raises(psycopg2.OperationalError), scratch.scratch(url):
        pass
    assert (said[0]["sslmode"], said[0]["sslrootcert"]) == ("verify-full", "/etc/ca.pem")
    monkeypatch.setattr(scratch, "_on_a_server", lambda url: contextlib.nullcontext(url))
    with scratch.scratch(url) as environment:
        assert environment["PG_BIN_DIR"] == "/opt/pg/bin"
