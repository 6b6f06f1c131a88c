"""Names in any language: the Chinese name beside a name becomes its translations, by language."""

from django.db import migrations, models

# Model: its table, how long its Chinese names could be, the constraint on its names.
NAMED = {
    "sku": ("inventory_sku", 250, "sku_is_named"),
}

# The column changes its type with its content: no row is updated, so that the history tells of no change.
FORTH = r"""
UPDATE {table} SET name = code WHERE name = '';
ALTER TABLE {table} RENAME COLUMN name_zh TO translations;
ALTER TABLE {table} ALTER COLUMN translations TYPE jsonb USING
    CASE WHEN btrim(translations) = '' THEN '{{}}' ELSE jsonb_build_object('zh', btrim(translations)) END;
ALTER TABLE {table} ALTER COLUMN translations SET DEFAULT '{{}}';
ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK (name <> '' AND jsonb_path_exists(translations,
    'strict $ ? (@.type() == "object" && !exists(@.* ? (@.type() != "string"'
    ' || !(@ like_regex "\\S") || @ like_regex "^.{{251}}" flag "s")))'));
"""

# Names in other languages than Chinese are lost on the way back.
BACK = """
ALTER TABLE {table} DROP CONSTRAINT {constraint};
ALTER TABLE {table} ALTER COLUMN translations DROP DEFAULT;
ALTER TABLE {table} ALTER COLUMN translations TYPE varchar({longest}) USING
    left(coalesce(translations ->> 'zh', translations ->> 'zh-hans', ''), {longest});
ALTER TABLE {table} RENAME COLUMN translations TO name_zh;
"""


def _moved(model: str, table: str, longest: int, constraint: str) -> migrations.SeparateDatabaseAndState:
    given = {"table": table, "longest": longest, "constraint": constraint}
    return migrations.SeparateDatabaseAndState(
        database_operations=[migrations.RunSQL(FORTH.format(**given), BACK.format(**given))],
        state_operations=[
            migrations.RemoveField(model, "name_zh"),
            migrations.AddField(
                model,
                "translations",
                models.JSONField(
                    blank=True,
                    db_default=models.Value({}, models.JSONField()),
                    default=dict,
                    verbose_name="name in other languages",
                ),
            ),
            migrations.AddConstraint(
                model,
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("name", ""), _negated=True), ("translations__are_names", True)
                    ),
                    name=constraint,
                ),
            ),
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [_moved(model, *named) for model, named in NAMED.items()]
