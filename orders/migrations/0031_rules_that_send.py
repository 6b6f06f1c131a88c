from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0030_promise_sorted'),
    ]

    operations = [
        migrations.AddField(
            model_name='rulerevision',
            name='service',
            field=models.CharField(blank=True, default='', max_length=50, verbose_name='ships by'),
        ),
        migrations.AddField(
            model_name='rulerevision',
            name='warehouse',
            field=models.CharField(blank=True, default='', max_length=50, verbose_name='ships from'),
        ),
    ]
