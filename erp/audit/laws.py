"""Defines what an invariant is, and the invariants of the ground floor."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from erp.money import DIGITS


@dataclass(frozen=True)
class Law:
    """An invariant: a query that returns the rows violating it (none, when it holds).

    code   stable name, also its anchor in the documentation
    text   the law in one sentence, as it should be
    sql    a SELECT of offending rows; its columns say what is wrong
    """

    code: str
    text: str
    sql: str


def codes_exist(
    code: str, text: str, columns: Mapping[str, str], known: Collection[str], empty: bool = False
) -> Law:
    """Say that the codes in some columns are among those that there are.

    columns   the column that holds a code, by its table
    empty     whether "" may stand for none
    """
    rows = " UNION ALL ".join(
        f"SELECT '{table}' AS of, id::text, {column} AS code FROM {table}"
        for table, column in columns.items()
    )
    names = ", ".join(f"'{name}'" for name in sorted({*known, *([""] if empty else [])}))
    return Law(code, text, f"SELECT * FROM ({rows}) said WHERE code NOT IN ({names})")


LAWS = (
    codes_exist(
        "currencies_exist",
        "The currency of the company and of a channel is one that there is.",
        {"erp_company": "currency", "erp_channel": "currency"},
        DIGITS,
    ),
    Law(
        "event_deliveries_exist",
        "Every delivery that is owed names an event that exists.",
        "SELECT d.id FROM erp_eventdelivery d LEFT JOIN erp_event e ON e.id = d.event_id"
        " WHERE e.id IS NULL",
    ),
    Law(
        "done_deliveries_were_done_once",
        "A delivery is done only if its subscriber's transaction wrote its Once row.",
        "SELECT d.id, d.subscriber FROM erp_eventdelivery d WHERE d.status = 'done'"
        " AND d.due_at > now() - interval '20 days' AND NOT EXISTS (SELECT 1 FROM erp_once o"
        " WHERE o.scope = 'subscriber:' || d.subscriber AND o.key = d.event_id::text)",
    ),
    Law(
        "time_zones_exist",
        "The time zone of the company, of a channel and of a person is one that there is.",
        "SELECT * FROM (SELECT 'company' AS of, id, time_zone FROM erp_company"
        " UNION ALL SELECT 'channel', id, time_zone FROM erp_channel"
        " UNION ALL SELECT 'person', id, time_zone FROM erp_user WHERE time_zone <> '') zone"
        " WHERE time_zone NOT IN (SELECT name FROM pg_timezone_names)",
    ),
)
