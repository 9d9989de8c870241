"""Throws switches for calls: what a caller dials works for the next call, and stays."""

from __future__ import annotations

from datetime import datetime

from models import provisioning
from stasis_apps.call import Position


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
            ModelsError: The element has gone, or the database is away.
        """
        if position is None:
            await provisioning.clear_switch(tenant=tenant, number=number)
        else:
            await provisioning.set_switch(
                tenant=tenant, number=number, position=position.value, until_at=until_at, by=by
            )
