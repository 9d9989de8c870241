"""Rows found by what people call them, and the lock that everybody who changes rows waits for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from tortoise.exceptions import ValidationError
from tortoise.queryset import QuerySet

from models.base import Row
from models.database import failures_named, transaction
from models.errors import NotFound
from models.tenant import ChangeCounter, Tenant

_AnyRow = TypeVar("_AnyRow", bound=Row)

THE_COUNTER: Final = 1
"""The only row of `ChangeCounter`."""


@asynccontextmanager
async def standing_still() -> AsyncIterator[None]:
    """Let nobody else change any configuration inside the block, which is one transaction."""
    async with transaction():
        await ChangeCounter.select_for_update().get(id=THE_COUNTER)
        yield


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
