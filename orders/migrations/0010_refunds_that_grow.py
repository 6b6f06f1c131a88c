"""What of a channel's refunds was passed on is known by amount: one that grew under its id was lost."""

from django.db import migrations, models

# What was passed on before was passed on as it is stated.
FILL = """
UPDATE orders_channelorder c SET passed_amounts = (
    SELECT jsonb_object_agg(k, CASE jsonb_typeof(c.refunds -> k)
        WHEN 'object' THEN c.refunds -> k ->> 'amount' ELSE c.refunds ->> k END)
    FROM unnest(c.passed_on) k WHERE c.refunds ? k)
WHERE EXISTS (SELECT 1 FROM unnest(c.passed_on) k WHERE c.refunds ? k)
"""


class Migration(migrations.Migration):

    dependencies = [("orders", "0009_changes_requested")]

    operations = [
        migrations.AddField(
            model_name="channelorder",
            name="passed_amounts",
            field=models.JSONField(default=dict),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="channelorder", name="passed_on"),
        migrations.RenameField(
            model_name="channelorder", old_name="passed_amounts", new_name="passed_on"
        ),
    ]
