"""Who proposed and who approved purchase orders, stock documents and counts, where a second person is needed."""

import django.db.models.deletion
from django.db import migrations, models


# What waits already is somebody's, and those it was kept from approving it before.
PROPOSERS = """
    UPDATE inventory_purchaseorder x SET proposed_for_id = coalesce(k.made_by_id, a.id)
    FROM erp_actor a LEFT JOIN erp_apikey k ON k.actor_id = a.id WHERE a.id = x.by_id AND x.status = 'draft';
    UPDATE inventory_stockdocument x SET needs_second_person = true, proposed_for_id = coalesce(k.made_by_id, a.id)
    FROM erp_actor a LEFT JOIN erp_apikey k ON k.actor_id = a.id WHERE a.id = x.by_id AND x.status = 'waiting';
    UPDATE inventory_stockcount x SET needs_second_person = true, proposed_for_id = coalesce(k.made_by_id, a.id)
    FROM erp_actor a LEFT JOIN erp_apikey k ON k.actor_id = a.id WHERE a.id = x.by_id AND x.status = 'submitted';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0009_four_eyes'),
        ('inventory', '0005_terms_that_can_hold'),
    ]

    operations = [
        migrations.AddField(
            model_name='purchaseorder',
            name='approved_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='purchaseorder',
            name='needs_second_person',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='purchaseorder',
            name='proposed_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='stockcount',
            name='approved_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='stockcount',
            name='needs_second_person',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='stockcount',
            name='proposed_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='stockdocument',
            name='approved_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='stockdocument',
            name='needs_second_person',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='stockdocument',
            name='proposed_for',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddConstraint(
            model_name='purchaseorder',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for', None), ('proposed_for', None), models.Q(('approved_for', models.F('proposed_for')), _negated=True), _connector='OR'), name='purchase_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='purchaseorder',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for__isnull', False), ('status__in', ['draft', 'cancelled']), _connector='OR'), name='purchase_approved_before_it_is_sent'),
        ),
        migrations.AddConstraint(
            model_name='stockcount',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for', None), ('proposed_for', None), models.Q(('approved_for', models.F('proposed_for')), _negated=True), _connector='OR'), name='count_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='stockcount',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for__isnull', False), models.Q(('status', 'posted'), _negated=True), _connector='OR'), name='count_approved_before_it_is_posted'),
        ),
        migrations.AddConstraint(
            model_name='stockdocument',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for', None), ('proposed_for', None), models.Q(('approved_for', models.F('proposed_for')), _negated=True), _connector='OR'), name='stock_document_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='stockdocument',
            constraint=models.CheckConstraint(condition=models.Q(('needs_second_person', False), ('approved_for__isnull', False), models.Q(('status', 'posted'), _negated=True), _connector='OR'), name='stock_document_approved_before_it_is_posted'),
        ),
        migrations.RunSQL(PROPOSERS, migrations.RunSQL.noop),
    ]
