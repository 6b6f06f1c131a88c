from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0010_notices'),
        ('orders', '0031_rules_that_send'),
    ]

    operations = [
        migrations.AddField(
            model_name='rulerevision',
            name='gift',
            field=models.CharField(blank=True, default='', max_length=64, verbose_name='gift'),
        ),
        migrations.AddField(
            model_name='rulerevision',
            name='gift_units',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='units of the gift'),
        ),
        migrations.AddField(
            model_name='rulerevision',
            name='merge',
            field=models.BooleanField(default=False, verbose_name='joins an open order of the customer'),
        ),
        migrations.AddField(
            model_name='rulerevision',
            name='notify',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='tells'),
        ),
        migrations.AddField(
            model_name='rulerevision',
            name='split',
            field=models.CharField(blank=True, choices=[('short', 'What waits for goods'), ('warehouse', 'What comes from another warehouse')], default='', max_length=10, verbose_name='splits off'),
        ),
        migrations.AddConstraint(
            model_name='rulerevision',
            constraint=models.CheckConstraint(condition=models.Q(('split__in', ['', 'short', 'warehouse'])), name='rule_split_known'),
        ),
        migrations.AddConstraint(
            model_name='rulerevision',
            constraint=models.CheckConstraint(condition=models.Q(('gift_units__gt', 0)), name='rule_gift_some'),
        ),
    ]
