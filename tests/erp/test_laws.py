"""Every law of the audit sees its breach: each is planted, and the law that forbids it names it."""

from decimal import Decimal

import pytest

from erp.audit.proof import all_laws
from tests.conftest import order_body, owner_cursor
from tests.contract.world import World
from tests.orders.shops import open_channel, paid, post, read_all
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = "WHERE ctid = (SELECT min(ctid) FROM {0})"


def first(table: str, change: str) -> str:
    """Change the first row of a table."""
    return f"UPDATE {table} SET {change} " + FIRST.format(table)


def own(table: str) -> str:
    """Somebody approves what they proposed, and what needs a second person."""
    columns = "needs_second_person, proposed_for_id, approved_for_id"
    return f"INSERT INTO {table} ({columns}) VALUES (true, 1, 1)"


LEVEL, LINE = "inventory_stocklevel", "orders_orderline"
INVOICE = (
    "INSERT INTO orders_invoice (number, kind, net, tax, total, order_id)"
    " SELECT '2026-2', 'invoice', 5, 0, 5, min(id) FROM orders_order"
)
CREDIT = (
    "INSERT INTO orders_invoice (number, kind, refund, net, tax, total, order_id)"
    " SELECT '2026-3', 'credit_note', 'RF0', 5, 0, 5, min(id) FROM orders_order"
)
# Invoiced, and paid back for what stays.
UNCREDITED = """
WITH invoiced AS (
    INSERT INTO orders_invoice (number, kind, refund, net, tax, total, order_id)
    SELECT '2026-4', 'invoice', '', 5, 0, 5, min(id) FROM orders_order),
made AS (
    INSERT INTO returns_refund (number, status, reason, is_history, amount, order_id)
    SELECT 'R', 'completed', 'goodwill', false, 3, min(id) FROM orders_order RETURNING id)
INSERT INTO returns_refundline (refund_id, quantity, amount) SELECT id, 0, 3 FROM made
"""
# Of a return: more money than there is, for more units than came, in lines that are less.
REFUND = """
WITH made AS (
    INSERT INTO returns_refund (number, status, is_history, amount, order_id, authorization_id)
    SELECT 'R', 'proposed', false, 1000000, a.order_id, a.id FROM returns_returnauthorization a LIMIT 1
    RETURNING id)
INSERT INTO returns_refundline (refund_id, order_line_id, quantity, amount)
SELECT made.id, (SELECT min(order_line_id) FROM returns_returnline), 1000, 1 FROM made
"""
PLANTED = {
    "event_deliveries_exist": first("erp_eventdelivery", "event_id = 0"),
    "done_deliveries_were_done_once": "DELETE FROM erp_once WHERE scope LIKE 'subscriber:%'",
    "time_zones_exist": first("erp_channel", "time_zone = 'Mars/Olympus'"),
    "currencies_exist": first("erp_channel", "currency = 'ABC'"),
    "warehouse_countries_exist": first("inventory_warehouse", "country = 'ZZ'"),
    "supplier_currencies_exist": first("inventory_supplier", "currency = 'ABC'"),
    "supplier_countries_exist": first("inventory_supplier", "country = 'EU'"),
    "price_currencies_exist": first("orders_promotion", "currency = 'cny'"),
    "tax_countries_exist": "INSERT INTO orders_taxrate (country) VALUES ('')",
    "shipping_currencies_exist": first("orders_shippingservice", "currency = ''"),
    "shipping_countries_exist": "INSERT INTO orders_lane (country) VALUES ('uk')",
    "warehouse_time_zones_exist": first("inventory_warehouse", "time_zone = 'Mars/Olympus'"),
    "movements_sum_to_on_hand": first(LEVEL, "on_hand = on_hand + 1"),
    "movements_sum_to_bins": first("inventory_binlevel", "on_hand = on_hand + 1"),
    "bins_sum_to_on_hand": first("inventory_binlevel", "on_hand = on_hand + 1"),
    "reservations_sum_to_reserved": first(LEVEL, "reserved = reserved + 1"),
    "costs_sum_to_value": "UPDATE inventory_skucost SET value = value + 1",
    "crossings_are_valued_once": "DELETE FROM inventory_costentry "
    + FIRST.format("inventory_costentry"),
    "serials_are_where_their_units_are": "UPDATE inventory_sku SET tracking = 'serial'",
    "serials_and_lots_can_be_read": "INSERT INTO inventory_lot (sku_id, code)"
    r" SELECT min(id), e'L1\u200b' FROM inventory_sku",
    "levels_are_legal": first(LEVEL, "on_hand = -1"),
    "services_are_not_stocked": "UPDATE inventory_sku SET is_service = true",
    "what_is_lost_or_found_says_why": "UPDATE inventory_place SET kind = 'lost' WHERE kind = 'customer'",
    "transit_holds_what_is_under_way": "INSERT INTO inventory_transferline"
    " (warehouse_id, sku_id, quantity_shipped, quantity_received, quantity_lost)"
    " SELECT min(w.id), min(s.id), 5, 1, 1 FROM inventory_warehouse w, inventory_sku s",
    "transfers_lose_what_was_written_off": "WITH made AS ("
    "INSERT INTO inventory_transfer (number, status) VALUES ('TR0', 'closed') RETURNING id)"
    " INSERT INTO inventory_transferline (transfer_id, quantity_lost) SELECT id, 5 FROM made",
    "open_lines_sum_to_incoming": first(LEVEL, "incoming = incoming + 1"),
    "moved_money_arrives": first("orders_paymentevent", "kind = 'moved_out'"),
    "merged_orders_are_empty": first("orders_order", "status = 'merged'"),
    "invoices_add_up": INVOICE,
    "invoice_numbers_have_no_gaps": INVOICE,
    "refunded_units_have_a_refund": first(LINE, "quantity_refunded = quantity_refunded + 1"),
    "order_totals_add_up": first("orders_order", "total = total + 1"),
    "line_reservations_match": first(LINE, "quantity_reserved = quantity_reserved + 1"),
    "open_lines_are_accounted_for": first(LINE, "quantity_ordered = quantity_ordered + 1"),
    "ended_orders_hold_no_stock": "UPDATE orders_order SET status = 'expired'",
    "payments_match_their_events": first("orders_payment", "voided = voided + 1"),
    "references_exist": first("orders_order", "channel_id = 0"),
    "merged_customers_own_nothing": "UPDATE orders_customer SET merged_into_id = id",
    "open_holds_are_counted": first("orders_order", "open_holds = open_holds + 1"),
    "coupons_are_counted": "UPDATE orders_coupon SET used = used + 1",
    "adjustments_are_the_discount": "UPDATE orders_adjustment SET amount = amount + 1",
    "order_types_are_known": first("orders_order", "type = 'nobody''s'"),
    "confirmed_orders_have_decisions": "DELETE FROM orders_decision WHERE kind = 'pricing'",
    "risk_answers_are_judged": "DELETE FROM orders_decision WHERE kind = 'risk'",
    "stated_is_kept": """UPDATE orders_channelorder SET said = said || '{"total": "1.00"}'""",
    "shipped_units_left_the_building": first(LINE, "quantity_shipped = quantity_shipped + 1"),
    "cancelled_orders_never_shipped": "UPDATE orders_order SET status = 'cancelled'",
    "delivered_units_were_delivered": first(LINE, "quantity_delivered = quantity_delivered + 1"),
    "parcels_stand_where_their_log_says": first("fulfillment_parcel", "status = 'delivered'"),
    "returned_units_were_returned": first(LINE, "quantity_returned = quantity_returned + 1"),
    "restocked_once": "UPDATE returns_returnline SET quantity_restocked = quantity_restocked + 1",
    "refunds_were_paid_back": first("orders_payment", "refunded = refunded + 1"),
    "ended_orders_give_money_back": "UPDATE orders_order SET status = 'cancelled'",
    "no_more_is_promised_back_than_was_paid": REFUND,
    "returns_refund_what_came": REFUND,
    "channel_refunds_are_recorded": """UPDATE orders_channelorder SET passed_on = '{"7": "1.00"}'""",
    "credits_are_of_what_stays": CREDIT,
    "refunds_are_credited": UNCREDITED,
    "money_above_an_order_is_owed_or_held": "UPDATE orders_payment SET captured = captured + 1000",
    "refund_lines_sum_to_refund": REFUND,
    "refunds_have_four_eyes": own("returns_refund"),
    "stock_changes_have_four_eyes": own("inventory_stockdocument"),
    "counts_have_four_eyes": own("inventory_stockcount"),
    "purchases_have_four_eyes": own("inventory_purchaseorder"),
    "gifts_have_four_eyes": own("orders_hold"),
    "terms_have_four_eyes": own("orders_termsproposal"),
    "limit_changes_four_eyes": own("erp_limitchange"),
}

# So that the owner can plant what neither constraints nor triggers would let in.
OPENED = """
DO $$ DECLARE it record; BEGIN
    FOR it IN SELECT conrelid::regclass AS of, conname FROM pg_constraint
              WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', it.of, it.conname);
    END LOOP;
    FOR it IN SELECT attrelid::regclass AS of, attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
              WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
                AND a.attnotnull AND a.attidentity = '' AND NOT EXISTS (
                    SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary
                    AND a.attnum = ANY (i.indkey)) LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I DROP NOT NULL', it.of, it.attname);
    END LOOP;
    FOR it IN SELECT DISTINCT tgrelid::regclass AS of FROM pg_trigger WHERE NOT tgisinternal LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', it.of);
    END LOOP;
END $$
"""


@pytest.fixture
def business(api, shop, system, promote):
    """A business with something of everything that the laws speak of."""
    world = World(api)
    for noun in ("shipments", "purchase-orders send", "returns inspect", "fulfillment-orders"):
        world.named(*noun.split(" ")) if " " in noun else world.named(noun, "")
    line = {"line": world.made["returns line"], "quantity": 1, "condition": "good"}
    path = f"returns/{world.named('returns', 'inspect')}/inspect"
    world.post(path, {"lines": [line | {"disposition": "restock"}], "warehouse": "east"})
    promote("tenth", "percentage", coupon={}, percent=Decimal(10))
    world.post("orders", order_body(coupon_codes=["TENTH"]))
    said = {"source": "own", "reference": "s1", "score": 12, "recommendation": "accept"}
    world.post(f"orders/{world.order['number']}/risk-assessments", said | {"reasons": ["x"]})
    channel = open_channel("shopify", shop, system)
    post(channel, "orders/create", paid())
    read_all()
    run_relay()
    return world


def test_every_law_names_the_breach_that_is_planted(business):
    laws = {law.code: law for law in all_laws()}
    assert set(laws) == set(PLANTED), "plant a breach of every law"
    unseen, broken = [], []
    with owner_cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(OPENED)
        for code, plant in PLANTED.items():
            cursor.execute("SAVEPOINT before")
            count = f"SELECT count(*) FROM ({laws[code].sql}) breach"
            cursor.execute(count)
            broken += [code] if cursor.fetchone()[0] else []
            cursor.execute(plant)
            planted = cursor.rowcount
            cursor.execute(count)
            unseen += [(code, planted)] if not cursor.fetchone()[0] else []
            cursor.execute("ROLLBACK TO SAVEPOINT before")
        cursor.execute("ROLLBACK")
    assert broken == []
    assert unseen == [], unseen  # (law, rows planted)


def test_the_codes_of_laws_are_told_apart():
    codes = [law.code for law in all_laws()]
    assert len(codes) == len(set(codes))
