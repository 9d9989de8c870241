"""TrunkClaim: a place by which a trunk is known, where it is quickly found."""

from tortoise import fields
from tortoise.indexes import Index

from models.base import TenantRow
from models.trunk import Trunk


class TrunkClaim(TenantRow):
    """An address, a network or a name, as `trunk_places.place_key` writes it.

    Follows from the trunk; nobody looks here but who asks whether another trunk has a place.
    """

    id = fields.BigIntField(primary_key=True)
    trunk: fields.ForeignKeyRelation[Trunk] = fields.ForeignKeyField(
        "models.Trunk", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    trunk_id: int
    place = fields.CharField(max_length=260)
    may_be_shared = fields.BooleanField()

    class Meta:
        """Its table."""

        table = "trunk_claim"
        table_description = "The places by which trunks are known"
        indexes = (Index(fields=("tenant_id",)), Index(fields=("place", "may_be_shared")))
