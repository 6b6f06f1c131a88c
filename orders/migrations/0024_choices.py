import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0005_by_itself'),
        ('orders', '0023_payments'),
    ]

    operations = [
        migrations.AddField(
            model_name='channelpolicy',
            name='choice_days',
            field=models.PositiveSmallIntegerField(db_default=3, default=3, verbose_name='days to choose'),
        ),
        migrations.AddField(
            model_name='channelpolicy',
            name='short_stock',
            field=models.CharField(choices=[('available', 'What is there is shipped, the rest when it comes'), ('complete', 'It waits until everything is there'), ('ask', 'Its customer is asked')], db_default='available', default='available', max_length=10, verbose_name='short of goods'),
        ),
        migrations.CreateModel(
            name='ChoiceOffer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('open', 'Waits for the customer'), ('answered', 'Answered'), ('ended', 'Nothing is short any more, or its time is over')], default='open', max_length=10)),
                ('offered_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('answer', models.JSONField(default=dict)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='choice_offers', to='orders.order')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('order',), name='choice_offer_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', False), ('status', 'answered')), models.Q(models.Q(('status', 'answered'), _negated=True), ('answered_at', None)), _connector='OR'), name='choice_offer_answered_at_some_time')],
            },
        ),
        migrations.CreateModel(
            name='Substitute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('priority', models.PositiveSmallIntegerField(default=100, verbose_name='priority')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inventory.sku')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inventory.sku')),
            ],
            options={
                'verbose_name': 'substitute',
                'verbose_name_plural': 'substitutes',
                'constraints': [models.UniqueConstraint(fields=('sku', 'by'), name='substitute_once'), models.CheckConstraint(condition=models.Q(('sku', models.F('by')), _negated=True), name='substitute_is_another')],
            },
        ),
    ]
