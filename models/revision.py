"""Revision: one change of a tenant; Snapshot: the tenant's document as of the latest one."""

from typing import Any

from tortoise import fields

from models.base import TenantRow


class Revision(TenantRow):
    """What one change made of a tenant, and who made it.

    ``revision`` is the value of the change counter, the same that stands in `Tenant` and in call
    records. ``patch`` is a `models.tenant_file.patch.Patch`; ``notes`` are sentences about what
    stands in no document ("the password of device 100 was changed"). ``secrets`` keeps, sealed or
    hashed as they were, the passwords and PINs of what this change removed.
    """

    id: fields.Field[int] = fields.BigIntField(primary_key=True)
    revision: fields.Field[int] = fields.BigIntField()
    at = fields.DatetimeField()
    who = fields.CharField(max_length=128)
    what = fields.CharField(max_length=255)
    patch: fields.JSONField[dict[str, Any]] = fields.JSONField()
    notes: fields.JSONField[list[str]] = fields.JSONField(db_default="[]")
    secrets: fields.JSONField[dict[str, Any]] = fields.JSONField(db_default="{}")

    class Meta:
        """Its table."""

        table = "tenant_revision"
        table_description = "What was changed, when and by whom"
        unique_together = (("tenant", "revision"),)


class Snapshot(TenantRow):
    """A tenant's document as its latest revision left it; ``fingerprint`` is of the file applied.

    ``marks`` are its secrets, sealed and hashed as they are stored where they are used: by them
    their change is noticed, and what is removed can be given its own again.
    """

    id = fields.IntField(primary_key=True)
    revision: fields.Field[int] = fields.BigIntField()
    document: fields.JSONField[dict[str, Any]] = fields.JSONField()
    marks: fields.JSONField[dict[str, Any]] = fields.JSONField(db_default="{}")
    fingerprint = fields.CharField(max_length=64, db_default="")

    class Meta:
        """Its table; one row per tenant."""

        table = "tenant_snapshot"
        table_description = "Tenants as their latest change left them"
        unique_together = (("tenant",),)
