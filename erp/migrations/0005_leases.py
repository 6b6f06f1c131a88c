from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("erp", "0004_receivers_that_ask_to_wait")]

    operations = [
        migrations.AddField("eventdelivery", "is_leased", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("message", "is_leased", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("job", "deaths", models.PositiveSmallIntegerField(db_default=0, default=0)),
    ]
