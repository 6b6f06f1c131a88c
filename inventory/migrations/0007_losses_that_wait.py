"""What a transfer or a return lost waits as a write-off that names it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0006_four_eyes'),
    ]

    operations = [
        migrations.AddField(
            model_name='stockdocument',
            name='cause_type',
            field=models.CharField(db_default='', default='', max_length=30),
        ),
        migrations.AddField(
            model_name='stockdocument',
            name='cause_id',
            field=models.CharField(db_default='', default='', max_length=60),
        ),
        migrations.AddIndex(
            model_name='stockdocument',
            index=models.Index(condition=models.Q(('cause_type', ''), _negated=True), fields=['cause_type', 'cause_id'], name='stock_document_by_cause'),
        ),
        migrations.AddConstraint(
            model_name='stockdocument',
            constraint=models.UniqueConstraint(condition=models.Q(('cause_type', 'transfer'), ('status', 'waiting')), fields=('cause_id',), name='transfer_loss_waits_once'),
        ),
        migrations.AddConstraint(
            model_name='stockdocument',
            constraint=models.CheckConstraint(condition=models.Q(('cause_type', ''), models.Q(('kind', 'write_off'), models.Q(('cause_id', ''), _negated=True)), _connector='OR'), name='stock_document_of_a_cause_is_a_loss'),
        ),
    ]
