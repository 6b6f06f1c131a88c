"""Gathers the admin pages of orders for Django; each is defined in its room."""

from orders.allocation.admin import (
    SubstituteAdmin,
)
from orders.customers.admin import (
    BlockedContactAdmin,
)
from orders.intake.following.admin import (
    SkuMappingAdmin,
)
from orders.payments.admin import (
    PaymentProviderAdmin,
)
from orders.policies.admin import (
    ChannelPolicyAdmin,
    CustomFieldAdmin,
    OrderTypeAdmin,
)
from orders.pricing.admin import (
    CustomerGroupAdmin,
    ExchangeRateAdmin,
    PriceAdmin,
    PriceFloorAdmin,
    PriceListAdmin,
    PromotionAdmin,
    TaxRateAdmin,
)
from orders.risk.admin import (
    RiskProviderAdmin,
)
from orders.routing.admin import (
    CapacityAdmin,
    CarrierOptionAdmin,
    LaneAdmin,
    ShippingServiceAdmin,
    SkuHomeAdmin,
    WarehouseDayAdmin,
)

__all__ = [
    "BlockedContactAdmin",
    "CapacityAdmin",
    "CarrierOptionAdmin",
    "ChannelPolicyAdmin",
    "CustomFieldAdmin",
    "CustomerGroupAdmin",
    "ExchangeRateAdmin",
    "LaneAdmin",
    "OrderTypeAdmin",
    "PaymentProviderAdmin",
    "PriceAdmin",
    "PriceFloorAdmin",
    "PriceListAdmin",
    "PromotionAdmin",
    "RiskProviderAdmin",
    "ShippingServiceAdmin",
    "SkuHomeAdmin",
    "SkuMappingAdmin",
    "SubstituteAdmin",
    "TaxRateAdmin",
    "WarehouseDayAdmin",
]
