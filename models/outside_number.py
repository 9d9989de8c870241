"""OutsideNumber: a number that outsiders dial, and where it has led so far."""

from tortoise import fields
from tortoise.indexes import Index

from models.base import TenantRow
from models.trunk import Trunk


class OutsideNumber(TenantRow):
    """A number that belongs to a trunk and leads to one target."""

    id = fields.IntField(primary_key=True)
    number = fields.CharField(max_length=32)
    digits = fields.CharField(max_length=15)
    trunk: fields.ForeignKeyRelation[Trunk] = fields.ForeignKeyField(
        "models.Trunk", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    trunk_id: int
    target = fields.CharField(max_length=16)
    label = fields.CharField(max_length=70)

    class Meta:
        """Its table."""

        table = "outside_number"
        table_description = "Numbers that outsiders dial"
        unique_together = (("tenant", "digits"),)


class PastAssignment(TenantRow):
    """Since when a number led where: what a person looks up to put it back.

    Names the number and the trunk by what they were called, because both may be gone.
    """

    id = fields.IntField(primary_key=True)
    digits = fields.CharField(max_length=15)
    trunk = fields.CharField(max_length=70)
    target = fields.CharField(max_length=16)
    assigned_at = fields.DatetimeField()

    class Meta:
        """Its table."""

        table = "past_assignment"
        table_description = "Where numbers have led"
        indexes = (Index(fields=("tenant_id", "digits")),)
