"""Tenant: whose telephone system it is; its SIP domain, its other addresses, its revision."""

from tortoise import fields
from tortoise.indexes import Index

from models.base import Row, TenantRow


class Tenant(Row):
    """One customer of the exchange.

    ``revision`` is the value of the change counter when anything of the tenant last changed.
    ``state`` is ``trial``, ``active`` or ``blocked``. ``stranger_id`` (``anonymous@acme.test``) is
    the endpoint that Asterisk finds for a user who does not exist; a real column, because it is
    looked up by. ``caller_id`` is what calls out show when nobody else says; ``outside`` holds what
    differs from the defaults of `OutsidePolicy`. ``route_tests`` are the ``tests`` of the tenant's
    file, ``silenced`` the findings of the lint that somebody has read and accepted.
    """

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=63, unique=True)
    domain = fields.CharField(max_length=253, unique=True)
    stranger_id = fields.CharField(max_length=290, unique=True)
    timezone = fields.CharField(max_length=64)
    country = fields.CharField(max_length=2)
    language = fields.CharField(max_length=2)
    state = fields.CharField(max_length=16)
    caller_id = fields.CharField(max_length=32, db_default="")
    outside: fields.JSONField[dict[str, object]] = fields.JSONField(db_default="{}")
    emergency_trunk_ids: fields.JSONField[list[int]] = fields.JSONField(db_default="[]")
    route_tests: fields.JSONField[list[dict[str, object]]] = fields.JSONField(db_default="[]")
    silenced: fields.JSONField[list[dict[str, object]]] = fields.JSONField(db_default="[]")
    revision: fields.Field[int] = fields.BigIntField(db_index=True)

    class Meta:
        """Its table."""

        table = "tenant"
        table_description = "Customers of the exchange"


class TenantAlias(TenantRow):
    """Another domain or address under which phones find the tenant, unique over all."""

    id = fields.IntField(primary_key=True)
    domain = fields.CharField(max_length=253, unique=True)

    class Meta:
        """Its table; the index serves the removal of a tenant."""

        table = "tenant_alias"
        table_description = "Other domains and addresses of tenants"
        indexes = (Index(fields=("tenant_id",)),)


class RemovedTenant(Row):
    """Tells those who keep plans in memory that a tenant is gone, and since which revision."""

    tenant_id = fields.IntField(primary_key=True, generated=False)
    revision: fields.Field[int] = fields.BigIntField(db_index=True)

    class Meta:
        """Its table."""

        table = "removed_tenant"
        table_description = "Tenants that are gone, and since which revision"


class ChangeCounter(Row):
    """One row: the number of the latest change. Whoever changes anything locks it first.

    Because of the lock a higher revision is never visible before a lower one, so a reader that asks
    for everything after the highest revision it has seen misses nothing.
    """

    id = fields.IntField(primary_key=True, generated=False)
    value: fields.Field[int] = fields.BigIntField()

    class Meta:
        """Its table."""

        table = "change_counter"
        table_description = "The number of the latest change"
