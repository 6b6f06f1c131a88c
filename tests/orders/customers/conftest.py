"""The customer with terms whom strangers name."""

from decimal import Decimal

import pytest
from django.utils import timezone

from erp.once import perform
from orders.customers.actions.terms import exempt_customer
from orders.models import (
    ChannelPolicy,
    Customer,
    CustomerGroup,
    GroupPriceList,
    Order,
    Price,
    PriceList,
)
from tests.orders.customers.strangers import ACME, THERE, tea
from tests.relay import relay_all


@pytest.fixture
def victim(api, shop, system):
    """A customer with every kind of terms, and an order of theirs that was told to them."""
    ChannelPolicy.objects.update(duplicate_minutes=0, merge_minutes=60)
    number = api.post("orders", tea(ACME, shipping_address=THERE)).json()["number"]
    customer = Customer.objects.get()
    group = CustomerGroup.objects.create(code="trade", name="Trade")
    prices = PriceList.objects.create(code="trade", name="Trade", currency="CNY")
    GroupPriceList.objects.create(group=group, price_list=prices)
    Price.objects.create(price_list=prices, sku=shop.tea, min_quantity=1, amount=Decimal("30.00"))
    customer.group, customer.credit_limit = group, Decimal(1000)
    customer.save()
    perform(
        exempt_customer,
        customer_id=customer.pk,
        country="CN",
        tax_id="91310000775785552L",
        by=system,
        now=timezone.now(),
    )
    relay_all()
    customer.order = Order.objects.get(number=number)
    return customer
