"""What an upgrade of the tables writes: tenants older than revisions, from where trunks call."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from models.database import failures_named
from models.provisioning.reading import rows_of
from models.provisioning.secret_marks import marks_of
from models.provisioning.trunk_claims import write_missing_claims
from models.revision import Revision, Snapshot
from models.tenant import Tenant
from models.tenant_file.document import document_of

WHO: Final = "the upgrade"
NOTE: Final = "as it was before revisions were kept"

_AT_ONCE: Final = 100
"""So many tenants are held in memory."""


async def after_upgrade() -> None:
    """Fill what an older version has not written; belongs into the transaction of the upgrade."""
    await write_baselines()
    with failures_named("The database"):
        await write_missing_claims()


async def write_baselines() -> None:
    """Write down every tenant of which no revision is known, for the next change to start from.

    Belongs into the transaction that upgrades the tables: then no change can come before it,
    whoever makes it, and nobody who throws a switch has to wait for it. The revision has the number
    of the tenant's latest change, for that is what left it so, and calls tell that number.
    """
    with failures_named("The database"):
        known = {one.tenant_id for one in await Snapshot.all().only("id", "tenant_id")}
        tenants = [one for one in await Tenant.all().order_by("id") if one.id not in known]
        for start in range(0, len(tenants), _AT_ONCE):
            some = tenants[start : start + _AT_ONCE]
            await Snapshot.bulk_create([await _snapshot(one) for one in some])
            await Revision.bulk_create(map(_revision, some))


async def _snapshot(tenant: Tenant) -> Snapshot:
    document = dict(document_of(await rows_of(tenant)))
    marks = await marks_of(tenant)
    return Snapshot(tenant=tenant, revision=tenant.revision, document=document, marks=marks)


def _revision(tenant: Tenant) -> Revision:
    """A revision that changes nothing: the way back ends at it, and the snapshot tells the rest."""
    at = datetime.now(UTC)
    return Revision(
        tenant=tenant, revision=tenant.revision, at=at, who=WHO, what="", patch={}, notes=[NOTE]
    )
