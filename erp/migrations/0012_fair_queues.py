from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0011_approval_limit_changes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='accountmail',
            index=models.Index(condition=Q(('status', 'failed')), fields=['id'], name='account_mail_failed'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(
                condition=Q(('status', 'pending')),
                fields=['endpoint', 'due_at', 'id'],
                name='webhook_due_by_endpoint',
            ),
        ),
    ]
