from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("erp", "0003_failures_in_a_row")]

    operations = [
        migrations.AddField(
            model_name="webhookendpoint",
            name="wait_until",
            field=models.DateTimeField(null=True),
        ),
    ]
