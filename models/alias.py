"""Alias: a name for SIP addresses; DirectSip: the addresses that strangers may call."""

from tortoise import fields
from tortoise.indexes import Index

from models.base import TenantRow


class Alias(TenantRow):
    """A name that leads to a number of the same tenant: ``sip:info@acme.test``."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=64)
    target = fields.CharField(max_length=6)
    allows_direct_sip = fields.BooleanField()

    class Meta:
        """Its table."""

        table = "alias"
        table_description = "Names that lead to numbers"
        unique_together = (("tenant", "name"),)


class DirectSip(TenantRow):
    """One address that anybody on the internet may call, of an alias or a user who opted in.

    Derived from aliases, extensions and domains by `provisioning`. Asterisk looks ``address``
    (``info@acme.test``) up for every call of a stranger: a real column with an index of its own.
    """

    id = fields.IntField(primary_key=True)
    address = fields.CharField(max_length=320, unique=True)

    class Meta:
        """Its table; the index serves the renewal of a tenant's addresses."""

        table = "direct_sip"
        table_description = "Addresses that strangers may call"
        indexes = (Index(fields=("tenant_id",)),)
