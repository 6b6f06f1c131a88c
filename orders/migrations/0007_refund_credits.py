"""What is credited for a refund follows what it still pays for: by more than one paper, where that changes."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("orders", "0006_typed_postal_code")]

    operations = [
        migrations.RemoveConstraint(model_name="invoice", name="credited_once_per_refund"),
    ]
