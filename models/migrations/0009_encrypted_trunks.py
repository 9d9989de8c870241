"""Whether the sound of a trunk's calls is encrypted."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0008_encryption")]

    operations = [
        ops.AddField(
            model_name="Trunk",
            name="encryption",
            field=fields.CharField(db_default="off", max_length=8),
        ),
    ]
