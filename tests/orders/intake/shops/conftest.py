"""A Shopify shop that tells of one order, a minute later each time."""

import pytest

from tests.orders.shops import open_channel, paid, post, read_all
from tests.relay import relay_all


@pytest.fixture
def shopify(shop, system):
    return open_channel("shopify", shop, system)


@pytest.fixture
def tell(shopify):
    minutes = iter(range(1, 60))

    def send(topic="orders/updated", **changes):
        at = f"2026-03-01T12:{next(minutes):02}:00-05:00"
        post(shopify, topic, paid(updated_at=at, **changes))
        read_all()
        relay_all()

    return send
