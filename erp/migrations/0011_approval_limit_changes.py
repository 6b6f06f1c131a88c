"""Looser approval limits that wait for another person, and what owners are mailed about."""

import datetime
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0010_personal_data'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accountmail',
            name='kind',
            field=models.CharField(choices=[('password_reset', 'Link to choose a password'), ('password_changed', 'Password changed'), ('email_changed', 'E-mail address changed'), ('second_factor_added', 'Second factor added'), ('second_factor_removed', 'Second factor removed'), ('recovery_codes_made', 'Recovery codes made'), ('account_changed', 'Role or access changed'), ('key_made', 'API key made'), ('key_revoked', 'API key revoked'), ('secret_changed', 'Secret changed'), ('person_added', 'Person added'), ('sign_in_policy_changed', 'Rules of sign-in changed'), ('sign_in_connected', 'Account for signing in connected'), ('sign_in_disconnected', 'Account for signing in disconnected'), ('limit_proposed', 'Higher approval limit proposed'), ('limit_changed', 'Approval limit changed'), ('limit_rejected', 'Higher approval limit rejected')], max_length=30),
        ),
        migrations.CreateModel(
            name='LimitChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('needs_second_person', models.BooleanField(db_default=False, default=False, editable=False)),
                ('kind', models.CharField(choices=[('refund', 'Refunds'), ('write_off', 'Write-offs and other stock decreases'), ('adjustment', 'Stock increases without a purchase order'), ('purchase', 'Purchase orders'), ('terms', "Customers' terms"), ('goodwill', 'Goods given away free of charge')], max_length=12, verbose_name='kind')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=19, null=True, verbose_name='limit')),
                ('status', models.CharField(choices=[('waiting', 'To approve'), ('approved', 'Approved'), ('rejected', 'Rejected')], max_length=10)),
                ('proposed_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('approved_for', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
                ('proposed_for', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('kind',), name='limit_change_waits_once'), models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'approved', 'rejected'])), name='limit_change_status_known'), models.CheckConstraint(condition=models.Q(('amount', None), ('amount__gte', 0), _connector='OR'), name='limit_change_not_negative'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status', 'waiting')), models.Q(models.Q(('status', 'waiting'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='limit_change_ended_at_some_time'), models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for', None), ('proposed_for', None), models.Q(('approved_for', models.F('proposed_for')), _negated=True), _connector='OR'), name='limit_change_four_eyes'), models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for__isnull', False), models.Q(('status', 'approved'), _negated=True), _connector='OR'), name='limit_change_approved_before'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), ('needs_second_person', True), ('ended_at__gte', django.db.models.expressions.CombinedExpression(models.F('proposed_at'), '+', models.Value(datetime.timedelta(days=1)))), _connector='OR'), name='limit_change_alone_after_a_day')],
            },
        ),
    ]
