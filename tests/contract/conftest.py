import pytest

from tests.contract.world import World


@pytest.fixture
def world(api, shop) -> World:
    return World(api)
