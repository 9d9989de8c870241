"""The transaction every change runs in, and the number it leaves behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from tortoise.exceptions import ValidationError
from tortoise.expressions import F
from tortoise.queryset import QuerySet

from models.base import Row
from models.database import failures_named, transaction
from models.errors import NotFound
from models.tenant import ChangeCounter, Tenant

_AnyRow = TypeVar("_AnyRow", bound=Row)

_THE_ROW = 1


@asynccontextmanager
async def changing() -> AsyncIterator[None]:
    """Change configuration inside the block: all of it or nothing, and nobody else meanwhile.

    Blocks may stand inside one another; the outermost is the transaction. Everybody who changes
    anything waits here for the one before, which makes "is this number free?" a question with a
    lasting answer, and lets revisions become visible in their order.
    """
    async with transaction():
        await ChangeCounter.select_for_update().get(id=_THE_ROW)
        yield


async def next_revision() -> int:
    """Number the change that is being made; inside `changing` only."""
    await ChangeCounter.filter(id=_THE_ROW).update(value=F("value") + 1)
    counter = await ChangeCounter.get(id=_THE_ROW)
    return counter.value


async def stamp(tenant: Tenant) -> None:
    """Tell everybody who keeps this tenant's plan in memory that it has changed."""
    tenant.revision = await next_revision()
    await tenant.save(update_fields=["revision"])


async def only(rows: QuerySet[_AnyRow], **named: object) -> _AnyRow | None:
    """Find one row by what it is called, or none.

    A name that does not fit its column belongs to nobody; Tortoise calls it invalid.
    """
    try:
        with failures_named("The database"):
            return await rows.get_or_none(**named)
    except ValidationError:
        return None


async def every(rows: QuerySet[_AnyRow]) -> list[_AnyRow]:
    """Read all rows that answer a question."""
    with failures_named("The database"):
        return await rows


async def tenant_called(name: str) -> Tenant:
    """Find the tenant.

    Raises:
        NotFound: There is none of that name.
    """
    tenant = await only(Tenant.all(), name=name)
    if tenant is None:
        raise NotFound(f"There is no tenant called {name}")
    return tenant
