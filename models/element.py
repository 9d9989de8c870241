"""Element: what stands behind an internal number from 5000 up."""

from tortoise import fields

from models.base import TenantRow


class Element(TenantRow):
    """A greeting, a group, a queue …: only the kind knows what ``settings`` may hold."""

    id = fields.IntField(primary_key=True)
    number = fields.CharField(max_length=6)
    kind = fields.CharField(max_length=40)
    settings: fields.JSONField[dict[str, object]] = fields.JSONField()

    class Meta:
        """Its table."""

        table = "element"
        table_description = "What stands behind the numbers from 5000 up"
        unique_together = (("tenant", "number"),)
