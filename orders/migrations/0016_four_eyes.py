"""Terms that wait for a second person, and holds that another person releases."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0009_four_eyes'),
        ('orders', '0015_proven_identities'),
    ]

    operations = [
        migrations.CreateModel(
            name='TermsProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('needs_second_person', models.BooleanField(db_default=False, default=False, editable=False)),
                ('kind', models.CharField(choices=[('terms', 'Credit terms'), ('exemption', 'Tax exemption')], max_length=10)),
                ('status', models.CharField(choices=[('waiting', 'To approve'), ('approved', 'Approved'), ('rejected', 'Rejected')], max_length=10, verbose_name='state')),
                ('credit_limit', models.DecimalField(decimal_places=4, max_digits=19, null=True)),
                ('has_account', models.BooleanField(db_default=False, default=False)),
                ('payment_days', models.PositiveSmallIntegerField(default=30)),
                ('country', models.CharField(blank=True, default='', max_length=2)),
                ('tax_id', models.CharField(default='', max_length=40)),
                ('valid_from', models.DateField(null=True)),
                ('valid_until', models.DateField(null=True)),
                ('proposed_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='hold',
            name='approved_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='hold',
            name='needs_second_person',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='hold',
            name='proposed_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for', None), ('proposed_for', None), models.Q(('approved_for', models.F('proposed_for')), _negated=True), _connector='OR'), name='hold_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for__isnull', False), models.Q(('released_at__isnull', False), _negated=True), _connector='OR'), name='hold_approved_before_it_is_released'),
        ),
        migrations.AddField(
            model_name='termsproposal',
            name='approved_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='termsproposal',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='termsproposal',
            name='customer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='orders.customer'),
        ),
        migrations.AddField(
            model_name='termsproposal',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='termsproposal',
            name='group',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='orders.customergroup'),
        ),
        migrations.AddField(
            model_name='termsproposal',
            name='proposed_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddIndex(
            model_name='termsproposal',
            index=models.Index(condition=models.Q(('status', 'waiting')), fields=['-id'], name='terms_waiting'),
        ),
        migrations.AddConstraint(
            model_name='termsproposal',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'approved', 'rejected'])), name='terms_proposal_status_known'),
        ),
        migrations.AddConstraint(
            model_name='termsproposal',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('customer', 'kind', 'country'), name='terms_proposal_waits_once'),
        ),
        migrations.AddConstraint(
            model_name='termsproposal',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for', None), ('proposed_for', None), models.Q(('approved_for', models.F('proposed_for')), _negated=True), _connector='OR'), name='terms_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='termsproposal',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for__isnull', False), models.Q(('status', 'approved'), _negated=True), _connector='OR'), name='terms_approved_before_they_hold'),
        ),
    ]
