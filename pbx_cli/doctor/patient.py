"""The doctor's own tenant: made for the first test call, and kept for those to come."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

from models import call_log, provisioning
from pbx_cli.context import Desk
from pbx_cli.doctor.checks import sip_server
from pbx_cli.doctor.findings import Finding, down, up
from pbx_cli.doctor.trial_call import ANSWERED, CallReport, place_call
from pbx_cli.story import ending, tell
from stasis_apps.decisions.ending import Reason

TENANT: Final = "doctor"
DOMAIN: Final = "doctor.invalid"
COUNTRY: Final = "RU"
PHONE: Final = "100"
NUMBER: Final = "5000"
HANG_UP: Final = "5001"
SOUND: Final = "asterisk:hello-world"

LISTEN_S: Final = 8.0
RECORD_LIMIT_S: Final = 5.0
RECORD_PERIOD_S: Final = 0.1
SHORTEST_HEARD_S: Final = 0.5


async def check_by_calling(desk: Desk) -> tuple[Finding, CallReport]:
    """Place one call the way a tenant's phone does, and say what was heard."""
    await _make(desk)
    phone = await provisioning.device_setup(tenant=TENANT, name=PHONE, seal=desk.seal)
    began_at = datetime.now(UTC)
    report = await place_call(
        sip_server(desk.settings),
        user=phone.login,
        domain=phone.domain,
        password=phone.password,
        number=NUMBER,
        listen_s=LISTEN_S,
    )
    trouble = await _trouble(began_at) if report.status == ANSWERED else ""
    return finding_about(report, trouble), report


async def _trouble(began_at: datetime) -> str:
    """What the exchange itself wrote about the call, when it was not as planned."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + RECORD_LIMIT_S
    while clock() < deadline:
        for call in await call_log.list_calls(tenant=TENANT, since=began_at, limit=1):
            if call.ended_at is not None and call.reason == Reason.HUNG_UP_BY_PLAN:
                return ""
            if call.ended_at is not None:
                story = tell(call, await call_log.journal_of(call_id=call.id))
                return "; ".join([one.text for one in story if one.is_bad_news] or [ending(call)])
        await asyncio.sleep(RECORD_PERIOD_S)
    return f"no call record was closed within {RECORD_LIMIT_S:.0f} s"


def finding_about(report: CallReport, trouble: str) -> Finding:
    """What the doctor says about a call; `trouble` is what the exchange itself noted."""
    name = "test call"
    if report.status != ANSWERED:
        return down(name, f"was not answered: {report.words} after {report.set_up_ms:.0f} ms")
    answered = f"answered after {report.set_up_ms:.0f} ms ({report.words})"
    if report.heard_s < SHORTEST_HEARD_S:
        return down(name, f"{answered}, but heard nothing ({report.packets} packets of sound)")
    heard = f"heard {report.heard_s:.1f} s of speech at {report.loudest_dbfs:.0f} dBFS"
    if trouble:
        return down(name, f"{answered}, {heard}, but: {trouble}")
    if not report.was_ended_by_exchange:
        return down(name, f"{answered}, {heard}, but the exchange did not hang up afterwards")
    return up(name, f"{answered}, {heard}, then the exchange hung up as planned")


async def _make(desk: Desk) -> None:
    """Make what is missing; a tenant that came and went would leave a trace with every call."""
    async with provisioning.changing():
        await provisioning.create_tenant(
            name=TENANT, domain=DOMAIN, country=COUNTRY, if_missing=True
        )
        await provisioning.create_extension(
            tenant=TENANT, number=PHONE, name="Doctor", seal=desk.seal, if_missing=True
        )
        for number, kind, settings in (
            (HANG_UP, "hang_up", {}),
            (NUMBER, "play", {"sound": SOUND, "next": HANG_UP}),
        ):
            await provisioning.create_element(
                tenant=TENANT,
                kind=kind,
                number=number,
                settings=settings,
                catalogue=desk.catalogue,
                if_missing=True,
            )
