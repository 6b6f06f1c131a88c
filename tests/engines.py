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
        return
    from erp.embedded.engines import Engines

    engines = Engines(Path(tempfile.mkdtemp(prefix="tl-test-")), durable=False)
    engines.start()
    os.environ.update(engines.environment())
    os.environ["ERP_DATA_DIR"] = str(engines.directory)
    _engines.append(engines)


def pytest_unconfigure() -> None:
    """Stop what this process started."""
    while _engines:
        engines = _engines.pop()
        engines.stop()
        shutil.rmtree(engines.directory, ignore_errors=True)
