"""A real server and a real Chromium for the browser tests; without one they say so."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in our thread
PATHS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    found = next((path for name in PATHS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine: the browser tests did not run")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def owner(shop: Any) -> Any:
    """Somebody who may do everything, with a password."""
    from erp.access.actions import add_person
    from tests.browser.visitor import PASSWORD

    return add_person(
        username="owner",
        name="Owner",
        email="o@example.com",
        role="owner",
        password=PASSWORD,
        by=shop.system,
    )
