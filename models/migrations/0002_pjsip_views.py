"""The first row of the change counter, and the views through which Asterisk reads the tables."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

VIEWS = (
    "pbx_dial_fallback",
    "ps_domain_aliases",
    "ps_aors",
    "ps_auths",
    "ps_endpoints",
    "pjsip_constants",
)
DIALECTS = {
    "sqlite": {
        "{RANDOM_HEX}": "lower(hex(randomblob(16)))",
        "{DEVICES_OF_EXTENSION}": "group_concat('PJSIP/' || device.endpoint, '&')",
    },
    "postgres": {
        "{RANDOM_HEX}": "replace(CAST(gen_random_uuid() AS TEXT), '-', '')",
        "{DEVICES_OF_EXTENSION}": (
            "string_agg('PJSIP/' || device.endpoint, '&' ORDER BY device.endpoint)"
        ),
    },
}


async def create_views(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    sql = "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
    for placeholder, expression in DIALECTS[editor.DIALECT].items():
        sql = sql.replace(placeholder, expression)
    await editor._run_sql(sql)


async def drop_views(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    for view in VIEWS:
        await editor._run_sql(f"DROP VIEW {view}")


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    operations = [
        ops.RunSQL(
            "INSERT INTO change_counter (id, value) VALUES (1, 0)",
            reverse_sql="DELETE FROM change_counter",
        ),
        ops.RunPython(create_views, reverse_code=drop_views),
    ]
