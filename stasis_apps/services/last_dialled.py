"""What each phone dialled last, for those who want to dial it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from models.call_log import dialled_by
from models.errors import ModelsError
from stasis_apps.plan import NumberPlan
from stasis_apps.services.patience import while_a_caller_waits

REMEMBERED_DAYS: Final = 30
"""What was dialled longer ago is nobody's last call any more."""

log = structlog.get_logger(__name__)


class LastDialled:
    """Keeps it in memory while the process runs; what was before stands in the call records."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str], tuple[datetime, str]] = {}

    def keep(self, tenant_id: int, device: str, dialled: str) -> None:
        """This phone has just dialled this; a phone is known by its name within its tenant."""
        self._kept[tenant_id, device] = datetime.now(UTC), dialled

    async def number(self, plan: NumberPlan, device: str) -> str:
        """The number that a phone dialled last, as it sent it; empty for none.

        What another phone of that name dialled, which is gone, is not this one's.
        """
        phone = plan.phone(device)
        since = phone.created_at if phone else None
        latest = await self.of(plan.tenant.id, device, since=since) if device else ()
        return next((one for one in latest if plan.dialled(one).is_number), "")

    async def of(
        self, tenant_id: int, device: str, *, since: datetime | None = None
    ) -> Sequence[str]:
        """What the phone dialled, as it sent it, the latest first; codes may be among it.

        A database that is away remembers nothing, and no caller waits long for it.

        Args:
            tenant_id: Whose phone.
            device: Its name.
            since: When it was set up, where that is known.
        """
        kept_at, kept = self._kept.get((tenant_id, device), (None, ""))
        if kept_at is not None and (since is None or kept_at >= since):
            return (kept,)
        remembered = datetime.now(UTC) - timedelta(days=REMEMBERED_DAYS)
        since = max(remembered, since or remembered)
        recorded = dialled_by(tenant_id=tenant_id, device=device, since=since)
        try:
            return await while_a_caller_waits(recorded)
        except ModelsError as fault:
            log.warning("last_dialled_unknown", device=device, fault=str(fault))
            return ()
