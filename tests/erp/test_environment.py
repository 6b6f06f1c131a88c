"""Settings come from the environment, from files of secrets and in parts; a password is what it is."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from erp.environment import Unset, database_parts, has_owner, names_a_database, valkey_url, value

ROOT = Path(__file__).resolve().parents[2]
AWKWARD = "a/b#c@d:e%2F?f&g=h i\\'\"é$"
SHOWN = """
import json
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in %r}, default=str))
"""


def settings_of(*names: str, **env: str) -> dict:
    """What a process of its own makes of an environment."""
    kept = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "erp.settings"}
    done = subprocess.run(
        [sys.executable, "-c", SHOWN % (names,)],
        cwd=ROOT,
        env=kept | {"SECRET_KEY": "k" * 40, "DATABASE_URL": "postgres://nobody@/nothing"} | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.strip().splitlines()[-1]
    return json.loads(done.stdout)


def test_a_secret_is_read_from_its_file_without_the_lines_end(tmp_path):
    (tmp_path / "p").write_text(AWKWARD + "\n")
    assert value("P", env={"P_FILE": str(tmp_path / "p")}) == AWKWARD
    assert value("P", env={"P": "x"}) == "x"
    assert value("P", "other", env={}) == "other"


def test_a_secret_that_is_stated_twice_or_not_there_is_refused(tmp_path):
    with pytest.raises(Unset, match="both set"):
        value("P", env={"P": "x", "P_FILE": "y"})
    with pytest.raises(Unset, match=r"P_FILE: .*No such file"):
        value("P", env={"P_FILE": str(tmp_path / "none")})


def test_whose_postgresql_it_is():
    assert not names_a_database({})
    assert names_a_database({"DATABASE_HOST": "db"})
    assert names_a_database({"DATABASE_URL_FILE": "/run/secrets/url"})
    assert not has_owner({"DATABASE_OWNER_URL": ""})
    assert has_owner({"DATABASE_OWNER_PASSWORD_FILE": "/run/secrets/owner"})


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=40))
def test_any_password_reaches_postgresql_and_valkey_as_it_is(password):
    env = {"DATABASE_HOST": "db", "DATABASE_PASSWORD": password, "REDIS_PASSWORD": password}
    assert (database_parts("DATABASE", env=env) or {})["PASSWORD"] == password
    asked = redis.Redis.from_url(valkey_url(env=env)).connection_pool.connection_kwargs
    assert (asked["password"], asked["host"], asked["db"]) == (password, "127.0.0.1", 0)


def test_the_settings_take_parts_and_files(tmp_path):
    (tmp_path / "owner").write_text(AWKWARD)
    (tmp_path / "key").write_text("s" * 48 + "\n")
    got = settings_of(
        "DATABASES",
        "SECRET_KEY",
        "CELERY_BROKER_URL",
        SECRET_KEY="",
        SECRET_KEY_FILE=str(tmp_path / "key"),
        DATABASE_URL="",
        DATABASE_HOST="db.example",
        DATABASE_PASSWORD="p/#@",
        DATABASE_OWNER_PASSWORD_FILE=str(tmp_path / "owner"),
        REDIS_HOST="valkey",
        REDIS_PASSWORD="p/#@",
    )
    asked, owner = got["DATABASES"]["default"], got["DATABASES"]["owner"]
    assert (asked["HOST"], asked["USER"], asked["PASSWORD"]) == (
        "db.example",
        "throughline",
        "p/#@",
    )
    assert (owner["USER"], owner["PASSWORD"]) == ("throughline_owner", AWKWARD)
    assert got["SECRET_KEY"] == "s" * 48
    assert got["CELERY_BROKER_URL"] == "redis://:p%2F%23%40@valkey:6379/0"


def test_former_keys_are_parted_by_commas():
    got = settings_of("SECRET_KEY_FALLBACKS", SECRET_KEY_FALLBACKS=f"{'a' * 40}, {'b' * 40}")
    assert got["SECRET_KEY_FALLBACKS"] == ["a" * 40, "b" * 40]


def test_the_password_of_the_mail_server_may_be_any():
    got = settings_of(
        "EMAIL_HOST_PASSWORD",
        "EMAIL_BACKEND",
        "MAILS_ARE_FILES",
        PUBLIC_BASE_URL="https://orders.example.com",
        EMAIL_URL="smtp+tls://me@mail.example.com:587",
        EMAIL_PASSWORD=AWKWARD,
    )
    assert got["EMAIL_HOST_PASSWORD"] == AWKWARD
    assert got["EMAIL_BACKEND"] == "erp.messages.mail_server.MailServer"
    assert not got["MAILS_ARE_FILES"]


def test_mails_become_files_in_production_only_where_that_is_said(tmp_path):
    public = {"PUBLIC_BASE_URL": "https://orders.example.com"}
    with pytest.raises(AssertionError, match="EMAIL_URL is missing"):
        settings_of("EMAIL_BACKEND", **public)
    assert settings_of("MAILS_ARE_FILES", EMAIL_URL=f"filemail://{tmp_path}", **public) == {
        "MAILS_ARE_FILES": True
    }
    assert settings_of("MAILS_ARE_FILES") == {"MAILS_ARE_FILES": True}  # on this machine alone


def test_no_database_at_all_is_refused():
    with pytest.raises(AssertionError, match="Set DATABASE_URL, or DATABASE_HOST"):
        settings_of("DATABASES", DATABASE_URL="")
