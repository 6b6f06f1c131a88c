"""Declares the personal data of orders: what is kept of customers, and what an erasure does to it."""

from django.utils.translation import gettext_lazy as _

from erp.privacy.declarations import Fate, Of, Table

_SCRUBBED = "erp_without_words({0}, %(lowered)s)"
_CODES_ONLY = "CASE WHEN t.reason ~ '^[a-z0-9_:.-]*$' THEN t.reason ELSE '' END"
_OF_ORDER = "t.order_id = ANY(%(orders)s)"
_OF_CUSTOMER = "t.customer_id = ANY(%(customers)s)"

TABLES = (
    Table(
        "orders.OrderDraft",
        _("orders that somebody wrote by mail, as they were understood"),
        personal="sender subject text reading",
        whose=f"{_OF_ORDER} OR (t.order_id IS NULL"
        " AND (lower(t.sender) LIKE ANY(%(like)s) OR t.text ILIKE ANY(%(like)s)))",
        sets={"status": "CASE WHEN t.status = 'open' THEN 'dismissed' ELSE t.status END"},
    ),
    Table(
        "orders.IncomingMessage",
        _("what shops, partners and mailboxes sent, as it came"),
        personal="body params origin",
        plain="source topic delivery cause external_id",
        whose=f"{_OF_ORDER} OR t.id IN (SELECT a.incomingmessage_id FROM orders_incomingmessage_also a"
        " WHERE a.order_id = ANY(%(orders)s))"
        " OR (t.order_id IS NULL AND erp_says(t.body, %(contacts)s))",
        sets={
            "status": "'processed'",
            "cause": "'erased'",
            "origin": "CASE WHEN t.origin ILIKE ANY(%(like)s) THEN '' ELSE t.origin END",
        },
    ),
    Table(
        "orders.ChannelOrder",
        _("what a shop says of its order, so that it is followed"),
        personal="said raised",
        plain="external_id aliases number said_hash message_digest captures refunds passed_on cancelled changes",
        whose=f"{_OF_ORDER} OR (t.order_id IS NULL AND t.said::text ILIKE ANY(%(like)s))",
        sets={"said": _SCRUBBED.format("t.said"), "raised": _SCRUBBED.format("t.raised")},
    ),
    Table(
        "orders.ChannelNews",
        _("what shops are told of their orders"),
        personal="said error",
        plain="kind key",
        whose=_OF_ORDER,
        sets={"said": _SCRUBBED.format("t.said")},
    ),
    Table(
        "orders.OutgoingDocument",
        _("acknowledgements that trading partners were sent"),
        personal="body error",
        plain="kind notation key",
        whose=f"{_OF_ORDER} AND (t.body IS NOT NULL OR t.error <> '')",
        sets={"body": "CASE WHEN t.body IS NULL THEN t.body ELSE '' END", "error": "''"},
    ),
    Table(
        "orders.InvoiceRequest",
        _("in whose name an invoice was asked for"),
        personal="title tax_id email registered_address registered_phone bank bank_account",
        plain="invoice_number",
        whose=_OF_ORDER,
        fate=Fate.DELETE,
    ),
    Table(
        "orders.InvoiceParty",
        _("who an invoice was made out to, as long as the law has invoices kept"),
        personal="billing request",
        whose=_OF_ORDER,
        fate=Fate.KEEP,
    ),
    Table(
        "orders.Order",
        _("what was bought, for how much; notes on it"),
        personal="note remark print_remark tags metadata",
        plain="number external_id type request_hash currency language payment_method shipping_service carrier"
        " book_currency country",
        whose="t.id = ANY(%(orders)s)",
        sets={
            "tags": "ARRAY(SELECT x FROM unnest(t.tags) x WHERE NOT lower(x) LIKE ANY(%(like)s))",
            "metadata": "'{}'",
        },
        unexported="request_hash",
    ),
    Table(
        "orders.OrderLine",
        _("what was bought"),
        personal="",
        plain="sku_code key listing name",
        whose=_OF_ORDER,
        fate=Fate.KEEP,
    ),
    Table(
        "orders.Invoice",
        _("invoices and credit notes"),
        personal="",
        plain="number refund currency",
        whose=_OF_ORDER,
        fate=Fate.KEEP,
    ),
    Table(
        "orders.InvoiceLine",
        _("what was invoiced"),
        personal="",
        plain="what sku_code name",
        whose="t.invoice_id IN (SELECT id FROM orders_invoice WHERE order_id = ANY(%(orders)s))",
        fate=Fate.KEEP,
    ),
    Table(
        "orders.OrderSearch",
        _("what an order is found by"),
        personal="words",
        whose=_OF_ORDER,
        sets={
            "words": "(SELECT array_to_tsvector(ARRAY[lower(o.number), lower(o.external_id)])"
            " FROM orders_order o WHERE o.id = t.order_id)"
        },
        unexported="words",
    ),
    Table(
        "orders.Hold",
        _("why an order waited"),
        personal="reason params",
        whose=_OF_ORDER,
        sets={"reason": _CODES_ONLY, "params": _SCRUBBED.format("t.params")},
    ),
    Table(
        "orders.OrderMove",
        _("what a merged or divided order gave to another"),
        personal="moved reason",
        plain="versions",
        whose="t.source_id = ANY(%(orders)s) OR t.target_id = ANY(%(orders)s)",
        sets={"moved": _SCRUBBED.format("t.moved")},
    ),
    Table(
        "orders.ChoiceOffer",
        _("what a customer decided about goods that were short"),
        personal="answer",
        whose=_OF_ORDER,
        sets={"answer": _SCRUBBED.format("t.answer")},
    ),
    Table(
        "orders.RiskCheck",
        _("how likely an order was found to be a fraud"),
        personal="reasons error",
        plain="source reference recommendation",
        whose=_OF_ORDER,
        sets={"reasons": _SCRUBBED.format("t.reasons")},
    ),
    Table(
        "orders.Payment",
        _("money that was paid; its reference is the provider's number"),
        personal="reference",
        plain="method currency",
        whose=_OF_ORDER,
        sets={
            "reference": "CASE WHEN lower(t.reference) LIKE ANY(%(like)s) THEN '' ELSE t.reference END"
        },
    ),
    Table(
        "orders.PaymentEvent",
        _("ledger of payments"),
        personal="reference",
        plain="kind",
        whose="t.payment_id IN (SELECT id FROM orders_payment WHERE order_id = ANY(%(orders)s))",
        fate=Fate.SCRUB,
    ),
    Table(
        "orders.PaymentIntent",
        _("what a payment provider was asked to take"),
        personal="client_secret",
        plain="currency external_id",
        whose=_OF_ORDER,
        unexported="client_secret",
    ),
    Table(
        "orders.ProviderEvent",
        _("what payment providers said, as it came"),
        personal="body",
        plain="external_id kind",
        whose="t.intent_id IN (SELECT id FROM orders_paymentintent WHERE order_id = ANY(%(orders)s))",
        fate=Fate.SCRUB,
    ),
    Table(
        "orders.OrderEvent",
        _("an order's timeline"),
        personal="data",
        plain="kind",
        whose=_OF_ORDER,
        fate=Fate.SCRUB,
    ),
    Table(
        "orders.Decision",
        _("what was decided by itself about an order, and why"),
        personal="inputs candidates outcome reasons counterfactual",
        plain="kind engine",
        whose=_OF_ORDER,
        fate=Fate.SCRUB,
    ),
    Table(
        "orders.OrderChange",
        _("how an order was changed"),
        personal="before after reason",
        whose=_OF_ORDER,
        fate=Fate.SCRUB,
    ),
    Table(
        "orders.PersonalDataLook",
        _("who looked at a person's contacts, and why"),
        personal="why",
        plain="subject",
        whose="t.subject = ANY(%(refs)s)",
        fate=Fate.SCRUB,
    ),
    Table(
        "orders.AccountEntry",
        _("amounts on a customer's account outside any order"),
        personal="description",
        plain="external_id sku_code currency country",
        whose=_OF_CUSTOMER,
        sets={
            "description": "CASE WHEN lower(t.description) LIKE ANY(%(like)s) THEN '' ELSE t.description END"
        },
    ),
    Table(
        "orders.TaxExemption",
        _("why a customer's orders bear no tax"),
        personal="tax_id",
        plain="country",
        whose=_OF_CUSTOMER,
        fate=Fate.DELETE,
    ),
    Table(
        "orders.BlockedContact",
        _("contacts whose orders are held, against fraud: until somebody unblocks them"),
        personal="value reason",
        whose="t.value = ANY(%(emails)s) OR t.value = ANY(%(phones)s)",
        fate=Fate.KEEP,
    ),
    Table(
        "orders.NameWord",
        _("words of names in Latin letters, so that search corrects typing errors"),
        personal="word",
        whose="t.word = ANY(%(name_words)s) AND NOT EXISTS (SELECT FROM orders_customer c"
        " WHERE c.id <> ALL(%(customers)s) AND c.name ILIKE '%%' || t.word || '%%')",
        fate=Fate.DELETE,
    ),
    Table(
        "orders.OrderAddress",
        _("where an order goes, and who is billed"),
        personal="name line1 line2 city region postal_code postal_code_typed phone email",
        plain="kind country",
        whose=_OF_ORDER,
        fate=Fate.DELETE,
    ),
    Table(
        "orders.TermsProposal",
        _("terms of a customer that waited for a second person"),
        personal="tax_id",
        plain="country",
        whose=_OF_CUSTOMER,
    ),
    Table(
        "orders.IdentityProof",
        _("how it was proven that a contact is a customer's"),
        personal="why",
        whose="t.identity_id IN (SELECT i.id FROM orders_customeridentity i"
        " WHERE i.customer_id = ANY(%(customers)s))",
        fate=Fate.DELETE,  # before what it points at
    ),
    Table(
        "orders.CustomerIdentity",
        _("what a customer is recognised by"),
        personal="value",
        whose=_OF_CUSTOMER,
        fate=Fate.DELETE,
    ),
    Table(
        "orders.Customer",
        _("somebody who buys"),
        personal="name note words",
        plain="language",
        whose="t.id = ANY(%(customers)s)",
        sets={"erased_at": "coalesce(t.erased_at, %(now)s)", "words": "NULL"},
        unexported="words",
    ),
    Table(
        "orders.MailConnection",
        _("the mailboxes that orders come by"),
        personal="user",
        plain="error host password folder",
        fate=Fate.KEEP,
        of=Of.STAFF,
    ),
)

# Models that hold nothing personal, each with its columns of text.
NOBODYS = """
orders.Substitute
orders.CustomerMerge moved
orders.CustomerGroup code name
orders.OrderLayout name columns options headings
orders.ImportedRow key
orders.SkuMapping code
orders.ShopConnection error url key secret
orders.InvoiceCounter kind
orders.Promotion translations code name currency stack_group
orders.Coupon code
orders.Adjustment coupon
orders.PaymentProvider url account secret webhook_secret
orders.PaymentCall kind key error
orders.PriceList code name currency
orders.TaxRate country region tax_class
orders.ExchangeRate currency source
orders.PriceFloor currency
orders.CustomField translations code name choices
orders.OrderType translations code name
orders.ChannelPolicy order_type
orders.ReviewRule code name
orders.RuleRevision condition tags service warehouse gift carrier notify
orders.RuleBook revisions
orders.RiskProvider url account secret
orders.CarrierOption carrier name country region services warehouses
orders.ShippingService translations code name carrier currency
orders.Lane country region
orders.WarehouseDay note
"""
