"""Indexes words of customers' names for search, outside order placement."""

import re

from django.db import connection, transaction

from erp.search import normal
from orders.customers.models import Customer, NameWord

WORD = re.compile(r"[^\W\d_]{3,60}")


AT_ONCE = 5000


@transaction.atomic(savepoint=False)
def learn_names() -> int:
    """Read the next few thousand customers' names; return how many, 0 when all are known."""
    NameWord.objects.bulk_create([NameWord(word="")], ignore_conflicts=True)
    bookmark = NameWord.objects.select_for_update().get(word="")
    people = list(
        Customer.objects.filter(pk__gt=bookmark.customer_id)
        .order_by("pk")
        .values_list("pk", "name")[:AT_ONCE]
    )
    if not people:
        return 0
    words = {word for _pk, name in people for word in WORD.findall(normal(name)) if word < "\u0250"}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_nameword (word, customer_id) SELECT unnest(%s::text[]), 0 ON CONFLICT DO NOTHING",
            [sorted(words)],
        )
    bookmark.customer_id = people[-1][0]
    bookmark.save(update_fields=["customer_id"])
    return len(people)
