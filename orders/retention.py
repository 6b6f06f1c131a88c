"""Declares how long orders keep what they keep only for a while: raw messages, drafts, notifications."""

from django.utils.translation import gettext_lazy as _

from erp.privacy.declarations import Rule

RULES = (
    Rule(
        "raw_messages",
        _("Incoming messages as they came"),
        "orders_incomingmessage",
        "t.received_at",
        only="t.status = 'processed' AND t.body <> ''",
        blanks={"body": "''", "params": "'{}'"},
        days=90,
        least=14,
        most=730,
    ),
    Rule(
        "raw_of_erased",
        _("Incoming messages about orders of erased customers"),
        "orders_incomingmessage",
        "t.processed_at",
        only="t.status = 'processed' AND t.body <> '' AND EXISTS (SELECT FROM orders_order o JOIN orders_customer c"
        " ON c.id = o.customer_id WHERE o.id = t.order_id AND c.erased_at IS NOT NULL)",
        blanks={"body": "''", "params": "'{}'", "cause": "'erased'"},
        days=0,
        least=0,
        most=30,
    ),
    Rule(
        "raw_left",
        _("Incoming messages that could not be processed"),
        "orders_incomingmessage",
        "t.received_at",
        only="t.status IN ('held', 'failed') AND t.body <> ''",
        blanks={"body": "''", "params": "'{}'", "status": "'processed'", "cause": "'expired'"},
        days=365,
        least=30,
        most=1095,
    ),
    Rule(
        "raw_rows",
        _("That incoming messages were processed"),
        "orders_incomingmessage",
        "t.received_at",
        only="t.status = 'processed' AND t.body = ''"
        " AND NOT EXISTS (SELECT FROM orders_orderdraft d WHERE d.message_id = t.id)"
        " AND NOT EXISTS (SELECT FROM orders_outgoingdocument d WHERE d.message_id = t.id)"
        " AND NOT EXISTS (SELECT FROM orders_incomingmessage_also a WHERE a.incomingmessage_id = t.id)",
        days=730,
        least=90,
    ),
    Rule(
        "drafts",
        _("Texts of mails that orders were made of"),
        "orders_orderdraft",
        "t.ended_at",
        only="t.text <> ''",
        blanks={"text": "''", "reading": "'{}'", "subject": "''", "sender": "''"},
        days=365,
        least=30,
        most=1095,
    ),
    Rule(
        "channel_news",
        _("Notifications that shops accepted"),
        "orders_channelnews",
        "t.done_at",
        only="t.said <> '{}'",
        blanks={"said": "'{}'"},
        days=90,
        least=14,
        most=730,
    ),
    Rule(
        "outgoing_documents",
        _("Acknowledgements that partners fetched"),
        "orders_outgoingdocument",
        "t.fetched_at",
        only="t.body <> ''",
        blanks={"body": "''"},
        days=365,
        least=30,
        most=3650,
    ),
    Rule(
        "control_totals",
        _("Hourly comparisons with shops that agreed"),
        "orders_controltotal",
        "t.settled_at",
        days=365,
        least=30,
    ),
    Rule(
        "invoice_parties",
        _("Addresses on invoices of erased customers"),
        "orders_invoiceparty",
        "t.issued_at",
        walks="issued_at",
        days=3653,
        least=2192,
        why=_("Tax law: ten years in the EU and China, six in the United Kingdom."),
    ),
)
