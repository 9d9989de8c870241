"""The calls that trunks have refused, found in the journals of the latest calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.call_record import CallRecord
from models.database import failures_named
from models.journal import JournalEntry
from models.provisioning.finding import tenant_called

LEG_ENDED: Final = "leg_ended"
"""The step in a journal that says how ringing a phone or outside number ended."""

REFUSED: Final = "refused"
"""The fact of such a step that says that the trunk refused the call; ``sip`` says how."""

LATEST_CALLS: Final = 1_000
LATEST_LEGS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkRefusal:
    """A call that the other end of a trunk did not take.

    Attributes:
        trunk: The trunk's name.
        status: The SIP status it answered.
        at: When.
    """

    trunk: str
    status: int
    at: datetime


async def last_refusals(*, tenant: str) -> Mapping[str, TrunkRefusal]:
    """Find the newest refusal of each trunk, by its name, among the tenant's latest calls.

    Both queries are bounded, and served by indexes: a busy tenant is told of the last hours only.

    Raises:
        NotFound: There is no such tenant.
    """
    owner = await tenant_called(tenant)
    with failures_named("The database"):
        latest = CallRecord.of(owner).order_by("-started_at").limit(LATEST_CALLS)
        call_ids = [call_id for (call_id,) in await latest.values_list("id")]
        rows = (
            await JournalEntry.of(owner)
            .filter(call_id__in=call_ids, what=LEG_ENDED)
            .order_by("-at", "-id")
            .limit(LATEST_LEGS)
        )
    found: dict[str, TrunkRefusal] = {}
    for row in rows:
        trunk = str(row.facts.get("trunk", ""))
        if row.facts.get(REFUSED) and trunk not in found:
            status = int(str(row.facts["sip"]))
            found[trunk] = TrunkRefusal(trunk=trunk, status=status, at=row.at)
    return found
