"""How amounts of money are stored."""

from typing import Any

AMOUNT: dict[str, Any] = {"max_digits": 19, "decimal_places": 4}
