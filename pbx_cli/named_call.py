"""The call that a command speaks of: by its id, or the last one."""

from __future__ import annotations

from typing import Final

from models import call_log, provisioning
from models.call_log import RecordedCall
from models.errors import NotFound

LAST: Final = "last"


async def named_call(name: str, tenant: str | None) -> RecordedCall:
    """Find a call by its id, or by the word ``last`` the one that began latest.

    Args:
        name: The id, or ``last``.
        tenant: Of this tenant only; None for all.

    Raises:
        NotFound: There is no such tenant, or no such call in it.
    """
    if name != LAST:
        return await call_log.show_call(call_id=name, tenant=tenant)
    if tenant is not None:
        await provisioning.get_tenant(name=tenant)
    for call in await call_log.list_calls(tenant=tenant, limit=1):
        return call
    raise NotFound("There are no calls yet")
