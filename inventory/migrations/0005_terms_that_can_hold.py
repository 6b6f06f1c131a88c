"""Refuses suppliers' terms from no unit on, or that end before they begin.

Rows of before stay as they are (NOT VALID): which price was meant, only people know. Whoever saves one mends it.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_suggestion_without_a_price")]

    operations = [
        AddConstraintNotValid(
            "supplierterm",
            models.CheckConstraint(
                condition=Q(min_quantity__gt=0), name="supplier_term_from_one_unit"
            ),
        ),
        AddConstraintNotValid(
            "supplierterm",
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gte=F("valid_from")),
                name="supplier_term_days_in_order",
            ),
        ),
    ]
