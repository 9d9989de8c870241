"""Calendar: holidays that time rules ask about."""

from tortoise import fields

from models.base import TenantRow


class Calendar(TenantRow):
    """Named days, each ``[first, last, name]`` with dates as ISO 8601 writes them."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=64)
    days: fields.JSONField[list[list[str]]] = fields.JSONField()
    covers_until = fields.DateField(null=True)
    source = fields.TextField()

    class Meta:
        """Its table."""

        table = "calendar"
        table_description = "Holidays"
        unique_together = (("tenant", "name"),)
