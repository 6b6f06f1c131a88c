import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0008_masked_contacts'),
        ('orders', '0022_terms'),
    ]

    operations = [
        migrations.CreateModel(
            name='PaymentCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=19)),
                ('key', models.CharField(max_length=100, unique=True)),
                ('status', models.CharField(choices=[('due', 'Due'), ('done', 'Done'), ('parked', 'Parked')], default='due', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('done_at', models.DateTimeField(null=True)),
                ('error', models.CharField(default='', max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='PaymentIntent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('created', 'Asked for'), ('open', 'Waits for the customer'), ('authorised', 'Authorised'), ('captured', 'Captured'), ('voided', 'Voided'), ('failed', 'Failed')], default='created', max_length=10)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=19)),
                ('currency', models.CharField(max_length=3)),
                ('external_id', models.CharField(default='', max_length=100)),
                ('client_secret', models.CharField(default='', max_length=200)),
                ('created_at', models.DateTimeField()),
                ('authorised_until', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PaymentProvider',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('stripe', 'Stripe'), ('test', 'Test provider, moves no money')], max_length=10, verbose_name='kind')),
                ('capture', models.CharField(choices=[('at_once', 'When the customer pays'), ('on_ship', 'When a parcel leaves, what is in it')], default='on_ship', max_length=10, verbose_name='captures')),
                ('url', models.URLField(blank=True, default='', max_length=300, verbose_name='address')),
                ('account', models.CharField(blank=True, default='', max_length=100, verbose_name='account')),
                ('secret', models.CharField(blank=True, default='', max_length=200, verbose_name='secret')),
                ('webhook_secret', models.CharField(blank=True, default='', max_length=200, verbose_name='webhook secret')),
                ('authorised_days', models.PositiveSmallIntegerField(default=7, verbose_name='an authorisation holds (days)')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'payment provider',
                'verbose_name_plural': 'payment providers',
            },
        ),
        migrations.CreateModel(
            name='ProviderEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=100)),
                ('kind', models.CharField(max_length=100)),
                ('outcome', models.CharField(choices=[('done', 'Done'), ('known', 'Known already'), ('ignored', 'Not ours to act on'), ('mismatch', 'Does not match the order')], max_length=10)),
                ('body', models.BinaryField()),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name='payment',
            name='voided',
            field=models.DecimalField(db_default=0, decimal_places=4, default=0, max_digits=19),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('voided__gte', 0), ('authorised__gte', django.db.models.expressions.CombinedExpression(models.F('captured'), '+', models.F('voided')))), name='payment_voided_what_was_left'),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payment_intents', to='orders.order'),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='payment',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, to='orders.payment'),
        ),
        migrations.AddField(
            model_name='paymentcall',
            name='intent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='orders.paymentintent'),
        ),
        migrations.AddField(
            model_name='paymentprovider',
            name='channel',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='payment_provider', to='erp.channel'),
        ),
        migrations.AddField(
            model_name='paymentintent',
            name='provider',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='orders.paymentprovider'),
        ),
        migrations.AddField(
            model_name='providerevent',
            name='intent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='orders.paymentintent'),
        ),
        migrations.AddField(
            model_name='providerevent',
            name='provider',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='orders.paymentprovider'),
        ),
        migrations.AddIndex(
            model_name='paymentcall',
            index=models.Index(condition=models.Q(('status', 'due')), fields=['due_at'], name='payment_call_due'),
        ),
        migrations.AddConstraint(
            model_name='paymentcall',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', False), ('status', 'done')), models.Q(models.Q(('status', 'done'), _negated=True), ('done_at', None)), _connector='OR'), name='payment_call_done_at_some_time'),
        ),
        migrations.AddIndex(
            model_name='paymentintent',
            index=models.Index(condition=models.Q(('status', 'authorised')), fields=['authorised_until'], name='authorisation_ends'),
        ),
        migrations.AddConstraint(
            model_name='paymentintent',
            constraint=models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('provider', 'external_id'), name='payment_intent_once'),
        ),
        migrations.AddConstraint(
            model_name='paymentintent',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['created', 'open'])), fields=('order',), name='payment_intent_one_open'),
        ),
        migrations.AddConstraint(
            model_name='paymentintent',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payment_intent_of_something'),
        ),
        migrations.AddConstraint(
            model_name='providerevent',
            constraint=models.UniqueConstraint(fields=('provider', 'external_id'), name='provider_event_once'),
        ),
    ]
