from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0008_masked_contacts'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='medium',
            field=models.CharField(choices=[('email', 'E-mail'), ('sms', 'Text message')], db_default='email', max_length=5),
        ),
    ]
