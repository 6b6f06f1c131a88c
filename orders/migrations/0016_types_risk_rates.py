
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0008_masked_contacts'),
        ('orders', '0015_customer_merge'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExchangeRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('on', models.DateField(verbose_name='from')),
                ('rate', models.DecimalField(decimal_places=10, max_digits=20, verbose_name='rate')),
                ('source', models.CharField(blank=True, default='', max_length=60, verbose_name='source')),
            ],
            options={
                'verbose_name': 'exchange rate',
                'verbose_name_plural': 'exchange rates',
            },
        ),
        migrations.CreateModel(
            name='OrderType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=20, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('name_zh', models.CharField(blank=True, default='', max_length=100, verbose_name='Chinese name')),
                ('review', models.CharField(blank=True, choices=[('hold', 'Doubtful findings hold the order'), ('record', 'Doubtful findings are recorded only'), ('always', 'A person looks at every order')], default='', max_length=10, verbose_name='review')),
                ('cooling_off_minutes', models.PositiveIntegerField(blank=True, null=True, verbose_name='cooling-off period (minutes)')),
                ('is_free', models.BooleanField(default=False, verbose_name='free of charge')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'order type',
                'verbose_name_plural': 'order types',
            },
        ),
        migrations.CreateModel(
            name='OutgoingDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(default='acknowledgement', max_length=20, verbose_name='what')),
                ('notation', models.CharField(max_length=20, verbose_name='notation')),
                ('key', models.CharField(blank=True, default='', max_length=20)),
                ('body', models.BinaryField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('made_at', models.DateTimeField(null=True)),
                ('fetched_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PersonalDataLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=40)),
                ('why', models.CharField(default='', max_length=200, verbose_name='why')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RiskCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=40)),
                ('status', models.CharField(choices=[('pending', 'Asked'), ('done', 'Answered'), ('parked', 'Could not be asked')], db_default='pending', max_length=10)),
                ('reference', models.CharField(db_default='', max_length=100)),
                ('score', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('recommendation', models.CharField(db_default='', max_length=10)),
                ('reasons', models.JSONField(db_default=[])),
                ('attempts', models.PositiveSmallIntegerField(db_default=0)),
                ('due_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('error', models.CharField(db_default='', max_length=300)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('done_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='RiskProvider',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('minfraud', 'minFraud'), ('pushed', 'Tells us by the API')], max_length=10, verbose_name='kind')),
                ('url', models.URLField(blank=True, default='', max_length=300, verbose_name='address')),
                ('account', models.CharField(blank=True, default='', max_length=200, verbose_name='account')),
                ('secret', models.CharField(blank=True, default='', max_length=200, verbose_name='secret')),
                ('hold_from', models.PositiveSmallIntegerField(default=30, verbose_name='hold from a score of')),
                ('decline_from', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='decline from a score of')),
                ('window_hours', models.PositiveSmallIntegerField(default=24, verbose_name='waits (hours)')),
                ('on_silence', models.CharField(choices=[('hold', 'It stays held until a person decides'), ('release', 'It goes on')], default='hold', max_length=10, verbose_name='without an answer')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'risk provider',
                'verbose_name_plural': 'risk providers',
            },
        ),
        migrations.AddField(
            model_name='channelpolicy',
            name='cooling_off_minutes',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='cooling-off period (minutes)'),
        ),
        migrations.AddField(
            model_name='channelpolicy',
            name='order_type',
            field=models.SlugField(db_default='web', default='web', max_length=20, verbose_name='order type'),
        ),
        migrations.AddField(
            model_name='order',
            name='balance_due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='book_currency',
            field=models.CharField(db_default='', max_length=3),
        ),
        migrations.AddField(
            model_name='order',
            name='book_rate',
            field=models.DecimalField(decimal_places=10, max_digits=20, null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='flag',
            field=models.CharField(choices=[('red', 'Red'), ('yellow', 'Yellow'), ('green', 'Green'), ('blue', 'Blue'), ('purple', 'Purple')], db_default='', max_length=10),
        ),
        migrations.AddField(
            model_name='order',
            name='print_remark',
            field=models.TextField(db_default=''),
        ),
        migrations.AddField(
            model_name='order',
            name='remark',
            field=models.TextField(db_default=''),
        ),
        migrations.AddField(
            model_name='order',
            name='ship_not_before',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='type',
            field=models.CharField(db_default='web', max_length=20),
        ),
        migrations.AlterField(
            model_name='hold',
            name='kind',
            field=models.CharField(choices=[('payment', 'Payment'), ('address', 'Address'), ('stock', 'Stock'), ('sku', 'SKU'), ('price', 'Price'), ('duplicate', 'Duplicate'), ('channel', 'Channel'), ('customer', 'Customer'), ('review', 'Review'), ('fraud', 'Fraud'), ('wait', 'Waiting for its day'), ('other', 'Other')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='hold',
            index=models.Index(condition=models.Q(('released_at', None), ('until__isnull', False)), fields=['until'], name='hold_that_ends'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('flag', ''), _negated=True), fields=['flag', '-placed_at', '-id'], name='order_flagged'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('type', 'web'), _negated=True), fields=['type', '-placed_at', '-id'], name='order_of_type'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('payment_status', 'part_paid'), ('status', 'pending')), fields=['balance_due_at'], name='order_balance_due'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('book_rate', None), ('is_history', False)), fields=['currency', 'placed_at'], name='order_without_rate'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('book_rate', None), ('book_rate__gt', 0), _connector='OR'), name='order_book_rate_positive'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('flag__in', ['', 'red', 'yellow', 'green', 'blue', 'purple'])), name='order_flag_known'),
        ),
        migrations.AddConstraint(
            model_name='exchangerate',
            constraint=models.UniqueConstraint(fields=('currency', 'on'), name='exchange_rate_once'),
        ),
        migrations.AddConstraint(
            model_name='exchangerate',
            constraint=models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='exchange_rate_positive'),
        ),
        migrations.AddField(
            model_name='outgoingdocument',
            name='channel',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='erp.channel'),
        ),
        migrations.AddField(
            model_name='outgoingdocument',
            name='message',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.incomingmessage'),
        ),
        migrations.AddField(
            model_name='outgoingdocument',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='orders.order'),
        ),
        migrations.AddField(
            model_name='personaldatalook',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='riskcheck',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='risk_checks', to='orders.order'),
        ),
        migrations.AddField(
            model_name='riskprovider',
            name='channel',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='risk_provider', to='erp.channel'),
        ),
        migrations.AddIndex(
            model_name='outgoingdocument',
            index=models.Index(fields=['channel', '-id'], name='outgoing_document_newest'),
        ),
        migrations.AddIndex(
            model_name='outgoingdocument',
            index=models.Index(condition=models.Q(('made_at', None)), fields=['id'], name='outgoing_document_owed'),
        ),
        migrations.AddIndex(
            model_name='outgoingdocument',
            index=models.Index(condition=models.Q(('fetched_at', None), ('made_at__isnull', False)), fields=['channel', 'id'], name='outgoing_document_to_fetch'),
        ),
        migrations.AddConstraint(
            model_name='outgoingdocument',
            constraint=models.UniqueConstraint(fields=('order', 'kind', 'key'), name='outgoing_document_once'),
        ),
        migrations.AddConstraint(
            model_name='outgoingdocument',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('body', None), ('fetched_at', None), ('made_at', None)), models.Q(('body__isnull', False), ('made_at__isnull', False)), _connector='OR'), name='outgoing_document_made_whole'),
        ),
        migrations.AddIndex(
            model_name='personaldatalook',
            index=models.Index(fields=['-id'], name='look_newest'),
        ),
        migrations.AddIndex(
            model_name='personaldatalook',
            index=models.Index(fields=['subject', '-id'], name='look_at_subject'),
        ),
        migrations.AddIndex(
            model_name='riskcheck',
            index=models.Index(condition=models.Q(('status', 'pending')), fields=['due_at'], name='risk_to_ask'),
        ),
        migrations.AddConstraint(
            model_name='riskcheck',
            constraint=models.UniqueConstraint(fields=('order', 'source', 'reference'), name='risk_answered_once'),
        ),
        migrations.AddConstraint(
            model_name='riskcheck',
            constraint=models.CheckConstraint(condition=models.Q(('score', None), models.Q(('score__gte', 0), ('score__lte', 100)), _connector='OR'), name='risk_score_is_a_percentage'),
        ),
        migrations.AddConstraint(
            model_name='riskcheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'done'), _negated=True), models.Q(('done_at__isnull', False), ('score__isnull', False)), _connector='OR'), name='risk_answer_has_a_score'),
        ),
        migrations.AddConstraint(
            model_name='riskprovider',
            constraint=models.CheckConstraint(condition=models.Q(('hold_from__lte', 100), models.Q(('decline_from', None), ('decline_from__gte', models.F('hold_from')), _connector='OR')), name='risk_declines_above_what_it_holds'),
        ),
        migrations.AddConstraint(
            model_name='riskprovider',
            constraint=models.CheckConstraint(condition=models.Q(('window_hours__gt', 0)), name='risk_waits_some_time'),
        ),
    ]
