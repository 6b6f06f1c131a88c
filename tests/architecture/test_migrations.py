"""What an earlier release uses is taken away two releases later, and never by accident.

During an upgrade, and after a rollback, the version before works on the tables of the version after it. It must find
every column it reads, and may leave out every column that it does not know.
"""

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# Migrations up to here are of the time before the first release: no earlier version works beside them.
BEFORE = {
    "erp": "0010_personal_data",
    "inventory": "0006_four_eyes",
    "orders": "0018_sealed_secrets",
    "fulfillment": "0002_tracking",
    "returns": "0005_four_eyes",
}
TAKING = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)


def harm(operation: Operation, app: str, before: ProjectState) -> str:
    """What an operation does to a version that does not know of it; "" where it does nothing."""
    if isinstance(operation, TAKING):
        return f"takes away: {operation.describe()}"
    if isinstance(operation, migrations.AddField):
        return "" if may_be_left_out(operation.field) else f"is not written: {operation.describe()}"
    if isinstance(operation, migrations.AlterField):
        known = before.models[app, operation.model_name.lower()].fields[operation.name]
        if known.null and not operation.field.null:
            return f"may be empty yet: {operation.describe()}"
    return ""


def may_be_left_out(field: models.Field) -> bool:
    """Whether a row can be written by who does not know of a column."""
    return field.null or field.many_to_many or field.db_default is not models.NOT_PROVIDED


def harms() -> list[tuple[str, str, str]]:
    """Of every migration after those heads: its name, what it does to the version before, its declared reason."""
    loader = MigrationLoader(None)
    found = []
    for app, head in BEFORE.items():
        for name in sorted(n for a, n in loader.disk_migrations if a == app and n > head):
            migration = loader.disk_migrations[app, name]
            state = loader.project_state(migration.dependencies)
            for operation in migration.operations:
                if what := harm(operation, app, state):
                    found.append((f"{app}.{name}", what, getattr(migration, "takes_away", "")))
                operation.state_forwards(app, state)
    return found


def test_what_harms_the_version_before_says_why_it_may():
    """`takes_away = "0.3: nothing has read it since 0.2"` in the migration's class, or two releases."""
    assert [(name, what) for name, what, reason in harms() if not reason] == []


def test_the_heads_are_there():
    loader = MigrationLoader(None)
    assert set(BEFORE.items()) <= set(loader.disk_migrations)


def state_with(field: models.Field) -> ProjectState:
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("note", field)]
    migrations.CreateModel("Thing", fields).state_forwards("orders", state)
    return state


TEXT = models.CharField(max_length=9)


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (migrations.RemoveField("thing", "note"), "takes away"),
        (migrations.DeleteModel("Thing"), "takes away"),
        (migrations.RenameField("thing", "note", "text"), "takes away"),
        (migrations.AddField("thing", "more", models.CharField(default="")), "is not written"),
        (migrations.AddField("thing", "more", models.CharField(db_default="")), ""),
        (migrations.AddField("thing", "more", models.CharField(null=True)), ""),
        (migrations.AlterField("thing", "note", TEXT), "may be empty yet"),
        (migrations.AddIndex("thing", models.Index(fields=["note"], name="by_note")), ""),
    ],
)
def test_what_is_harm(operation, said):
    found = harm(operation, "orders", state_with(models.CharField(max_length=9, null=True)))
    assert found.startswith(said)
    assert bool(found) == bool(said)
