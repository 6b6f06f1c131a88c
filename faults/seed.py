"""Makes the business that the faults befall: goods in two warehouses, prices, keys, and who is told of what."""

from typing import NamedTuple

SCARCE = tuple(f"HOT{n}" for n in range(2))  # sold out again and again, and received again
PLENTY = tuple(f"S{n:02d}" for n in range(16))
SKUS = (*SCARCE, *PLENTY)
TOPICS = ("order.confirmed", "order.cancelled", "shipment.shipped")

SEED = """
from django.utils import timezone
from erp.access.actions import create_api_key, ensure_ground
from erp.access.models import Channel
from erp.access.queries import job_actor
from erp.once import perform
from inventory.models import Sku
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.places import open_warehouse
from inventory.stock.actions.receive import receive_stock
from orders.models import ChannelPolicy, Price, PriceList, ShippingService, TaxRate
perform(ensure_ground)
by, now = job_actor("scheduler"), timezone.now()
web = Channel.objects.create(code="web", name="Web", kind="storefront", currency="CNY")
prices = PriceList.objects.create(code="retail", name="Retail", currency="CNY")
ChannelPolicy.objects.create(channel=web, price_list=prices, review="record", duplicate_minutes=0)
TaxRate.objects.create(country="CN", rate="0.13")
ShippingService.objects.create(
    code="standard", name="Standard", currency="CNY", fee=12, free_from=199)
SCARCE, PLENTY = {scarce!r}, {plenty!r}
skus = Sku.objects.bulk_create(Sku(code=c, name=f"SKU {{c}}", weight_g=300) for c in SCARCE + PLENTY)
Price.objects.bulk_create(Price(price_list=prices, sku=sku, amount="19.90") for sku in skus)
for code in ("A", "B"):
    warehouse = perform(
        open_warehouse, by=by, code=code, name=code, country="CN", priority=ord(code))
    changes = [Change(s.pk, 10 if s.code in SCARCE else 1_000_000) for s in skus]
    perform(receive_stock, warehouse_id=warehouse.pk, changes=changes, reference="seed",
            by=by, now=now)
for name in ("shop", "approver"):
    print(perform(create_api_key, channel_id=web.pk, name=name, purpose="owner", by=by, now=now))
"""


class Keys(NamedTuple):
    """The keys that clients call with: nobody approves what their own key proposed."""

    shop: str
    approver: str


def seed_script() -> str:
    """The Python that makes it, run in the product; it prints the keys in their order."""
    return SEED.format(scarce=SCARCE, plenty=PLENTY)
