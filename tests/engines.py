"""A PostgreSQL and a Valkey for one run of the tests, there before Django reads its settings."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

_engines: list[Any] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Start them once; the other test processes find them in the environment."""
    if os.environ.get("DATABASE_URL"):
        _take_own_valkey()
        return
    from erp.embedded.engines import Engines

    engines = Engines(Path(tempfile.mkdtemp(prefix="tl-test-")), durable=False)
    engines.start()
    _allow_deletes(engines)
    os.environ.update(engines.environment())
    os.environ["ERP_DATA_DIR"] = str(engines.directory)
    _engines.append(engines)


def _allow_deletes(engines: Any) -> None:
    import psycopg2

    from erp.embedded.engines import OWNER_ROLE
    from tests.emptying import allow_deletes

    connection = psycopg2.connect(f"user=postgres host={engines.sockets} dbname=postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        allow_deletes(cursor, OWNER_ROLE)
    connection.close()


def _take_own_valkey() -> None:
    """Count in a Valkey database of this process's own, as it has one of PostgreSQL's.

    Attempts of one process's tests had shut the tracking page to a test of the other's.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if worker.isdecimal():
        os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("?db=0", f"?db={int(worker) + 1}")


def pytest_unconfigure() -> None:
    """Stop what this process started."""
    while _engines:
        engines = _engines.pop()
        engines.stop()
        shutil.rmtree(engines.directory, ignore_errors=True)
