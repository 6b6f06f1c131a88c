"""Servers that pages of the ground floor talk to."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.identity_provider import Provider, standing


@pytest.fixture
def provider(settings: Any) -> Iterator[type[Provider]]:
    with standing(settings):
        yield Provider
