"""Who proposed and who approved a refund, where a second person is needed: the timeline knows of those that wait."""

import django.db.models.deletion
from django.db import migrations, models


PROPOSERS = """
    UPDATE returns_refund r SET proposed_for_id = coalesce(k.made_by_id, e.by_id)
    FROM orders_orderevent e LEFT JOIN erp_apikey k ON k.actor_id = e.by_id
    WHERE r.status IN ('proposed', 'approved') AND NOT r.is_history AND e.order_id = r.order_id
      AND e.kind = 'refund.proposed' AND e.data ->> 'refund' = r.number
"""


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0009_four_eyes'),
        ('orders', '0016_four_eyes'),
        ('returns', '0004_refunds_that_grew'),
    ]

    operations = [
        migrations.AddField(
            model_name='refund',
            name='approved_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='refund',
            name='needs_second_person',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='refund',
            name='proposed_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for', None), ('proposed_for', None), models.Q(('approved_for', models.F('proposed_for')), _negated=True), _connector='OR'), name='refund_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for__isnull', False), models.Q(('status__in', ('approved', 'submitted', 'failed', 'completed')), _negated=True), _connector='OR'), name='refund_approved_before_it_goes'),
        ),
        migrations.RunSQL(PROPOSERS, migrations.RunSQL.noop),
    ]
