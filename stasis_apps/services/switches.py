"""Throws switches for calls: what a caller dials works for the next call, and stays."""

from __future__ import annotations

from datetime import datetime

from models import provisioning
from models.provisioning.authorship import changes_by
from stasis_apps.call import Position
from stasis_apps.services.patience import while_a_caller_waits


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
            ModelsError: The element has gone, or the database is away or too slow for a caller; a
                switch may be thrown after that all the same, when it answers at last.
        """
        await while_a_caller_waits(_throw(tenant, number, position, by, until_at))


async def _throw(
    tenant: str, number: str, position: Position | None, by: str, until_at: datetime | None
) -> None:
    with changes_by(f"caller {by}" if by else "a caller who hides their number", "by phone"):
        if position is None:
            await provisioning.clear_switch(tenant=tenant, number=number)
        else:
            await provisioning.set_switch(
                tenant=tenant, number=number, position=position.value, until_at=until_at, by=by
            )
