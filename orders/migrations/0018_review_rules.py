
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0008_masked_contacts'),
        ('orders', '0017_promotions'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReviewRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'review rule',
                'verbose_name_plural': 'review rules',
            },
        ),
        migrations.CreateModel(
            name='RuleBook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revisions', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RuleRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('condition', models.JSONField()),
                ('priority', models.PositiveSmallIntegerField(default=100, verbose_name='priority')),
                ('stop', models.BooleanField(default=False, verbose_name='no rule after it')),
                ('approve', models.BooleanField(default=False, verbose_name='doubtful findings do not hold it')),
                ('hold', models.CharField(blank=True, choices=[('payment', 'Payment'), ('address', 'Address'), ('stock', 'Stock'), ('sku', 'SKU'), ('price', 'Price'), ('duplicate', 'Duplicate'), ('channel', 'Channel'), ('customer', 'Customer'), ('review', 'Review'), ('fraud', 'Fraud'), ('finance', 'Finance'), ('wait', 'Waiting for its day'), ('other', 'Other')], default='', max_length=20, verbose_name='hold')),
                ('hold_minutes', models.PositiveIntegerField(default=0, verbose_name='ends after (minutes)')),
                ('second_review', models.BooleanField(default=False, verbose_name='finance looks at it too')),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('flag', models.CharField(blank=True, choices=[('red', 'Red'), ('yellow', 'Yellow'), ('green', 'Green'), ('blue', 'Blue'), ('purple', 'Purple')], default='', max_length=10, verbose_name='flag')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='order',
            name='tags',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), db_default=[], size=None),
        ),
        migrations.AlterField(
            model_name='hold',
            name='kind',
            field=models.CharField(choices=[('payment', 'Payment'), ('address', 'Address'), ('stock', 'Stock'), ('sku', 'SKU'), ('price', 'Price'), ('duplicate', 'Duplicate'), ('channel', 'Channel'), ('customer', 'Customer'), ('review', 'Review'), ('fraud', 'Fraud'), ('finance', 'Finance'), ('wait', 'Waiting for its day'), ('other', 'Other')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='order',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('tags', []), _negated=True), fastupdate=False, fields=['tags'], name='order_tagged'),
        ),
        migrations.AddField(
            model_name='rulebook',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='rulerevision',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='rulerevision',
            name='rule',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='orders.reviewrule'),
        ),
        migrations.AddConstraint(
            model_name='rulerevision',
            constraint=models.UniqueConstraint(fields=('rule', 'version'), name='rule_revision_once'),
        ),
        migrations.AddConstraint(
            model_name='rulerevision',
            constraint=models.CheckConstraint(condition=models.Q(('hold__in', ['', 'payment', 'address', 'stock', 'sku', 'price', 'duplicate', 'channel', 'customer', 'review', 'fraud', 'finance', 'wait', 'other'])), name='rule_hold_known'),
        ),
    ]
