"""What customers asked for: orders, their lines, money, holds, and what happened to them."""

from orders.models.amounts import AMOUNT
from orders.models.carriers import CarrierOption
from orders.models.channels import (
    ChannelNews,
    ChannelOrder,
    ControlTotal,
    ImportedRow,
    IncomingMessage,
    MailConnection,
    OrderDraft,
    OutgoingDocument,
    ShopConnection,
    SkuMapping,
)
from orders.models.choices import ChoiceOffer, Substitute
from orders.models.claims import OrderClaim
from orders.models.custom import CustomField
from orders.models.customers import (
    BlockedContact,
    Customer,
    CustomerIdentity,
    CustomerMerge,
    NameWord,
    PersonalDataLook,
)
from orders.models.invoices import Invoice, InvoiceCounter, InvoiceLine
from orders.models.invoicing import InvoiceRequest
from orders.models.layouts import OrderLayout
from orders.models.money import AccountEntry, Payment, PaymentEvent
from orders.models.moving import OrderChange, OrderMove
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
from orders.models.promotions import (
    Adjustment,
    Coupon,
    Promotion,
    PromotionGift,
    PromotionTier,
    PromotionUse,
)
from orders.models.providers import PaymentCall, PaymentIntent, PaymentProvider, ProviderEvent
from orders.models.risk import RiskCheck, RiskProvider
from orders.models.routing import Capacity, Lane, RoutedOrder, SkuHome, WarehouseDay
from orders.models.rules import ReviewRule, RuleBook, RuleRevision, SplitBy
from orders.models.terms import CustomerGroup, GroupPriceList, PriceFloor, TaxExemption
from orders.models.trading import (
    ChannelPolicy,
    ExchangeRate,
    OrderType,
    Price,
    PriceList,
    ShippingService,
    TaxRate,
)

__all__ = [
    "AMOUNT",
    "AccountEntry",
    "Adjustment",
    "BlockedContact",
    "Capacity",
    "CarrierOption",
    "ChannelNews",
    "ChannelOrder",
    "ChannelPolicy",
    "ChoiceOffer",
    "ControlTotal",
    "Coupon",
    "CustomField",
    "Customer",
    "CustomerGroup",
    "CustomerIdentity",
    "CustomerMerge",
    "Decision",
    "ExchangeRate",
    "GroupPriceList",
    "Hold",
    "ImportedRow",
    "IncomingMessage",
    "Invoice",
    "InvoiceCounter",
    "InvoiceLine",
    "InvoiceRequest",
    "Lane",
    "MailConnection",
    "NameWord",
    "Order",
    "OrderAddress",
    "OrderChange",
    "OrderClaim",
    "OrderDraft",
    "OrderEvent",
    "OrderLayout",
    "OrderLine",
    "OrderLinePart",
    "OrderMove",
    "OrderSearch",
    "OrderType",
    "OutgoingDocument",
    "Payment",
    "PaymentCall",
    "PaymentEvent",
    "PaymentIntent",
    "PaymentProvider",
    "PersonalDataLook",
    "Price",
    "PriceFloor",
    "PriceList",
    "Promotion",
    "PromotionGift",
    "PromotionTier",
    "PromotionUse",
    "ProviderEvent",
    "ReviewRule",
    "RiskCheck",
    "RiskProvider",
    "RoutedOrder",
    "RuleBook",
    "RuleRevision",
    "ShippingService",
    "ShopConnection",
    "SkuHome",
    "SkuMapping",
    "SplitBy",
    "Substitute",
    "TaxExemption",
    "TaxRate",
    "WarehouseDay",
]
