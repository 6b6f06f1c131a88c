from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0008_masked_contacts'),
        ('orders', '0018_review_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='rulerevision',
            name='ends_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='counts until'),
        ),
        migrations.AddField(
            model_name='rulerevision',
            name='starts_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='counts from'),
        ),
        migrations.AddConstraint(
            model_name='rulerevision',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at', None), ('ends_at', None), ('starts_at__lt', models.F('ends_at')), _connector='OR'), name='rule_starts_before_it_ends'),
        ),
    ]
