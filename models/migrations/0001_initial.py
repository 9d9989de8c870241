from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='ChangeCounter',
            fields=[
                ('id', fields.IntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ('value', fields.BigIntField()),
            ],
            options={'table': 'change_counter', 'app': 'models', 'pk_attr': 'id', 'table_description': 'The number of the latest change'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='RemovedTenant',
            fields=[
                ('tenant_id', fields.IntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ('revision', fields.BigIntField(db_index=True)),
            ],
            options={'table': 'removed_tenant', 'app': 'models', 'pk_attr': 'tenant_id', 'table_description': 'Tenants that are gone, and since which revision'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='Tenant',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(unique=True, max_length=63)),
                ('domain', fields.CharField(unique=True, max_length=253)),
                ('stranger_id', fields.CharField(unique=True, max_length=290)),
                ('timezone', fields.CharField(max_length=64)),
                ('country', fields.CharField(max_length=2)),
                ('language', fields.CharField(max_length=2)),
                ('state', fields.CharField(max_length=16)),
                ('revision', fields.BigIntField(db_index=True)),
            ],
            options={'table': 'tenant', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Customers of the exchange'},
            bases=['Row'],
        ),
        ops.CreateModel(
            name='CallRecord',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=150)),
                ('channel_id', fields.CharField(max_length=150)),
                ('revision', fields.BigIntField()),
                ('how', fields.CharField(max_length=20)),
                ('caller_number', fields.CharField(max_length=80)),
                ('caller_name', fields.CharField(max_length=255)),
                ('caller_device', fields.CharField(null=True, max_length=32)),
                ('dialled', fields.CharField(max_length=80)),
                ('started_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_by', fields.CharField(null=True, max_length=20)),
                ('reason', fields.CharField(null=True, max_length=40)),
                ('comment', fields.TextField(null=True, unique=False)),
                ('talk_s', fields.FloatField(null=True)),
                ('answered_by', fields.CharField(null=True, max_length=80)),
            ],
            options={'table': 'call_record', 'app': 'models', 'indexes': [Index(fields=['tenant_id', 'started_at']), Index(fields=['ended_at'])], 'pk_attr': 'id', 'table_description': 'Calls'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='Element',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('number', fields.CharField(max_length=6)),
                ('kind', fields.CharField(max_length=40)),
                ('settings', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'element', 'app': 'models', 'unique_together': (('tenant', 'number'),), 'pk_attr': 'id', 'table_description': 'What stands behind the numbers from 5000 up'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='Extension',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('number', fields.CharField(max_length=4)),
                ('address', fields.CharField(unique=True, max_length=290)),
                ('name', fields.CharField(max_length=70)),
                ('email', fields.CharField(null=True, max_length=254)),
                ('ring_s', fields.IntField()),
            ],
            options={'table': 'extension', 'app': 'models', 'unique_together': (('tenant', 'number'),), 'pk_attr': 'id', 'table_description': 'People who can be called'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='Device',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('extension', fields.ForeignKeyField('models.Extension', source_field='extension_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('name', fields.CharField(max_length=32)),
                ('endpoint', fields.CharField(unique=True, max_length=290)),
                ('digest_md5', fields.CharField(max_length=32)),
                ('digest_sha256', fields.CharField(max_length=64)),
                ('sealed_password', fields.TextField(unique=False)),
                ('caller_name', fields.CharField(null=True, max_length=70)),
            ],
            options={'table': 'device', 'app': 'models', 'unique_together': (('tenant', 'name'),), 'pk_attr': 'id', 'table_description': 'Phones'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='JournalEntry',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('call_id', fields.CharField(max_length=150)),
                ('seq', fields.IntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('what', fields.CharField(max_length=40)),
                ('element', fields.CharField(null=True, max_length=80)),
                ('exit', fields.CharField(null=True, max_length=80)),
                ('reason', fields.TextField(unique=False)),
                ('facts', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'journal_entry', 'app': 'models', 'unique_together': (('call_id', 'seq'),), 'indexes': [Index(fields=['tenant_id'])], 'pk_attr': 'id', 'table_description': 'What happened in calls, step by step'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='Sound',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=64)),
                ('duration_s', fields.FloatField()),
                ('source_rate_hz', fields.IntField()),
                ('sha256', fields.CharField(max_length=64)),
                ('warnings', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'sound', 'app': 'models', 'unique_together': (('tenant', 'name'),), 'pk_attr': 'id', 'table_description': 'Uploaded prompts'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='TenantAlias',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('domain', fields.CharField(unique=True, max_length=253)),
            ],
            options={'table': 'tenant_alias', 'app': 'models', 'indexes': [Index(fields=['tenant_id'])], 'pk_attr': 'id', 'table_description': 'Other domains and addresses of tenants'},
            bases=['TenantRow'],
        ),
    ]
