import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0010_notices'),
        ('orders', '0032_rules_that_follow'),
    ]

    operations = [
        migrations.AddField(
            model_name='channelpolicy',
            name='edit_minutes',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='its shop may change orders for (minutes)'),
        ),
        migrations.CreateModel(
            name='OrderClaim',
            fields=[
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='claim', serialize=False, to='orders.order')),
                ('at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('at__lt', models.F('until'))), name='claim_ends')],
            },
        ),
    ]
