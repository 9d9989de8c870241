"""Trunks, numbers, aliases, calendars, switches, settings of users; strangers who call by SIP."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

DIRECT_SIP = """
CREATE VIEW pbx_direct_sip AS SELECT
    direct_sip.address AS id,
    CAST(tenant.id AS TEXT) AS tenantid
FROM direct_sip
JOIN tenant ON tenant.id = direct_sip.tenant_id
WHERE tenant.state <> 'blocked'
"""
# Who shows no number has "anonymous" for a user: were a stranger's endpoint found by the user, it would be
# found before the trunk whose address the call comes from.
STRANGERS_CONSTANTS = """
CREATE VIEW pjsip_constants_of_strangers AS SELECT
    allow,
    allow_overlap,
    allow_subscribe,
    allow_transfer,
    direct_media,
    dtmf_mode,
    force_rport,
    'ip' AS identify_by,
    inband_progress,
    language,
    moh_suggest,
    rewrite_contact,
    rtp_timeout,
    rtp_timeout_hold,
    rtp_symmetric,
    send_diversion,
    send_pai,
    timers,
    trust_id_inbound
FROM pjsip_constants
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
    {constants}.*
FROM tenant
CROSS JOIN {constants}
"""
ENDPOINT_OF_STRANGERS = """
UNION ALL SELECT
    'anonymous',
    '',
    '',
    'strangers',
    '',
    '',
    '',
    {constants}.*
FROM {constants}
WHERE EXISTS (SELECT 1 FROM pbx_direct_sip)
"""


async def let_strangers_in(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    await editor._run_sql(DIRECT_SIP)
    await editor._run_sql("DROP VIEW ps_endpoints")
    await editor._run_sql(STRANGERS_CONSTANTS)
    views = ENDPOINTS + ENDPOINT_OF_STRANGERS
    await editor._run_sql(views.format(constants="pjsip_constants_of_strangers"))


async def keep_strangers_out(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    await editor._run_sql("DROP VIEW ps_endpoints")
    await editor._run_sql(ENDPOINTS.format(constants="pjsip_constants"))
    await editor._run_sql("DROP VIEW pjsip_constants_of_strangers")
    await editor._run_sql("DROP VIEW pbx_direct_sip")


class Migration(migrations.Migration):
    dependencies = [('models', '0003_blocked_fallback')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Alias',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=64)),
                ('target', fields.CharField(max_length=6)),
                ('allows_direct_sip', fields.BooleanField()),
            ],
            options={'table': 'alias', 'app': 'models', 'unique_together': (('tenant', 'name'),), 'pk_attr': 'id', 'table_description': 'Names that lead to numbers'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='Calendar',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=64)),
                ('days', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('covers_until', fields.DateField(null=True)),
                ('source', fields.TextField(unique=False)),
            ],
            options={'table': 'calendar', 'app': 'models', 'unique_together': (('tenant', 'name'),), 'pk_attr': 'id', 'table_description': 'Holidays'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='DirectSip',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('address', fields.CharField(unique=True, max_length=320)),
            ],
            options={'table': 'direct_sip', 'app': 'models', 'indexes': [Index(fields=['tenant_id'])], 'pk_attr': 'id', 'table_description': 'Addresses that strangers may call'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='PastAssignment',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('digits', fields.CharField(max_length=15)),
                ('trunk', fields.CharField(max_length=70)),
                ('target', fields.CharField(max_length=16)),
                ('assigned_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'past_assignment', 'app': 'models', 'indexes': [Index(fields=['tenant_id', 'digits'])], 'pk_attr': 'id', 'table_description': 'Where numbers have led'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='Switch',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('number', fields.CharField(max_length=6)),
                ('position', fields.CharField(max_length=8)),
                ('until_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('set_by', fields.CharField(max_length=80)),
                ('set_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'switch', 'app': 'models', 'unique_together': (('tenant', 'number'),), 'pk_attr': 'id', 'table_description': 'Switches that somebody has thrown'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='Trunk',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=70)),
                ('endpoint', fields.CharField(unique=True, max_length=14)),
                ('preset', fields.CharField(max_length=64)),
                ('registration', fields.CharField(max_length=8)),
                ('host', fields.CharField(max_length=253)),
                ('port', fields.IntField(null=True)),
                ('transport', fields.CharField(max_length=3)),
                ('proxy', fields.CharField(max_length=260)),
                ('username', fields.CharField(max_length=128)),
                ('auth_username', fields.CharField(max_length=128)),
                ('sealed_password', fields.TextField(unique=False)),
                ('from_user', fields.CharField(max_length=128)),
                ('from_domain', fields.CharField(max_length=253)),
                ('addresses', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('max_channels', fields.IntField()),
                ('forward_via_same', fields.BooleanField()),
                ('is_default', fields.BooleanField()),
                ('caller_id', fields.CharField(max_length=32)),
                ('passes_caller_id', fields.BooleanField()),
                ('number_source', fields.CharField(max_length=64)),
                ('caller_source', fields.CharField(max_length=64)),
                ('codecs', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('expires_s', fields.IntField()),
                ('qualify_s', fields.IntField()),
                ('is_enabled', fields.BooleanField()),
            ],
            options={'table': 'trunk', 'app': 'models', 'unique_together': (('tenant', 'name'),), 'pk_attr': 'id', 'table_description': 'Lines to carriers and other exchanges'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='OutsideNumber',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('number', fields.CharField(max_length=32)),
                ('digits', fields.CharField(max_length=15)),
                ('trunk', fields.ForeignKeyField('models.Trunk', source_field='trunk_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('target', fields.CharField(max_length=16)),
                ('label', fields.CharField(max_length=70)),
            ],
            options={'table': 'outside_number', 'app': 'models', 'unique_together': (('tenant', 'digits'),), 'pk_attr': 'id', 'table_description': 'Numbers that outsiders dial'},
            bases=['TenantRow'],
        ),
        ops.AddField(
            model_name='Extension',
            name='settings',
            field=fields.JSONField(db_default='{}', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.RunPython(let_strangers_in, reverse_code=keep_strangers_out),
    ]
