"""Every write to orders, by verb."""

from orders.actions.advancing import (
    Claimed,
    add_note,
    append_event,
    cancel_order,
    confirm_if_ready,
    confirm_those_ready,
    hold_order,
    lock_order,
    note_hold_stays,
    release_hold,
    release_order,
)
from orders.actions.ageing import (
    balances_overdue,
    balances_to_remind,
    expire_order,
    hold_overdue_balance,
    holds_that_end,
    remind_unpaid,
    unpaid_to_expire,
    unpaid_to_remind,
)
from orders.actions.answering import (
    answers_to_make,
    fetch_document,
    make_answer,
    owe_second_answer,
)
from orders.actions.assessing import assess_risk, lease_risk_checks, note_risk_failure
from orders.actions.authorising import authorise_payment, capture_payment, void_payment
from orders.actions.backorders import fill_backorders, follow_shortfalls, warn_orders_at_risk
from orders.actions.billing import (
    credit_refund,
    follow_invoices,
    issue_invoice,
    orders_to_invoice,
)
from orders.actions.carrying_out import carry_out
from orders.actions.changing import ChangedMeanwhile, change_order, undo_change
from orders.actions.choosing import (
    Answer,
    choose,
    offer_choice,
    short_lines,
    substitutes_of,
    wanted_of_answer,
)
from orders.actions.claiming import claim_next, claim_order, give_back_order
from orders.actions.combining import (
    CannotCombine,
    merge_orders,
    merge_twins,
    mergeable,
    merged_into,
    seal_order,
    siblings_of,
    twins,
    unmerge_order,
)
from orders.actions.counting import (
    record_delivered,
    record_in_progress,
    record_refunded,
    record_return_status,
    record_returned,
    record_shipped,
)
from orders.actions.customers import Terms, change_customer, end_exemption, exempt_customer
from orders.actions.drafting import as_entry, dismiss_draft, end_draft, place_typed_order
from orders.actions.editing import ADDRESS_FIELDS, Clash, EditedMeanwhile, edit_order
from orders.actions.effects import Effect, TooLate, Wanted, effect_of
from orders.actions.fetching import connect_mailbox, keep_mail, lease_mailboxes, note_fetched
from orders.actions.filing import (
    FIELDS_OF,
    begin_order_file,
    counted,
    keep_order_file,
    take_orders_in,
)
from orders.actions.following import hear
from orders.actions.inbox import (
    lease_messages,
    note_failure,
    receive_document,
    receive_message,
    replay_message,
    replay_messages,
    take_message,
)
from orders.actions.intending import (
    begin_intent,
    hear_provider,
    is_refund_owed,
    lease_calls,
    note_answer,
    note_call_failure,
    owe_captures,
    owe_refund,
    owe_voids,
    warn_of_ending,
)
from orders.actions.invoicing import note_invoice, request_invoice
from orders.actions.learning import learn_names
from orders.actions.mapping import known_skus, map_line
from orders.actions.marking import mark_order
from orders.actions.matching import carrier_of_parcel, match_carrier, set_carrier
from orders.actions.merging import merge_customers, unmerge_customers
from orders.actions.paying import record_payment, refund_payment
from orders.actions.placing import (
    DuplicateExternalId,
    place_order,
    place_orders,
    quote_order,
)
from orders.actions.prioritising import prioritise_order, serve_first
from orders.actions.promising import learn_transit, revise_promise
from orders.actions.promoting import release_uses
from orders.actions.rating import book_currency, rate_orders, write_rates
from orders.actions.reconciling import (
    connect_shop,
    lease_shops,
    note_asked,
    write_control_total,
)
from orders.actions.rejoining import unsplit_order
from orders.actions.remitting import take_remittances_in
from orders.actions.rerouting import reroute_order, stranded_orders
from orders.actions.revealing import note_look
from orders.actions.reviewing import begin_rehearsal, begin_review, review_again, standings
from orders.actions.ruling import put_in_force, retire_rule, write_rule
from orders.actions.shipping_services import add_service, change_service
from orders.actions.splitting import split_order
from orders.actions.telling import (
    lease_news,
    note_told,
    owe_marks,
    owe_news,
    postpone_news,
    tell_again,
)
from orders.actions.undoing import before_of, undo_hold, undo_mark, undo_priority, undo_release
from orders.actions.writing import write_orders

__all__ = [
    "ADDRESS_FIELDS",
    "FIELDS_OF",
    "Answer",
    "CannotCombine",
    "ChangedMeanwhile",
    "Claimed",
    "Clash",
    "DuplicateExternalId",
    "EditedMeanwhile",
    "Effect",
    "Terms",
    "TooLate",
    "Wanted",
    "add_note",
    "add_service",
    "answers_to_make",
    "append_event",
    "as_entry",
    "assess_risk",
    "authorise_payment",
    "balances_overdue",
    "balances_to_remind",
    "before_of",
    "begin_intent",
    "begin_order_file",
    "begin_rehearsal",
    "begin_review",
    "book_currency",
    "cancel_order",
    "capture_payment",
    "carrier_of_parcel",
    "carry_out",
    "change_customer",
    "change_order",
    "change_service",
    "choose",
    "claim_next",
    "claim_order",
    "confirm_if_ready",
    "confirm_those_ready",
    "connect_mailbox",
    "connect_shop",
    "counted",
    "credit_refund",
    "dismiss_draft",
    "edit_order",
    "effect_of",
    "end_draft",
    "end_exemption",
    "exempt_customer",
    "expire_order",
    "fetch_document",
    "fill_backorders",
    "follow_invoices",
    "follow_shortfalls",
    "give_back_order",
    "hear",
    "hear_provider",
    "hold_order",
    "hold_overdue_balance",
    "holds_that_end",
    "is_refund_owed",
    "issue_invoice",
    "keep_mail",
    "keep_order_file",
    "known_skus",
    "learn_names",
    "learn_transit",
    "lease_calls",
    "lease_mailboxes",
    "lease_messages",
    "lease_news",
    "lease_risk_checks",
    "lease_shops",
    "lock_order",
    "make_answer",
    "map_line",
    "mark_order",
    "match_carrier",
    "merge_customers",
    "merge_orders",
    "merge_twins",
    "mergeable",
    "merged_into",
    "note_answer",
    "note_asked",
    "note_call_failure",
    "note_failure",
    "note_fetched",
    "note_hold_stays",
    "note_invoice",
    "note_look",
    "note_risk_failure",
    "note_told",
    "offer_choice",
    "orders_to_invoice",
    "owe_captures",
    "owe_marks",
    "owe_news",
    "owe_refund",
    "owe_second_answer",
    "owe_voids",
    "place_order",
    "place_orders",
    "place_typed_order",
    "postpone_news",
    "prioritise_order",
    "put_in_force",
    "quote_order",
    "rate_orders",
    "receive_document",
    "receive_message",
    "record_delivered",
    "record_in_progress",
    "record_payment",
    "record_refunded",
    "record_return_status",
    "record_returned",
    "record_shipped",
    "refund_payment",
    "release_hold",
    "release_order",
    "release_uses",
    "remind_unpaid",
    "replay_message",
    "replay_messages",
    "request_invoice",
    "reroute_order",
    "retire_rule",
    "review_again",
    "revise_promise",
    "seal_order",
    "serve_first",
    "set_carrier",
    "short_lines",
    "siblings_of",
    "split_order",
    "standings",
    "stranded_orders",
    "substitutes_of",
    "take_message",
    "take_orders_in",
    "take_remittances_in",
    "tell_again",
    "twins",
    "undo_change",
    "undo_hold",
    "undo_mark",
    "undo_priority",
    "undo_release",
    "unmerge_customers",
    "unmerge_order",
    "unpaid_to_expire",
    "unpaid_to_remind",
    "unsplit_order",
    "void_payment",
    "wanted_of_answer",
    "warn_of_ending",
    "warn_orders_at_risk",
    "write_control_total",
    "write_orders",
    "write_rates",
    "write_rule",
]
