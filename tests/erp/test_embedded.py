"""The embedded PostgreSQL takes who started it, and no other user of the machine."""

import os
import pwd

import psycopg2
import pytest
from django.db import connections


def asked_as_nobody(role: str) -> str:
    """What a process of `nobody` is told that connects as a role."""
    out, into = os.pipe()
    if (child := os.fork()) == 0:
        os.setgroups([])
        os.setgid(pwd.getpwnam("nobody").pw_gid)
        os.setuid(pwd.getpwnam("nobody").pw_uid)
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
    """`nobody` too, whom PostgreSQL itself runs as where root starts it and there is no user of ours."""
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else; the map below says the same")
    assert "eer authentication failed" in asked_as_nobody(role)


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
