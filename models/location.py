"""Where phones stand, and which address help is sent to when one of them dials for it."""

from tortoise import fields
from tortoise.indexes import Index

from models.base import TenantRow
from models.outside_number import OutsideNumber


class EmergencyAddress(TenantRow):
    """The address that is on record with one of the tenant's numbers (an E911 record, say).

    Whoever answers an emergency call sees this number and looks the address up by it.
    """

    id = fields.IntField(primary_key=True)
    number: fields.ForeignKeyRelation[OutsideNumber] = fields.ForeignKeyField(
        "models.OutsideNumber", related_name=False, on_delete=fields.CASCADE
    )
    number_id: int
    party = fields.CharField(max_length=70)
    street = fields.CharField(max_length=120)
    city = fields.CharField(max_length=80)
    region = fields.CharField(max_length=80)
    postal_code = fields.CharField(max_length=16)
    country = fields.CharField(max_length=2)

    class Meta:
        """Its table: a number has one address."""

        table = "emergency_address"
        table_description = "Addresses that are on record with numbers"
        unique_together = (("tenant", "number"),)


class Location(TenantRow):
    """A place where phones stand: a floor, a branch, a home office.

    ``number`` is what its phones show in emergency calls; None for their ordinary caller id.
    ``detail`` helps those who come to find it (third floor, door on the left).
    """

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=70)
    detail = fields.CharField(max_length=200)
    number: fields.ForeignKeyNullableRelation[OutsideNumber] = fields.ForeignKeyField(
        "models.OutsideNumber", related_name=False, on_delete=fields.SET_NULL, null=True
    )
    number_id: int | None
    is_default = fields.BooleanField()

    class Meta:
        """Its table."""

        table = "location"
        table_description = "Where phones stand"
        unique_together = (("tenant", "name"),)


class EmergencyLine(TenantRow):
    """How Asterisk reaches an emergency number alone, while the application is away.

    ``address`` is ``112@acme.test``; ``dials`` what `models.emergency_lines` writes: one trunk
    after the other, parted by ``&``, each with its fields parted by ``|``. Made anew by
    provisioning whenever anything that it rests on changes.
    """

    id = fields.IntField(primary_key=True)
    address = fields.CharField(max_length=290, unique=True)
    dials = fields.TextField()

    class Meta:
        """Its table; the index serves the removal of a tenant."""

        table = "emergency_line"
        table_description = "Emergency numbers as Asterisk dials them alone"
        indexes = (Index(fields=("tenant_id",)),)
