"""What customers asked for: orders, their lines, money, holds, and what happened to them."""

from orders.models.amounts import AMOUNT
from orders.models.channels import (
    ChannelNews,
    ChannelOrder,
    ControlTotal,
    ImportedRow,
    IncomingMessage,
    MailConnection,
    OrderDraft,
    ShopConnection,
    SkuMapping,
)
from orders.models.customers import (
    BlockedContact,
    Customer,
    CustomerIdentity,
    CustomerMerge,
    NameWord,
)
from orders.models.layouts import OrderLayout
from orders.models.money import AccountEntry, Payment, PaymentEvent
from orders.models.orders import (
    Decision,
    Hold,
    Order,
    OrderAddress,
    OrderEvent,
    OrderLine,
    OrderLinePart,
    OrderSearch,
)
from orders.models.trading import ChannelPolicy, Price, PriceList, ShippingService, TaxRate

__all__ = [
    "AMOUNT",
    "AccountEntry",
    "BlockedContact",
    "ChannelNews",
    "ChannelOrder",
    "ChannelPolicy",
    "ControlTotal",
    "Customer",
    "CustomerIdentity",
    "CustomerMerge",
    "Decision",
    "Hold",
    "ImportedRow",
    "IncomingMessage",
    "MailConnection",
    "NameWord",
    "Order",
    "OrderAddress",
    "OrderDraft",
    "OrderEvent",
    "OrderLayout",
    "OrderLine",
    "OrderLinePart",
    "OrderSearch",
    "Payment",
    "PaymentEvent",
    "Price",
    "PriceList",
    "ShippingService",
    "ShopConnection",
    "SkuMapping",
    "TaxRate",
]
