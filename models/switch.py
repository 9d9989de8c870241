"""Switch: which way somebody has thrown the switch at an element."""

from tortoise import fields

from models.base import TenantRow


class Switch(TenantRow):
    """``open`` or ``closed``, against what the element would decide; no row: as it decides."""

    id = fields.IntField(primary_key=True)
    number = fields.CharField(max_length=6)
    position = fields.CharField(max_length=8)
    until_at = fields.DatetimeField(null=True)
    set_by = fields.CharField(max_length=80)
    set_at = fields.DatetimeField()

    class Meta:
        """Its table."""

        table = "switch"
        table_description = "Switches that somebody has thrown"
        unique_together = (("tenant", "number"),)
