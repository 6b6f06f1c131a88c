"""Makes a wholesaler in pounds with one warehouse, for the benches that replay a real year."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from erp.access.models import Actor, Channel
    from inventory.models import Sku, Warehouse


class Trade(NamedTuple):
    by: "Actor"
    channel: "Channel"
    warehouse: "Warehouse"
    skus: list["Sku"]  # by code


def open_trade(prices: Mapping[str, Decimal], **policy: object) -> Trade:
    """Open a channel that takes back-orders and decides nothing for people, with a price for every SKU.

    policy   what else its policy says
    """
    from erp.access.actions import ensure_ground
    from erp.access.models import Channel
    from erp.access.queries import job_actor
    from erp.once import perform
    from inventory.models import Sku
    from inventory.stock.actions.places import open_warehouse
    from orders.models import ChannelPolicy, Price, PriceList, ShippingService

    perform(ensure_ground)
    by = job_actor("scheduler")
    channel = Channel.objects.create(code="desk", name="Desk", kind="desk", currency="GBP")
    price_list = PriceList.objects.create(code="trade", name="Trade", currency="GBP")
    ChannelPolicy.objects.create(
        channel=channel, price_list=price_list, review="record", accepts_backorders=True, **policy
    )
    ShippingService.objects.create(
        code="standard", name="Standard", currency="GBP", fee=0, free_from=0
    )
    skus = Sku.objects.bulk_create(Sku(code=code, name=code) for code in sorted(prices))
    Price.objects.bulk_create(
        Price(price_list=price_list, sku=sku, amount=prices[sku.code]) for sku in skus
    )
    warehouse = perform(
        open_warehouse, by=by, code="uk", name="UK", country="GB", time_zone="Europe/London"
    )
    return Trade(by, channel, warehouse, skus)
