"""When each phone was set up: what another of its name dialled before is not its to dial again."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0010_trunk_claims")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Device", name="created_at", field=fields.DatetimeField(null=True)
        ),
    ]
