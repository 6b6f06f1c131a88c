"""Measures the connections of shops and mailboxes, and the calls of payment providers that are stuck."""

from erp.metrics.readings import Reading

_CONNECTIONS = " UNION ALL ".join(
    f"""
    SELECT 'connection_failures', ARRAY['{kind}', c.code], x.failures::float8
        FROM {table} x JOIN erp_channel c ON c.id = x.channel_id WHERE x.is_active
    UNION ALL SELECT 'circuit_open', ARRAY['{kind}', c.code], coalesce(x.not_before > now(), false)::int
        FROM {table} x JOIN erp_channel c ON c.id = x.channel_id WHERE x.is_active
    """
    for kind, table in (("shop", "orders_shopconnection"), ("mailbox", "orders_mailconnection"))
)
_STUCK = """
    SELECT 'payment_calls_stuck', '{}'::text[], (
        (SELECT count(*) FROM (SELECT FROM orders_paymentcall WHERE status = 'parked' LIMIT 100000) p)
        + (SELECT count(*) FROM (SELECT FROM orders_paymentcall WHERE status = 'due'
           AND due_at < now() - interval '10 min' LIMIT 100000) d))::float8
"""
READINGS = (Reading(f"{_STUCK} UNION ALL {_CONNECTIONS}"),)
