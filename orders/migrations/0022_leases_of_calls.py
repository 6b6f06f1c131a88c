"""Says of a call, a score and a notification whether a worker has it: what killed its worker is told from what waited."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0021_links_that_end'),
    ]

    operations = [
        migrations.AddField(
            model_name=name,
            name='is_leased',
            field=models.BooleanField(db_default=False, default=False),
        )
        for name in ('channelnews', 'paymentcall', 'riskcheck')
    ] + [
        migrations.AlterField(
            model_name='paymentcall',
            name='status',
            field=models.CharField(
                choices=[('due', 'Due'), ('done', 'Done'), ('parked', 'Parked'), ('ended', 'No longer needed')],
                default='due',
                max_length=10,
            ),
        ),
    ]
