"""Nobody rings for a blocked tenant while the application is away."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

DEVICES_OF_EXTENSION = {
    "sqlite": "group_concat('PJSIP/' || device.endpoint, '&')",
    "postgres": "string_agg('PJSIP/' || device.endpoint, '&' ORDER BY device.endpoint)",
}
VIEW = """
CREATE VIEW pbx_dial_fallback AS SELECT
    extension.address AS id,
    COALESCE((
        SELECT {devices}
        FROM device
        WHERE device.extension_id = extension.id
    ), '') AS devices
FROM extension
"""
UNLESS_BLOCKED = """
JOIN tenant ON tenant.id = extension.tenant_id
WHERE tenant.state <> 'blocked'
"""


async def ring_for_all_but_blocked(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    await _make_anew(editor, VIEW + UNLESS_BLOCKED)


async def ring_for_all(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    await _make_anew(editor, VIEW)


async def _make_anew(editor: BaseSchemaEditor, sql: str) -> None:
    await editor._run_sql("DROP VIEW pbx_dial_fallback")
    await editor._run_sql(sql.format(devices=DEVICES_OF_EXTENSION[editor.DIALECT]))


class Migration(migrations.Migration):
    dependencies = [("models", "0002_pjsip_views")]

    operations = [ops.RunPython(ring_for_all_but_blocked, reverse_code=ring_for_all)]
