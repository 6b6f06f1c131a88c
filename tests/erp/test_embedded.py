"""The embedded PostgreSQL takes who started it, and no other user of the machine."""

import os
import pwd
import subprocess
import threading
import time
from pathlib import Path

import psycopg2
import pytest
from django.db import connections

from erp.embedded import system_user
from erp.embedded.engines import EngineFailed, Engines
from erp.embedded.processes import is_buried


def asked_as(user: pwd.struct_passwd, role: str) -> str:
    """What a process of another user is told that connects as a role."""
    out, into = os.pipe()
    if (child := os.fork()) == 0:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        try:
            psycopg2.connect(host=host(), user=role, dbname="postgres", connect_timeout=3)
            os.write(into, b"let in")
        except psycopg2.OperationalError as error:
            os.write(into, str(error).encode())
        finally:
            os._exit(0)
    os.close(into)
    os.waitpid(child, 0)
    with os.fdopen(out) as said:
        return said.read()


def host() -> str:
    return str(connections["owner"].get_connection_params()["host"])


@pytest.mark.parametrize("role", ["postgres", "throughline_owner", "throughline"])
def test_a_process_of_another_user_is_no_role_of_the_database(role):
    """Not even one of the user that PostgreSQL runs as; whoever else there is does not come to its socket."""
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else; the map below says the same")
    assert "Permission denied" in asked_as(pwd.getpwnam("nobody"), role)
    itself = pwd.getpwuid(data_directory().stat().st_uid)
    assert "eer authentication failed" in asked_as(itself, role)


def test_who_started_it_is_every_role_and_nobody_else_is_any():
    connection = psycopg2.connect(host=host(), user="postgres", dbname="postgres")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sys_name, pg_username FROM pg_ident_file_mappings")
        assert cursor.fetchall() == [(pwd.getpwuid(os.geteuid()).pw_name, "all")]
        cursor.execute("SELECT DISTINCT type, auth_method FROM pg_hba_file_rules")
        assert cursor.fetchall() == [("local", "peer")]
    connection.close()


def test_the_folder_of_sockets_is_open_to_nobody_else():
    assert os.stat(host()).st_mode & 0o077 == 0


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands files to other users")


def data_directory() -> Path:
    connection = psycopg2.connect(host=host(), user="postgres", dbname="postgres")
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        [(there,)] = cursor.fetchall()
    connection.close()
    return Path(there)


def test_the_cluster_belongs_to_a_user_of_its_own_alone():
    there = data_directory()
    uid = int((there / "postmaster.pid").stat().st_uid)
    assert {path.stat().st_uid for path in (there, *there.glob("*"))} == {uid}
    assert there.stat().st_mode & 0o777 == 0o700
    assert uid not in {0, pwd.getpwnam("nobody").pw_uid}
    server = Path("/proc") / (there / "postmaster.pid").read_text().split()[0]
    assert server.stat().st_uid == uid


@needs_root
def test_a_cluster_that_was_of_nobody_is_handed_over_and_its_logs_are_closed(tmp_path):
    engines = Engines(tmp_path / "data", durable=False)
    engines.prepare_folder()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("root's")
    nobody = pwd.getpwnam("nobody")
    for path in (engines.pgdata, *engines.pgdata.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    (engines.pgdata / "left-there").symlink_to(elsewhere)
    (engines.directory / "postgres.log").touch(mode=0o644)
    try:
        engines.start_database()
        owners = {p.lstat().st_uid for p in (engines.pgdata, *engines.pgdata.rglob("*"))}
        assert owners == {engines.system_user.pw_uid}
        assert elsewhere.stat().st_uid == 0
        assert (engines.directory / "postgres.log").stat().st_mode & 0o777 == 0o600
    finally:
        engines.stop()
        engines.remove()


@pytest.fixture
def as_root(monkeypatch):
    """A machine of ours as root sees it: the users there are, and what was run to make one."""
    users, ran = {"nobody": 65534, "root": 0, "nginx": 33}, []

    def known(name):
        if name not in users:
            raise KeyError(name)
        return pwd.struct_passwd((name, "x", users[name], users[name], "", "/", "/bin/false"))

    monkeypatch.delenv("ERP_SYSTEM_USER", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", known)
    monkeypatch.setattr(subprocess, "run", lambda command, **_how: ran.append(command))
    return users, ran


def test_a_user_is_made_once_and_never_a_shared_one_taken(as_root, monkeypatch):
    users, ran = as_root

    def made(command, **_how):
        ran.append(command)
        users["throughline"] = 999
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", made)
    for _again in range(2):
        assert system_user.system_user().pw_uid == 999
    assert len(ran) == 1
    assert {"--system", "--no-create-home"} <= set(ran[0])
    monkeypatch.setenv("ERP_SYSTEM_USER", "nginx")
    assert system_user.system_user().pw_uid == 33


@pytest.mark.parametrize("name", ["nobody", "root"])
def test_a_user_of_everybodys_is_refused(as_root, monkeypatch, name):
    monkeypatch.setenv("ERP_SYSTEM_USER", name)
    with pytest.raises(EngineFailed, match="nothing else runs as"):
        Engines(Path("/nowhere"))


def test_where_none_can_be_made_it_is_said_what_to_do(as_root, monkeypatch):
    _users, ran = as_root

    def refused(command, **_how):
        ran.append(command)
        return subprocess.CompletedProcess(command, 10)

    monkeypatch.setattr(subprocess, "run", refused)
    with pytest.raises(EngineFailed, match="useradd --system throughline"):
        Engines(Path("/nowhere"))
    assert ran


def test_anybody_else_runs_it_themselves(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert system_user.system_user() is None


def test_a_killed_predecessor_is_waited_for_until_it_is_buried(tmp_path):
    """Whoever inherits it may take a second; until then PostgreSQL says that another postmaster runs."""
    engines = Engines(tmp_path / "data", durable=False)
    engines.prepare_folder()
    owner = engines.system_user  # whoever is somebody else's is none of PostgreSQL's
    dead = subprocess.Popen(["true"], user=owner.pw_uid if owner else None)
    while is_buried(dead.pid):
        time.sleep(0.01)
    (engines.pgdata / "postmaster.pid").write_text(f"{dead.pid}\n{engines.pgdata}\n")
    threading.Timer(1.5, dead.wait).start()
    try:
        engines.start()
        assert engines.are_running()
    finally:
        engines.stop()
        engines.remove()
