"""Trunk: a line to a carrier or to another exchange."""

from tortoise import fields

from models.base import TenantRow


class Trunk(TenantRow):
    """A SIP account at a carrier, or a neighbour known by address; `TrunkFacts` tells each field.

    Asterisk does not read this table: the application tells it, so that the password is stored
    sealed and a registration begins without a reload.
    """

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=70)
    endpoint = fields.CharField(max_length=14, unique=True)
    preset = fields.CharField(max_length=64)
    registration = fields.CharField(max_length=8)
    host = fields.CharField(max_length=253)
    port = fields.IntField(null=True)
    transport = fields.CharField(max_length=3)
    proxy = fields.CharField(max_length=260)
    username = fields.CharField(max_length=128)
    auth_username = fields.CharField(max_length=128)
    sealed_password = fields.TextField()
    from_user = fields.CharField(max_length=128)
    from_domain = fields.CharField(max_length=253)
    addresses: fields.JSONField[list[str]] = fields.JSONField()
    max_channels = fields.IntField()
    forward_via_same = fields.BooleanField()
    is_default = fields.BooleanField()
    caller_id = fields.CharField(max_length=32)
    passes_caller_id = fields.BooleanField()
    number_source = fields.CharField(max_length=64)
    caller_source = fields.CharField(max_length=64)
    codecs: fields.JSONField[list[str]] = fields.JSONField()
    expires_s = fields.IntField()
    qualify_s = fields.IntField()
    is_enabled = fields.BooleanField()
    patience_s = fields.IntField(db_default=12)
    final_codes: fields.JSONField[list[int]] = fields.JSONField(db_default="[]")
    caller_id_format = fields.CharField(max_length=16, db_default="as_written")
    forwarded_by = fields.CharField(max_length=16, db_default="diversion")
    encryption = fields.CharField(max_length=8, db_default="off")

    class Meta:
        """Its table."""

        table = "trunk"
        table_description = "Lines to carriers and other exchanges"
        unique_together = (("tenant", "name"),)
