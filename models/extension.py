"""Extension: a person's internal number, 100 to 4999."""

from tortoise import fields

from models.base import TenantRow
from models.location import Location


class Extension(TenantRow):
    """A person who can be called; the phones are devices.

    ``address`` (``100@acme.test``) is what Asterisk's own dialplan looks the phones up by while the
    application is away; a real column, because it is looked up by. ``settings`` are those of the
    element kind ``user``.
    """

    id = fields.IntField(primary_key=True)
    number = fields.CharField(max_length=4)
    address = fields.CharField(max_length=290, unique=True)
    name = fields.CharField(max_length=70)
    email = fields.CharField(max_length=254, null=True)
    ring_s = fields.IntField()
    caller_id = fields.CharField(max_length=32, db_default="")
    location: fields.ForeignKeyNullableRelation[Location] = fields.ForeignKeyField(
        "models.Location", related_name=False, on_delete=fields.SET_NULL, null=True
    )
    location_id: int | None
    settings: fields.JSONField[dict[str, object]] = fields.JSONField(db_default="{}")

    class Meta:
        """Its table."""

        table = "extension"
        table_description = "People who can be called"
        unique_together = (("tenant", "number"),)
