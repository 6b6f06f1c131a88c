"""Numbers orders with a counter and a check digit, so that typos are noticed."""

from stdnum import luhn

FIRST = 1_000_000


def order_number(pk: int) -> str:
    """The number of the order with this primary key: "SO" + counter + Luhn digit."""
    counter = str(FIRST + pk)
    return f"SO{counter}{luhn.calc_check_digit(counter)}"
