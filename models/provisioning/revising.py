"""Every change becomes a revision, written in the change's own transaction; asked by `change`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from models.provisioning.authorship import author
from models.provisioning.finding import only
from models.provisioning.reading import rows_of
from models.provisioning.secret_marks import Marks, lost_between, marks_of, notes_about
from models.revision import Revision, Snapshot
from models.tenant import Tenant
from models.tenant_file.document import document_of
from models.tenant_file.parts import Document
from models.tenant_file.patch import Patch, patch_between


@dataclass(frozen=True, slots=True)
class Known:
    """A tenant as it is stored, known to whoever has just written all of it.

    Attributes:
        tenant: Its own row; it is there to stay.
        document: What `document_of` its rows is.
        marks: What `marks_of` it is.
        is_new: It was made by this change.
    """

    tenant: Tenant
    document: Document
    marks: Marks = field(repr=False)
    is_new: bool = False


@dataclass(slots=True)
class Touched:
    """What a change that is being made has done to one tenant so far.

    Attributes:
        may_differ: Whether its document or its secrets may have become others.
        notes: What has changed besides, one sentence each.
        fingerprint: Of the file that has made the tenant what it is now; None when none has.
        known: What the tenant is now; None when it has to be read.
    """

    may_differ: bool = False
    notes: list[str] = field(default_factory=list)
    fingerprint: str | None = None
    known: Known | None = None


async def write_revisions(touched: Mapping[int, Touched]) -> None:
    """Write down what a change has made of tenants; the last thing that its transaction does.

    Args:
        touched: By the id of the tenant; those that are not there (any more) are left out.
    """
    for tenant_id, one in touched.items():
        tenant = one.known.tenant if one.known else await only(Tenant.all(), id=tenant_id)
        if tenant is None:
            continue
        if one.may_differ or not await _follow(tenant, one):
            await _compare(tenant, one)


async def _follow(tenant: Tenant, touched: Touched) -> bool:
    """Write a change that stands in no document; False when there is no document to rest on."""
    news: dict[str, object] = {"revision": tenant.revision}
    if touched.fingerprint is not None:
        news["fingerprint"] = touched.fingerprint
    if not await Snapshot.of(tenant).update(**news):
        return False
    if touched.notes:
        await _write(tenant, {}, touched.notes, {})
    return True


async def _compare(tenant: Tenant, touched: Touched) -> None:
    """Look at the whole tenant, and write what differs from the change before."""
    known = touched.known
    there = None if known and known.is_new else await Snapshot.of(tenant).first()
    snapshot = there or Snapshot(tenant=tenant, document={}, marks={}, fingerprint="")
    now = known or Known(tenant, document_of(await rows_of(tenant)), await marks_of(tenant))
    patch = patch_between(snapshot.document, now.document)
    notes = [*touched.notes, *notes_about(snapshot.marks, now.marks)]
    if patch or notes:
        await _write(tenant, patch, notes, lost_between(snapshot.marks, now.marks))
    if patch or now.marks != snapshot.marks:
        snapshot.document, snapshot.marks = dict(now.document), dict(now.marks)
        snapshot.fingerprint = ""
    snapshot.revision = tenant.revision
    if touched.fingerprint is not None:
        snapshot.fingerprint = touched.fingerprint
    await snapshot.save()


async def _write(
    tenant: Tenant, patch: Patch, notes: Sequence[str], lost: Mapping[str, Mapping[str, str]]
) -> None:
    signed = author()
    await Revision.create(
        tenant=tenant,
        revision=tenant.revision,
        at=datetime.now(UTC),
        who=signed.who,
        what=signed.what,
        patch=dict(patch),
        notes=list(notes),
        secrets=dict(lost),
    )
