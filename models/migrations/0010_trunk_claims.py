"""From where trunks are called, written down with an index; `after_upgrade` fills it."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0009_encrypted_trunks')]

    initial = False

    operations = [
        ops.CreateModel(
            name='TrunkClaim',
            fields=[
                ('tenant', fields.ForeignKeyField('models.Tenant', source_field='tenant_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('trunk', fields.ForeignKeyField('models.Trunk', source_field='trunk_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('place', fields.CharField(max_length=260)),
                ('may_be_shared', fields.BooleanField()),
            ],
            options={'table': 'trunk_claim', 'app': 'models', 'indexes': [Index(fields=['tenant_id']), Index(fields=['place', 'may_be_shared'])], 'pk_attr': 'id', 'table_description': 'The places by which trunks are known'},
            bases=['TenantRow'],
        ),
    ]
