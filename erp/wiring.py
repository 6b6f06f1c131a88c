"""Names everything that crosses stages, on one page; dotted names are imported on first use.

SUBSCRIPTIONS   topic -> functions called with (event), or with (events) where they act in sets, in a transaction
LAWS            modules whose LAWS the audit runs
WATCHES         what staff are told of, looked for every five minutes
PANELS          frame -> panels that upper apps show on a page of a lower app
QUEUES          counters on the home page, in the order work flows
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.shapes import Words

SUBSCRIPTIONS: Mapping[str, Sequence[str]] = {
    "order.confirmed": (
        "fulfillment.planning.tasks.plan_confirmed_order",
        "orders.order.messages.tell_confirmed",
    ),
    "order.released": (
        "fulfillment.planning.tasks.plan_confirmed_order",
        "orders.routing.tasks.promise_again",
    ),
    "order.cancelled": (
        "fulfillment.planning.tasks.cancel_planned",
        "returns.refunds.tasks.propose_refund_of_cancelled",
        "orders.intake.inbox.tasks.tell_of_cancel",
        "orders.payments.tasks.void_payments",
        "orders.invoicing.tasks.follow_invoices",
    ),
    "order.allocated": (
        "fulfillment.planning.tasks.plan_allocated",
        "orders.review.tasks.judge_again",
        "orders.routing.tasks.promise_again",
    ),
    "order.marked": ("orders.review.tasks.judge_again", "orders.intake.shops.tasks.tell_marks"),
    "order.ruled": ("orders.changes.tasks.carry_out",),
    "notice.told": ("erp.notices.actions.mail_notice",),
    "order.edited": (
        "orders.review.tasks.judge_again",
        "orders.routing.tasks.promise_again",
        "returns.refunds.tasks.settle_refunds_of_channel",
        "orders.invoicing.tasks.follow_invoices",
        "orders.payments.tasks.void_leftovers",
    ),
    "promise.revised": ("orders.order.messages.tell_later",),
    "payment.captured": (
        "orders.review.tasks.judge_again",
        "returns.refunds.tasks.propose_refund_of_late",
        "orders.payments.tasks.void_leftovers",
    ),
    "payment.authorised": ("orders.review.tasks.judge_again",),
    "payment.refunded": ("returns.refunds.tasks.complete_refunded",),
    "refund.approved": ("returns.refunds.tasks.ask_provider",),
    "order.refunded_on_channel": ("returns.refunds.tasks.note_channel_refund",),
    "customer.merged": ("returns.rma.tasks.follow_customers",),
    "customer.unmerged": ("returns.rma.tasks.follow_customers",),
    "order.overpaid": ("returns.refunds.tasks.propose_refund_of_overpaid",),
    "order.choice_offered": ("orders.allocation.messages.tell_choice",),
    "order.unpaid": ("orders.order.messages.tell_unpaid",),
    "order.short": ("fulfillment.planning.tasks.cut_short", "orders.review.tasks.judge_again"),
    "stock.arrived": ("orders.allocation.tasks.goods_came",),
    "stock.posted": ("inventory.replenishment.tasks.judge_again",),
    "stock.short": ("orders.allocation.tasks.goods_missing",),
    "purchase.closed": ("inventory.replenishment.tasks.judge_again",),
    "purchase.sent": ("inventory.purchasing.messages.tell_supplier",),
    "purchase.delayed": ("orders.allocation.tasks.goods_late",),
    "shipment.shipped": (
        "fulfillment.tracking.messages.tell_shipped",
        "fulfillment.shipping.tasks.tell_channel",
        "orders.payments.tasks.capture_shipped",
        "orders.invoicing.tasks.follow_invoices",
    ),
    "shipment.out_for_delivery": ("fulfillment.tracking.messages.tell_out_for_delivery",),
    "shipment.ready_for_pickup": ("fulfillment.tracking.messages.tell_ready_for_pickup",),
    "shipment.delivery_failed": ("fulfillment.tracking.messages.tell_delivery_failed",),
    "shipment.return_to_sender": ("fulfillment.tracking.messages.tell_return_to_sender",),
    "shipment.delivered": ("fulfillment.tracking.messages.tell_delivered",),
    "invoice.issued": ("returns.refunds.tasks.credit_refund",),
    "refund.completed": (
        "returns.refunds.messages.tell_refunded",
        "returns.refunds.tasks.credit_refund",
    ),
}

# Modules that read foreign bytes: loaded once by the sandbox, which reads each file in a process of its own.
SANDBOXED: Sequence[str] = (
    "erp.file_rows",
    "erp.foreign_xml",
    "erp.pictures",
    "orders.intake.edi.interchanges",
    "orders.intake.mail.mail",
)

# What is kept of people, where and how long: each app's declarations (erp/privacy/declarations.py), lowest first.
PERSONAL_DATA: Sequence[str] = (
    "erp.privacy.house",
    "inventory.personal_data",
    "orders.erasure",
    "orders.personal_data",
    "orders.retention",
    "fulfillment.personal_data",
    "returns.personal_data",
)

LAWS: Sequence[str] = (
    "erp.audit.laws",
    "erp.approvals.laws",
    "inventory.laws",
    "orders.laws",
    "fulfillment.laws",
    "returns.refunds.laws",
)

PANELS: Mapping[str, Sequence[str]] = {
    "order": (
        "orders.allocation.views.shortage",
        "orders.changes.merge_views.company",
        "orders.intake.inbox.views.heard_of_order",
        "fulfillment.desk.panels.shipments_of_order",
        "returns.desk.panels.returns_of_order",
    ),
    "purchase": ("orders.allocation.panels.risks_of_purchase",),
    "sku": ("orders.allocation.panels.promises_of_sku",),
}

# What verbs are done to, by the name of the noun; and the verbs of each, in the order that pages offer them.
NOUNS: Mapping[str, str] = {
    "order": "orders.order.verbs.NOUN",
    "order_line": "orders.intake.following.verbs.LINE",
    "payment": "orders.payments.verbs.PAYMENT",
    "customer": "orders.order.customer_verbs.CUSTOMER",
    "tax_exemption": "orders.order.customer_verbs.EXEMPTION",
    "customer_merge": "orders.order.customer_verbs.MERGED",
    "customer_identity": "orders.order.identity_verbs.IDENTITY",
    "terms_proposal": "orders.order.customer_verbs.PROPOSAL",
    "draft": "orders.intake.mail.verbs.NOUN",
    "stock_document": "inventory.approvals.verbs.NOUN",
    "count": "inventory.counting.verbs.NOUN",
    "transfer": "inventory.transfers.verbs.NOUN",
    "purchase_order": "inventory.purchasing.verbs.NOUN",
    "return": "returns.rma.verbs.NOUN",
    "refund": "returns.refunds.verbs.NOUN",
}
VERBS: Mapping[str, Sequence[str]] = {
    "order": (
        "orders.payments.verbs.VERBS",
        "orders.order.verbs.VERBS",
        "orders.order.identity_verbs.ORDER_VERBS",
        "orders.changes.verbs.VERBS",
        "orders.routing.verbs.VERBS",
        "orders.allocation.verbs.VERBS",
        "orders.invoicing.verbs.VERBS",
        "orders.risk.verbs.VERBS",
    ),
    "order_line": ("orders.intake.following.verbs.VERBS",),
    "payment": ("orders.payments.verbs.PAYMENT_VERBS",),
    "customer": ("orders.order.customer_verbs.VERBS",),
    "tax_exemption": ("orders.order.customer_verbs.EXEMPTION_VERBS",),
    "customer_merge": ("orders.order.customer_verbs.MERGE_VERBS",),
    "customer_identity": ("orders.order.identity_verbs.VERBS",),
    "terms_proposal": ("orders.order.customer_verbs.TERMS_VERBS",),
    "draft": ("orders.intake.mail.verbs.VERBS",),
    "stock_document": ("inventory.approvals.verbs.VERBS",),
    "count": ("inventory.counting.verbs.VERBS",),
    "transfer": ("inventory.transfers.verbs.VERBS",),
    "purchase_order": ("inventory.purchasing.verbs.VERBS",),
    "return": ("returns.rma.verbs.VERBS",),
    "refund": ("returns.refunds.verbs.VERBS",),
}

# Steps that upper apps add to the timeline on a page of a lower app.
TIMELINES: Mapping[str, Sequence[str]] = {"order": ("fulfillment.desk.panels.scans_of_order",)}

QUEUES: Sequence[str] = (
    "orders.desk.panels.QUEUES",
    "inventory.desk.panels.QUEUES",
    "fulfillment.desk.panels.QUEUES",
    "returns.desk.panels.QUEUES",
)

# Exact look-ups of the search box: (text, actor) -> address to jump to, or "".
SEARCHES: Sequence[str] = (
    "orders.desk.panels.find",
    "fulfillment.desk.panels.find",
    "returns.desk.panels.find",
    "inventory.desk.panels.find",
)

# Things that the command palette offers: (text, actor) -> [(name, note, address, key)], few and fast.
FINDERS: Sequence[str] = (
    "orders.desk.panels.suggest",
    "inventory.desk.panels.suggest",
    "fulfillment.desk.panels.suggest",
)

# Every list, by the name that its saved views, bulk actions and exports go by.
LISTS: Mapping[str, str] = {
    "orders": "orders.desk.lists.orders.ORDERS",
    "review": "orders.desk.lists.review.REVIEW",
    "incoming": "orders.intake.inbox.lists.MESSAGES",
    "channel-news": "orders.intake.inbox.lists.NEWS",
    "drafts": "orders.intake.mail.views.DRAFTS",
    "customers": "orders.desk.lists.customers.CUSTOMERS",
    "looks": "orders.desk.lists.customers.REVEALS",
    "stock": "inventory.desk.lists.SKUS",
    "stock-documents": "inventory.stock.lists.DOCUMENTS",
    "counts": "inventory.counting.lists.COUNTS",
    "transfers": "inventory.transfers.lists.TRANSFERS",
    "bins": "inventory.stock.lists.BINS",
    "lots": "inventory.stock.lists.LOTS",
    "listings": "inventory.channels.lists.LISTINGS",
    "purchases": "inventory.purchasing.lists.PURCHASES",
    "suppliers": "inventory.purchasing.lists.SUPPLIERS",
    "work": "fulfillment.desk.lists.WORK",
    "shipments": "fulfillment.desk.lists.SHIPMENTS",
    "returns": "returns.rma.lists.RETURNS",
    "refunds": "returns.refunds.lists.REFUNDS",
    "jobs": "erp.web.job_views.JOBS",
    "audit-log": "erp.web.settings.lists.HISTORY",
    "deliveries": "erp.web.settings.lists.DELIVERIES",
    "security-events": "erp.web.settings.security_lists.SECURITY",
}

# Long work that workers do in slices, by the kind of its job:
# (job, actor, until, in the clock of time.monotonic) -> whether something is left.
JOBS: Mapping[str, str] = {
    "bulk": "erp.jobs.runner.bulk",
    "export": "erp.jobs.runner.export",
    "import": "returns.history.jobs.work",
    "orders": "orders.intake.files.jobs.work",
    "rehearsal": "orders.rehearsal.jobs.work",
    "review": "orders.rehearsal.apply.work",
    "sheet": "erp.jobs.sheets.work",
    "personal_export": "erp.privacy.jobs.export_person",
    "erasure": "erp.privacy.jobs.erase_person",
}

# Who somebody is as a reader of what says who customers are: function of an actor, and what writes down that
# somebody was shown it: an action that takes (subject, why, right, by, now).
READER = "orders.customers.readers.reader_of"
LOG_REVEAL = "orders.customers.actions.reveals.log_reveal"

# Jobs whose rows say who customers are.
PERSONAL_JOBS: Sequence[str] = ("orders", "order_file", "import", "import_orders")

# What jobs report of rows in codes, in words: kind of job -> function of (code, params).
FINDINGS: Mapping[str, str] = {
    "orders": "orders.intake.messages.wording.defect_text",
    "import": "orders.intake.messages.wording.defect_text",
    "import_orders": "orders.intake.messages.wording.defect_text",
}

# Master data that goes in and out as files, in the order it is best taken in.
SHEETS: Sequence[str] = ("inventory.desk.sheets.SHEETS", "orders.pricing.sheets.SHEETS")

# What staff are told by themselves: functions of now that give `erp.notices.kinds.Found`, each once by its key.
WATCHES: Sequence[str] = (
    "erp.web.alerts.watch",
    "inventory.desk.alerts.watch",
    "orders.desk.alerts.watch",
    "returns.refunds.alerts.watch",
)

# What customers are told: template -> (name, function that gives a newest example's context, or None).
TEMPLATES: Mapping[str, tuple[Words, str]] = {
    "confirmed": (_("Order confirmed"), "orders.order.messages.example"),
    "unpaid": (_("Payment reminder"), "orders.order.messages.example"),
    "choice": (_("Question about short goods"), "orders.allocation.messages.choice_example"),
    "later": (_("Delivered later than promised"), "orders.order.messages.example"),
    "shipped": (_("Shipped"), "fulfillment.tracking.messages.example"),
    "out_for_delivery": (_("Out for delivery"), "fulfillment.tracking.messages.example"),
    "ready_for_pickup": (_("Ready for pick-up"), "fulfillment.tracking.messages.example"),
    "delivery_failed": (_("Delivery failed"), "fulfillment.tracking.messages.example"),
    "return_to_sender": (_("Returning to sender"), "fulfillment.tracking.messages.example"),
    "delivered": (_("Delivered"), "fulfillment.tracking.messages.example"),
    "purchase_order": (_("Purchase order"), "inventory.purchasing.messages.example"),
    "refunded": (_("Refunded"), "returns.refunds.messages.example"),
}

# Papers that messages bring: kind -> function of a primary key that gives (file name, PDF).
PAPERS: Mapping[str, str] = {
    "purchase_order": "inventory.purchasing.papers.purchases_attached",
    "confirmation": "orders.invoicing.papers.confirmations_attached",
}

TODAY = "analytics.panels.today"

# What waits to leave the house: what it is called -> (its model, the status it waits in).
WAITING: Mapping[Words, tuple[str, str]] = {
    _("messages"): ("erp.Message", "waiting"),
    _("webhook deliveries"): ("erp.WebhookDelivery", "pending"),
    _("calls to payment providers"): ("orders.PaymentCall", "due"),
    _("notifications of shops"): ("orders.ChannelNews", "pending"),
    _("requests for a fraud score"): ("orders.RiskCheck", "pending"),
}

# Tables of work that waits: measured, shown when it was given up, and replayed (erp/backlogs.py).
BACKLOGS: Sequence[str] = (
    "orders.intake.messages.actions.receive.BACKLOG",
    "erp.events.relay.BACKLOG",
    "erp.messages.send.BACKLOG",
    "erp.access.account_mails.BACKLOG",
    "erp.events.webhooks.BACKLOG",
    "erp.jobs.backlog.BACKLOG",
    "orders.payments.actions.provider_calls.BACKLOG",
    "orders.intake.shops.actions.notifications.BACKLOG",
    "orders.risk.actions.BACKLOG",
    "orders.intake.edi.actions.BACKLOG",
)

# Modules whose READINGS `/metrics` asks the database.
METRICS: Sequence[str] = ("orders.desk.metrics",)

# What a restored copy reads to show that it can be used: a function that gives the name of what it read.
SAMPLE = "orders.order.queries.read_newest"

# Parts of the home page that are asked for once it is there: (right, address).
HOME_FRAMES: Sequence[tuple[str, str]] = (("orders.view", "/orders/review/figures/"),)
# The same, above the work that waits: how far a new business has come.
HOME_GUIDE: tuple[str, str] = ("settings.edit", "/setup/card/")

# What an event's facts are called outside, and how their ids are shown: fact -> (name, function of ids).
EVENT_FACTS: Mapping[str, tuple[str, str]] = {
    "order_id": ("order", "orders.order.queries.orders_named"),
    "parcel_id": ("shipment", "fulfillment.tracking.queries.shipments_named"),
    "return_id": ("return", "returns.rma.queries.returns_named"),
    "refund_id": ("refund", "returns.refunds.queries.refunds_named"),
    "sku_ids": ("skus", "inventory.catalogue.queries.skus_named"),
    "purchase_id": ("purchase_order", "inventory.purchasing.queries.purchases_named"),
    "warehouse_id": ("warehouse", "inventory.stock.queries.warehouses_named"),
}

# What waiting orders lack, by (SKU id, warehouse id), as replenishment counts it.
OWED = "orders.allocation.queries.backordered_units"

# What a currency is worth in the company's own on a day, by its dated rates: None where nobody has said.
RATE_ON = "orders.pricing.queries.rate_on"

# Orders that money is given back of: order ids -> whether some of it is on its way yet, by order id.
PAID_BACK = "returns.refunds.queries.paid_back"

# Pages behind movements that upper apps caused: cause -> function of its id that gives the path.
CAUSES: Mapping[str, str] = {
    "shipment": "fulfillment.tracking.queries.page_of_shipment",
    "transfer": "inventory.transfers.queries.page_of_transfer",
    "return": "returns.rma.queries.page_of_return",
}

EXPANDS: Mapping[str, str] = {
    "shipments": "fulfillment.tracking.queries.shipments_of_orders",
    "returns": "returns.rma.queries.returns_of_orders",
}


@lru_cache(maxsize=256)
def resolve(name: str) -> Any:
    """Import what a dotted name stands for: a module, or something in one."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        return getattr(import_module(module), attribute)


def panels(frame: str) -> list[Callable[..., str]]:
    """Return the panel functions of a page's frame, in order."""
    return [resolve(name) for name in PANELS.get(frame, ())]


def timelines(frame: str) -> list[Callable[..., Any]]:
    """Return the functions that add steps to a page's timeline, in order."""
    return [resolve(name) for name in TIMELINES.get(frame, ())]
