"""Rows of one table made equal to what they shall be; only what differs is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar, cast

from models.base import TenantRow
from models.provisioning.finding import every
from models.tenant import Tenant

Columns = Mapping[str, Any]  # JSON border: some columns hold JSON
"""What stands in a row, by column; what is not named stays."""

_AnyRow = TypeVar("_AnyRow", bound=TenantRow)

_AT_ONCE: Final = 500


class OwnRows:
    """The rows of one tenant, table by table."""

    def __init__(self, owner: Tenant, *, is_new: bool) -> None:
        """Stand before the tables.

        Args:
            owner: Whose rows.
            is_new: It has none yet, and nobody needs to look.
        """
        self.owner, self.is_new = owner, is_new
        self._written: dict[type[TenantRow], list[TenantRow]] = {}

    async def there(self, table: type[_AnyRow]) -> list[_AnyRow]:
        """The rows as they are."""
        return [] if self.is_new else await every(table.of(self.owner))

    async def make_equal(
        self,
        table: type[TenantRow],
        wanted: Mapping[Any, Columns],
        *,
        key: str,
        keeps_others: bool = False,
    ) -> None:
        """Create, change and remove rows until they are as wanted.

        Args:
            table: Which.
            wanted: The rows, by what tells them apart.
            key: The column that does.
            keeps_others: Leave rows that nobody wants to `remove_others`: something rests on them.
        """
        there = {getattr(row, key): row for row in await self.there(table)}
        if not keeps_others:
            await _remove(table, [row.pk for name, row in there.items() if name not in wanted])
        for name in wanted:
            if name in there:
                await _change(there[name], wanted[name])
        new = [name for name in wanted if name not in there]
        rows = [table(tenant_id=self.owner.id, **{key: name}, **wanted[name]) for name in new]
        if rows:
            await table.bulk_create(rows, batch_size=_AT_ONCE)
        self._written[table] = [*(there[name] for name in wanted if name in there), *rows]

    def written(self, table: type[_AnyRow]) -> list[_AnyRow]:
        """The rows as `make_equal` has left them; those it has made do not know their ids."""
        return cast("list[_AnyRow]", self._written[table])

    async def ids(self, table: type[TenantRow], key: str) -> dict[Any, int]:
        """The ids of the rows as they are now, by what tells them apart."""
        rows = await every(table.of(self.owner).only("id", key))
        return {getattr(row, key): row.pk for row in rows}

    async def remove_others(
        self, table: type[TenantRow], wanted: Iterable[Any], *, key: str
    ) -> None:
        """Remove the rows that nobody wants.

        Args:
            table: Which.
            wanted: What tells those that stay from the others.
            key: The column that it stands in.
        """
        if not self.is_new:
            stay, there = set(wanted), await self.ids(table, key)
            await _remove(table, [row for name, row in there.items() if name not in stay])


async def _remove(table: type[TenantRow], ids: Sequence[int]) -> None:
    rest = iter(ids)
    while some := list(islice(rest, _AT_ONCE)):
        await table.filter(id__in=some).delete()


async def _change(row: TenantRow, columns: Columns) -> None:
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    if changed:
        await row.save(update_fields=changed)
