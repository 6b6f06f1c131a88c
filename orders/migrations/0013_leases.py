from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_waiting_messages")]

    operations = [
        migrations.AddField("incomingmessage", "is_leased", models.BooleanField(db_default=False, default=False)),
    ]
