"""Which phones speak encrypted; and what Asterisk asks of a phone's places without a complaint."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

# SDES (RFC 4568): the keys stand in the SDP, which is why such phones should speak to us over TLS.
OF_PHONES = """
    CASE device.encryption WHEN 'off' THEN 'no' ELSE 'sdes' END AS media_encryption,
    CASE device.encryption WHEN 'optional' THEN 'yes' ELSE 'no' END AS media_encryption_optimistic,
"""
OF_STRANGERS = """
    'no',
    'no',
"""
ENDPOINTS = """
CREATE VIEW ps_endpoints AS SELECT
    device.endpoint AS id,
    device.endpoint AS aors,
    device.endpoint AS auth,
    'phones' AS context,
    CAST(tenant.id AS TEXT) AS tenantid,
    '<' || extension.number || '>' AS callerid,
    tenant.domain AS from_domain,
    {of_phones}
    pjsip_constants.*
FROM device
JOIN extension ON extension.id = device.extension_id
JOIN tenant ON tenant.id = device.tenant_id
CROSS JOIN pjsip_constants
UNION ALL SELECT
    tenant.stranger_id,
    '',
    tenant.stranger_id,
    'nobody',
    '',
    '',
    tenant.domain,
    {of_strangers}
    pjsip_constants_of_strangers.*
FROM tenant
CROSS JOIN pjsip_constants_of_strangers
UNION ALL SELECT
    'anonymous',
    '',
    '',
    'strangers',
    '',
    '',
    '',
    {of_strangers}
    pjsip_constants_of_strangers.*
FROM pjsip_constants_of_strangers
WHERE EXISTS (SELECT 1 FROM pbx_direct_sip)
"""

# `pjsip show contacts` asks for the places with a contact of their own: PostgreSQL refuses a column that is not there.
AORS = """
CREATE VIEW ps_aors AS SELECT
    device.endpoint AS id,
    '1' AS max_contacts,
    'yes' AS remove_existing,
    '30' AS qualify_frequency,
    '3.0' AS qualify_timeout,
    '600' AS default_expiration,
    '60' AS minimum_expiration,
    '3600' AS maximum_expiration,
    'no' AS support_path
    {contact}
FROM device
"""


async def tell_asterisk(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    endpoints = ENDPOINTS.format(of_phones=OF_PHONES, of_strangers=OF_STRANGERS)
    await _make_anew(editor, "ps_endpoints", endpoints)
    await _make_anew(editor, "ps_aors", AORS.format(contact=", '' AS contact"))


async def tell_asterisk_nothing(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    await _make_anew(editor, "ps_endpoints", ENDPOINTS.format(of_phones="", of_strangers=""))
    await _make_anew(editor, "ps_aors", AORS.format(contact=""))


async def _make_anew(editor: BaseSchemaEditor, view: str, sql: str) -> None:
    await editor._run_sql(f"DROP VIEW {view}")
    await editor._run_sql(sql)


class Migration(migrations.Migration):
    dependencies = [("models", "0007_tenant_files")]

    operations = [
        ops.AddField(
            model_name="Device",
            name="encryption",
            field=fields.CharField(db_default="off", max_length=8),
        ),
        ops.RunPython(tell_asterisk, reverse_code=tell_asterisk_nothing),
    ]
