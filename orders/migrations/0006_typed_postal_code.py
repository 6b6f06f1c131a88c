"""An address keeps its postal code as somebody typed it, beside how its country writes it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("orders", "0005_raised_findings")]

    operations = [
        migrations.AddField(
            model_name="orderaddress",
            name="postal_code_typed",
            field=models.CharField(db_default="", default="", max_length=60),
        )
    ]
