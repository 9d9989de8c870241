"""The rows of a tenant that a command speaks of: as they are, as they were, as a file has them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from models import provisioning
from models.errors import NotFound
from models.facts import TenantFacts, TenantRows
from models.provisioning.revisions import document_at
from models.tenant_file.document import rows_of_document
from models.tenant_file.reading import KindSchemas, file_of_document, read_tenant_file
from stasis_apps.element import known_elements


def kind_schemas() -> KindSchemas:
    """What the settings of each kind of element look like."""
    return {name: kind.schema for name, kind in known_elements().items()}


async def rows_of_file(file: Path) -> TenantRows:
    """A tenant as a file says it shall be; the database is not asked.

    Raises:
        FaultyFile: It is no tenant file.
    """
    read = await asyncio.to_thread(read_tenant_file, file, kind_schemas())
    return rows_of_document(read, None)


async def rows_at_revision(tenant: TenantFacts, revision: int) -> tuple[TenantRows, bool]:
    """A tenant as it was when a call came in, and whether that is known; else as it is now.

    Args:
        tenant: Whose.
        revision: Of the plan on which the call ran.
    """
    now = await provisioning.read_plan_rows(tenant.id)
    if now.tenant.revision == revision:
        return now, True
    try:
        document = await document_at(tenant=tenant.name, revision=revision)
    except NotFound:
        return now, False
    file = file_of_document(document, file=Path(tenant.name), kinds=kind_schemas())
    rows = rows_of_document(file, now)
    return replace(rows, tenant=replace(rows.tenant, revision=revision)), True
