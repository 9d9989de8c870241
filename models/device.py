"""Device: one phone with its own SIP login."""

from tortoise import fields

from models.base import TenantRow
from models.extension import Extension
from models.location import Location


class Device(TenantRow):
    """A phone of an extension.

    ``endpoint`` (``100-kitchen@acme.test``) is what Asterisk looks devices up by, several times per
    call: a real column with an index of its own, unique over all tenants. Asterisk sees the digests
    only; ``sealed_password`` is for phone provisioning and for a change of the domain.
    ``created_at`` is None for phones that an older version of this program has set up.
    """

    id = fields.IntField(primary_key=True)
    extension: fields.ForeignKeyRelation[Extension] = fields.ForeignKeyField(
        "models.Extension", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    extension_id: int
    name = fields.CharField(max_length=32)
    endpoint = fields.CharField(max_length=290, unique=True)
    digest_md5 = fields.CharField(max_length=32)
    digest_sha256 = fields.CharField(max_length=64)
    sealed_password = fields.TextField()
    caller_name = fields.CharField(max_length=70, null=True)
    caller_id = fields.CharField(max_length=32, db_default="")
    hides_number = fields.BooleanField(db_default=False)
    encryption = fields.CharField(max_length=8, db_default="off")
    location: fields.ForeignKeyNullableRelation[Location] = fields.ForeignKeyField(
        "models.Location", related_name=False, on_delete=fields.SET_NULL, null=True
    )
    location_id: int | None
    created_at = fields.DatetimeField(null=True)

    class Meta:
        """Its table."""

        table = "device"
        table_description = "Phones"
        unique_together = (("tenant", "name"),)
