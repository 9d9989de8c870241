"""What tenant files leave behind: revisions, snapshots, route tests, silenced findings."""

from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0006_calls_out')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Revision',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('revision', fields.BigIntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('who', fields.CharField(max_length=128)),
                ('what', fields.CharField(max_length=255)),
                ('patch', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('notes', fields.JSONField(db_default='[]', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('secrets', fields.JSONField(db_default='{}', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'tenant_revision', 'app': 'models', 'unique_together': (('tenant', 'revision'),), 'pk_attr': 'id', 'table_description': 'What was changed, when and by whom'},
            bases=['TenantRow'],
        ),
        ops.CreateModel(
            name='Snapshot',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('revision', fields.BigIntField()),
                ('document', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('marks', fields.JSONField(db_default='{}', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('fingerprint', fields.CharField(db_default='', max_length=64)),
            ],
            options={'table': 'tenant_snapshot', 'app': 'models', 'unique_together': (('tenant',),), 'pk_attr': 'id', 'table_description': 'Tenants as their latest change left them'},
            bases=['TenantRow'],
        ),
        ops.AddField(
            model_name='Tenant',
            name='route_tests',
            field=fields.JSONField(db_default='[]', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddField(
            model_name='Tenant',
            name='silenced',
            field=fields.JSONField(db_default='[]', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
    ]
