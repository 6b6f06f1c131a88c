"""Makes the invariant of four eyes for a table whose rows one person proposes and another approves."""

from erp.audit.laws import Law


def four_eyes_law(code: str, text: str, table: str, done: str) -> Law:
    """Say that a row which needs a second person was approved by one: not its proposer, not a job, not nobody.

    done   the condition of a row that has gone through
    """
    return Law(
        code,
        text,
        f"""
        SELECT x.id, x.proposed_for_id, x.approved_for_id FROM {table} x
        LEFT JOIN erp_actor a ON a.id = x.approved_for_id LEFT JOIN erp_apikey k ON k.actor_id = a.id
        WHERE x.needs_second_person
          AND (x.approved_for_id = x.proposed_for_id OR a.kind = 'job' OR k.made_by_id IS NOT NULL
               OR (x.approved_for_id IS NULL AND {done}))
        """,
    )


LAWS = (
    four_eyes_law(
        "limit_changes_four_eyes",
        "A limit was loosened by another person than who proposed it, or alone after a day.",
        "erp_limitchange",
        "x.status = 'approved'",
    ),
)
