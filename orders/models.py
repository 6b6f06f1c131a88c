"""Gathers the tables of orders for Django and the apps above; each is defined in its room."""

from orders.allocation.models import (
    ChoiceOffer,
    Substitute,
)
from orders.customers.models import (
    AccountEntry,
    BlockedContact,
    Customer,
    CustomerGroup,
    CustomerIdentity,
    CustomerMerge,
    IdentityProof,
    NameWord,
    PersonalDataLook,
    TaxExemption,
    TermsProposal,
)
from orders.intake.edi.models import (
    OutgoingDocument,
)
from orders.intake.files.models import (
    ImportedRow,
    OrderLayout,
)
from orders.intake.following.models import (
    ChannelOrder,
    SkuMapping,
)
from orders.intake.mail.models import (
    MailConnection,
    OrderDraft,
)
from orders.intake.messages.models import (
    Connection,
    IncomingMessage,
)
from orders.intake.shops.models import (
    ChannelNews,
    ControlTotal,
    ShopConnection,
)
from orders.invoicing.models import (
    Invoice,
    InvoiceCounter,
    InvoiceLine,
    InvoiceParty,
    InvoiceRequest,
)
from orders.order.models.adjustment import (
    Adjustment,
    PromotionUse,
)
from orders.order.models.claim import (
    OrderClaim,
)
from orders.order.models.move import (
    OrderChange,
    OrderMove,
)
from orders.order.models.order import (
    Hold,
    Order,
    OrderAddress,
    OrderLine,
    OrderLinePart,
    OrderSearch,
)
from orders.order.models.payment import (
    Payment,
    PaymentEvent,
)
from orders.order.models.timeline import Decision, OrderEvent
from orders.payments.models import (
    PaymentCall,
    PaymentIntent,
    PaymentProvider,
    ProviderEvent,
)
from orders.policies.models import (
    ChannelPolicy,
    CustomField,
    OrderType,
)
from orders.pricing.models.prices import (
    ExchangeRate,
    GroupPriceList,
    Price,
    PriceFloor,
    PriceList,
    TaxRate,
)
from orders.pricing.models.promotions import (
    Coupon,
    Promotion,
    PromotionGift,
    PromotionTier,
)
from orders.review.models import (
    ReviewRule,
    RuleBook,
    RuleRevision,
    SplitBy,
)
from orders.risk.models import (
    RiskCheck,
    RiskProvider,
)
from orders.routing.models.carriers import (
    CarrierOption,
    ShippingService,
)
from orders.routing.models.warehouses import (
    Capacity,
    Lane,
    RoutedOrder,
    SkuHome,
    WarehouseDay,
)

__all__ = [
    "AccountEntry",
    "Adjustment",
    "BlockedContact",
    "Capacity",
    "CarrierOption",
    "ChannelNews",
    "ChannelOrder",
    "ChannelPolicy",
    "ChoiceOffer",
    "Connection",
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
    "IdentityProof",
    "ImportedRow",
    "IncomingMessage",
    "Invoice",
    "InvoiceCounter",
    "InvoiceLine",
    "InvoiceParty",
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
    "TermsProposal",
    "WarehouseDay",
]
