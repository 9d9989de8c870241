"""Throws switches for calls: what a caller dials works for the next call, and stays."""

from __future__ import annotations

from datetime import datetime

from models import provisioning
from models.provisioning.authorship import changes_by
from stasis_apps.call import Position
from stasis_apps.services.patience import change_while_a_caller_waits


class StoredSwitches:
    """The switches of all tenants, as they stand in the database."""

    async def throw(
        self,
        tenant: str,
        number: str,
        position: Position | None,
        by: str,
        until_at: datetime | None,
    ) -> None:
        """Force an element open or closed, until a moment; None leaves it to the plan again.

        Raises:
            ModelsError: The element has gone, or the database is away or too slow for a caller; the
                switch stays as it is.
        """
        with changes_by(f"caller {by}" if by else "a caller who hides their number", "by phone"):
            await change_while_a_caller_waits(
                lambda: _throw(tenant, number, position, by, until_at)
            )


async def _throw(
    tenant: str, number: str, position: Position | None, by: str, until_at: datetime | None
) -> None:
    if position is None:
        await provisioning.clear_switch(tenant=tenant, number=number)
    else:
        await provisioning.set_switch(
            tenant=tenant, number=number, position=position.value, until_at=until_at, by=by
        )
