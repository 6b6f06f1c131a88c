"""Numbers documents: a prefix, a counter and a check digit."""

from django.db import connection
from stdnum import luhn


def next_number(prefix: str, table: str) -> str:
    """Return the next number of a series: prefix, counter, Luhn digit. `table` is the counter."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        counter = str(1_000_000 + cursor.fetchone()[0])
    return f"{prefix}{counter}{luhn.calc_check_digit(counter)}"
