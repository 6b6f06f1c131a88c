"""Keeps with each finding that was raised about a channel's order what it was about."""

from django.db import migrations, models

# What was raised before is about whatever it was then: {}.
KEEP = """
    UPDATE orders_channelorder SET raised = (
        SELECT coalesce(jsonb_object_agg(split_part(code, ':', 1), '{}'::jsonb), '{}') FROM unnest(flagged) code)
    WHERE flagged <> '{}'
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_named_columns")]

    operations = [
        migrations.AddField(
            model_name="channelorder",
            name="raised",
            field=models.JSONField(default=dict),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="channelorder", name="flagged"),
    ]
