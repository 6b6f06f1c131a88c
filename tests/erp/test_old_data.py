"""Data of the time before the first release is refused with one line, and left as it was."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from erp.embedded.engines import GENERATION, Engines
from erp.management.commands.migrate import refuse_unknown_past
from tests.conftest import owner_cursor

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder():
    """A data folder with a cluster in it, as far as anybody looks before starting it."""
    made = Path(tempfile.mkdtemp(prefix="tl-old-"))
    made.chmod(0o755)
    engines = Engines(made)
    engines.pgdata.mkdir(parents=True)
    (engines.pgdata / "PG_VERSION").write_text("17\n")
    yield made
    shutil.rmtree(made, ignore_errors=True)


def run(folder: Path, *command: str) -> subprocess.CompletedProcess:
    env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "DATABASE_OWNER_URL"}}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=env | {"ERP_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("command", [("up", "--port", "8997"), ("audit",)])
@pytest.mark.parametrize("generation", ["", "2"])
def test_a_folder_of_another_generation_is_left_as_it_was(folder, command, generation):
    if generation:
        (folder / "generation").write_text(generation)
    before = files(folder)
    ended = run(folder, *command)

    said = (ended.stdout + ended.stderr).strip()
    assert ended.returncode == 1
    assert len(said.splitlines()) == 1, said
    assert "--data DIR" in said
    assert "Traceback" not in said
    assert files(folder) == before


def test_a_folder_of_today_is_not_refused(folder):
    (folder / "generation").write_text(GENERATION)
    Engines(folder).refuse_old_data()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_database_with_other_migrations_is_refused_and_left_as_it_was():
    with owner_cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('orders', '0038_deposits', now()) RETURNING id"
        )
        (made,) = cursor.fetchone()
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'orders' AND name = '0013_leases'"
        )
    try:
        with pytest.raises(CommandError, match=r"orders\.0038_deposits.*Nothing in it was changed"):
            call_command("migrate", verbosity=0, interactive=False)
    finally:
        with owner_cursor() as cursor:
            cursor.execute(
                "UPDATE django_migrations SET name = '0013_leases' WHERE id = %s", [made]
            )
    refuse_unknown_past("default")
