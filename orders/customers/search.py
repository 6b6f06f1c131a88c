"""Builds the words that customers are found by."""

from collections.abc import Mapping, Sequence

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from erp import search
from erp.search import normal, phone_words, words
from orders.customers.models import Customer

NEWEST_CUSTOMERS = 4000  # looked through before the whole index is asked


def customers_found(
    customers: QuerySet[Customer],
    asked: Mapping[str, str],
    *,
    before: Sequence[object] = (),
    page: int = 101,
    newest_first: bool = True,
) -> list[QuerySet[Customer]]:
    """Customers that a person means by `q`: a name, the end of a phone number, an e-mail.

    As `searched`: querysets to try in turn, newest customers first.
    """
    text = asked.get("q", "")
    if not text.strip():
        return [customers]
    query = search.query(text)
    if not query:
        return [customers.none()]
    if not newest_first:  # all of them, from the index
        matching = RawSQL(
            "orders_customer.words @@ %s::tsquery", [query], output_field=BooleanField()
        )
        return [customers.filter(matching)]
    newest = "SELECT id, words FROM orders_customer WHERE id < %s ORDER BY id DESC LIMIT %s"
    every = "SELECT id FROM orders_customer WHERE words @@ %s::tsquery"
    last = (*before, 2**62)[0]
    ways: list[tuple[str, list[object]]] = [
        (
            f"SELECT id FROM ({newest}) newest WHERE words @@ %s::tsquery ORDER BY id DESC LIMIT %s",
            [last, NEWEST_CUSTOMERS, query, page],
        ),
        (
            f"WITH found AS MATERIALIZED ({every}) SELECT id FROM found WHERE id < %s"
            " ORDER BY id DESC LIMIT %s",
            [query, last, page],
        ),
    ]
    return [
        customers.filter(
            RawSQL(
                f"orders_customer.id = ANY (ARRAY({sql}))",
                parameters,
                output_field=BooleanField(),
            )
        )
        for sql, parameters in ways
    ]


def customer_words(name: str, email: str, phone: str) -> list[str]:
    """What a customer is found by; see `erp/search.py`."""
    return [
        *words(name, email.partition("@")[0]),
        *([normal(email)[:100]] if email.strip() else []),
        *phone_words(phone),
    ]
