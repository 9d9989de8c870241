"""Revisions read: a tenant's history, and what the tenant was at any moment of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tortoise.queryset import QuerySet

from models.errors import NotFound
from models.provisioning.finding import every, only, tenant_called
from models.revision import Revision, Snapshot
from models.tenant import Tenant
from models.tenant_file.parts import Document
from models.tenant_file.patch import Patch, undone


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionFacts:
    """One change of a tenant.

    Attributes:
        revision: Its number; numbers of one tenant have gaps, for all tenants share one counter.
        at: When.
        who: Who made it.
        what: By which command.
        patch: What it changed in the tenant's document.
        notes: What it changed besides, one sentence each.
    """

    revision: int
    at: datetime
    who: str
    what: str
    patch: Patch = field(default_factory=dict)
    notes: Sequence[str] = ()


async def history(*, tenant: str, limit: int = 100) -> list[RevisionFacts]:
    """A tenant's revisions, newest first.

    Raises:
        NotFound: There is no such tenant.
    """
    owner = await tenant_called(tenant)
    rows = await every(Revision.of(owner).order_by("-revision").limit(limit))
    return [_facts(row) for row in rows]


async def document_at(*, tenant: str, revision: int) -> Document:
    """The tenant's document as a revision left it.

    A number between two revisions means the one before it, so that the number of a call's record
    can be given.

    Raises:
        NotFound: There is no such tenant, or it had no document then.
    """
    owner = await tenant_called(tenant)
    first = await every(Revision.of(owner).order_by("revision").limit(1).only("id", "revision"))
    snapshot = await only(Snapshot.of(owner), tenant_id=owner.id)
    if snapshot is None or not first:
        raise NotFound(f"Tenant {tenant} has no revisions yet: its next change is the first")
    if not first[0].revision <= revision <= owner.revision:
        known = f"its revisions go from {first[0].revision} to {owner.revision}"
        raise NotFound(f"Tenant {tenant} has no revision {revision}: {known}")
    document = snapshot.document
    for row in await every(_after(owner, revision).order_by("-revision")):
        document = undone(document, row.patch)
    return document


async def lost_secrets(*, tenant: str, since: int) -> Mapping[str, Mapping[str, str]]:
    """Passwords (sealed) and PINs (hashed) of what was removed after a revision.

    By section (``devices``, ``trunks``, ``rules``, ``boxes``) and name. What was removed more than
    once has the secret with which it went the first time. Secrets that were changed are not kept,
    so that need not be the one of the revision.

    Raises:
        NotFound: There is no such tenant.
    """
    owner = await tenant_called(tenant)
    lost: dict[str, dict[str, str]] = {}
    for row in await every(_after(owner, since).order_by("revision")):
        for section, secrets in row.secrets.items():
            lost[section] = secrets | lost.get(section, {})
    return lost


def _after(tenant: Tenant, revision: int) -> QuerySet[Revision]:
    return Revision.of(tenant).filter(revision__gt=revision)


def _facts(row: Revision) -> RevisionFacts:
    return RevisionFacts(
        revision=row.revision,
        at=row.at,
        who=row.who,
        what=row.what,
        patch={
            section: {name: (before, after) for name, (before, after) in entries.items()}
            for section, entries in row.patch.items()
        },
        notes=tuple(row.notes),
    )
