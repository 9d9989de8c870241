"""The transaction every change runs in, and the number it leaves behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from tortoise.expressions import F

from models.provisioning.finding import THE_COUNTER, standing_still
from models.provisioning.revising import Known, Touched, write_revisions
from models.tenant import ChangeCounter, Tenant

_UNDER_WAY: ContextVar[dict[int, Touched] | None] = ContextVar("change_under_way", default=None)
"""What the change that is being made has touched so far, by tenant."""


@asynccontextmanager
async def changing() -> AsyncIterator[None]:
    """Change configuration inside the block: all of it or nothing, and nobody else meanwhile.

    Blocks may stand inside one another; the outermost is the transaction, and one revision of each
    tenant that it has stamped. Everybody who changes anything waits here for the one before, which
    makes "is this number free?" a question with a lasting answer, and lets revisions become visible
    in their order.
    """
    async with standing_still():
        if _UNDER_WAY.get() is not None:
            yield
            return
        touched: dict[int, Touched] = {}
        token = _UNDER_WAY.set(touched)
        try:
            yield
        finally:
            _UNDER_WAY.reset(token)
        await write_revisions(touched)


async def next_revision() -> int:
    """Number the change that is being made; inside `changing` only."""
    await ChangeCounter.filter(id=THE_COUNTER).update(value=F("value") + 1)
    counter = await ChangeCounter.get(id=THE_COUNTER)
    return counter.value


async def stamp(tenant: Tenant, *, only_noted: str = "") -> None:
    """Tell everybody who keeps this tenant's plan in memory that it has changed.

    Args:
        tenant: Whose; a row that is not written yet is written.
        only_noted: What has changed, as a sentence, when it stands in no tenant file (a switch):
            the revision tells it, and nobody looks for more.
    """
    tenant.revision = await next_revision()
    await tenant.save(update_fields=["revision"] if tenant.id else None)
    touched = _touched(tenant)
    touched.known = None
    if only_noted:
        touched.notes.append(only_noted)
    else:
        touched.may_differ = True


def applied_from(tenant: Tenant, fingerprint: str) -> None:
    """Remember which file a tenant is equal to when this change is done; inside `changing` only.

    The next change that makes it unequal forgets it.
    """
    _touched(tenant).fingerprint = fingerprint


def written_whole(known: Known) -> None:
    """Spare the revision of this change to read a tenant; inside `changing` only.

    Whoever stamps the tenant after this changes it once more, and it is read after all.
    """
    _touched(known.tenant).known = known


def _touched(tenant: Tenant) -> Touched:
    under_way = _UNDER_WAY.get()
    if under_way is None:
        raise RuntimeError("configuration is changed inside `changing` only")
    return under_way.setdefault(tenant.id, Touched())
