from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("erp", "0005_backups_and_pauses")]

    operations = [
        migrations.AddField("eventdelivery", "is_leased", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("message", "is_leased", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("job", "deaths", models.PositiveSmallIntegerField(db_default=0, default=0)),
    ]
