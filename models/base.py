"""What all tables share; `TenantRow.of` is where every question about a tenant's things starts."""

from typing import TYPE_CHECKING, Self

from tortoise import fields
from tortoise.models import Model
from tortoise.queryset import QuerySet

if TYPE_CHECKING:
    from models.tenant import Tenant


class Row(Model):
    """A row of any table."""

    class Meta:
        """No table of its own."""

        abstract = True


class TenantRow(Row):
    """A row that belongs to one tenant and goes when the tenant goes."""

    tenant: fields.ForeignKeyRelation["Tenant"] = fields.ForeignKeyField(
        "models.Tenant", related_name=False, on_delete=fields.CASCADE
    )
    tenant_id: int

    class Meta:
        """No table of its own."""

        abstract = True

    @classmethod
    def of(cls, tenant: "Tenant | int") -> QuerySet[Self]:
        """Ask about this tenant's rows and nobody else's.

        Args:
            tenant: The tenant, or its id.
        """
        return cls.filter(tenant_id=tenant if isinstance(tenant, int) else tenant.id)
