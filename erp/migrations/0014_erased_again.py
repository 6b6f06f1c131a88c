"""Notes when everybody was erased again whom a restored backup still knew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("erp", "0013_sealed_second_factors")]

    operations = [
        migrations.AddField(
            model_name="effectspause",
            name="erased_again_at",
            field=models.DateTimeField(null=True),
        ),
    ]
