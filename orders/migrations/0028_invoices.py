import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0027_promises'),
    ]

    operations = [
        migrations.CreateModel(
            name='InvoiceRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('ordinary', 'Ordinary invoice'), ('special', 'Special VAT invoice')], default='ordinary', max_length=10)),
                ('title', models.CharField(max_length=200)),
                ('tax_id', models.CharField(default='', max_length=40)),
                ('email', models.CharField(default='', max_length=254)),
                ('registered_address', models.CharField(default='', max_length=250)),
                ('registered_phone', models.CharField(default='', max_length=40)),
                ('bank', models.CharField(default='', max_length=120)),
                ('bank_account', models.CharField(default='', max_length=60)),
                ('status', models.CharField(choices=[('requested', 'Asked for'), ('issued', 'Issued')], default='requested', max_length=10)),
                ('invoice_number', models.CharField(default='', max_length=60)),
                ('requested_at', models.DateTimeField()),
                ('issued_at', models.DateTimeField(null=True)),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='invoice_request', to='orders.order')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'requested')), fields=['requested_at'], name='invoice_to_issue')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('issued_at__isnull', False), ('status', 'issued'), models.Q(('invoice_number', ''), _negated=True)), models.Q(('issued_at', None), ('status', 'requested')), _connector='OR'), name='invoice_issued_under_a_number'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'special'), _negated=True), models.Q(('tax_id', ''), _negated=True), _connector='OR'), name='special_invoice_has_tax_id')],
            },
        ),
    ]
