"""Run a scenario through a plan: the live call on an Asterisk in memory, by a clock that jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from ari_client import AriClient, AriSettings
from ari_client.testing import FakeAsterisk, JumpingClockLoop
from models.call_log import AnsweredCall
from stasis_apps.call import Endpoint
from stasis_apps.decisions.ending import CallEnd
from stasis_apps.decisions.web_addresses import Network
from stasis_apps.live_call.event_types import EVENT_TYPES
from stasis_apps.plan import NumberPlan
from stasis_apps.router import Stray, route
from stasis_apps.running_call import run_new_call
from stasis_apps.simulation.arrivals import arrive, with_moment
from stasis_apps.simulation.asterisk import CALLER_ID, SimulatedAsterisk
from stasis_apps.simulation.room import Steps, clock_from, room_for
from stasis_apps.simulation.scenario import Scenario, ScenarioInvalid, SimulatedEnd
from stasis_apps.simulation.servers import ImaginedServers
from stasis_apps.simulation.simulated_call import SimulatedCall
from stasis_apps.simulation.telling import doubts_about, mailbox_in, path_of, who_rang
from stasis_apps.simulation.unlogged import unlogged

_SETTINGS: Final = AriSettings(username="simulation", password="", event_types=EVENT_TYPES)


async def simulate(
    plan: NumberPlan, scenario: Scenario, *, asks: Sequence[Network] | None = None
) -> SimulatedEnd:
    """What would happen, by the rules of live calls; takes no time, whatever the clock says.

    Args:
        plan: The plan.
        scenario: What everybody does.
        asks: When given, servers of which the scenario says nothing are really asked, those in
            these networks inside among them; that takes as long as it takes.

    Raises:
        ScenarioInvalid: The scenario makes no sense in this plan.
    """
    return await asyncio.to_thread(simulate_at_once, plan, scenario, asks=asks)


def simulate_at_once(
    plan: NumberPlan, scenario: Scenario, *, asks: Sequence[Network] | None = None
) -> SimulatedEnd:
    """The same for who runs many of them, outside of any event loop.

    Raises:
        ScenarioInvalid: The scenario makes no sense in this plan.
    """
    loop = JumpingClockLoop()
    try:
        with unlogged():
            return loop.run_until_complete(_run(plan, with_moment(scenario, plan), asks))
    finally:
        loop.close()


async def _run(
    plan: NumberPlan, scenario: Scenario, asks: Sequence[Network] | None
) -> SimulatedEnd:
    fake = FakeAsterisk()
    asterisk = SimulatedAsterisk(fake, plan, scenario)
    steps, servers = Steps(), ImaginedServers(scenario.replies, asks)
    async with fake, AriClient(_SETTINGS, asterisk) as ari:
        listening = asyncio.create_task(ari.listen())
        await ari.lobby.get()
        try:
            end = await _call(ari, asterisk, steps, servers)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    return replace(_told(asterisk, steps, end), unsaid=tuple(servers.unsaid))


async def _call(
    ari: AriClient, asterisk: SimulatedAsterisk, steps: Steps, servers: ImaginedServers
) -> CallEnd:
    plan, scenario = asterisk.plan, asterisk.scenario
    with ari.inbox(CALLER_ID) as inbox:
        inbox.claim_channel(CALLER_ID)
        arrival = arrive(asterisk.fake, plan, scenario)
        entry = route(arrival, _OnePlan(plan))
        if isinstance(entry, Stray):
            raise ScenarioInvalid("caller", scenario.caller, f"cannot come in: {entry.why}")
        _let_caller_leave(asterisk)
        now = clock_from(scenario.at)
        device = entry.facts.caller.device
        room = room_for(ari, asterisk, steps, servers, device=device, now=now)
        kind = partial(SimulatedCall, asterisk=asterisk)
        return await run_new_call(room, entry, inbox, arrival.channel, kind=kind)


def _let_caller_leave(asterisk: SimulatedAsterisk) -> None:
    after_s = asterisk.scenario.hangs_up_after_s
    if after_s is not None:
        asyncio.get_running_loop().call_later(after_s, asterisk.fake.hang_up, CALLER_ID)


class _OnePlan:
    """The plans of all tenants, when there is one tenant."""

    def __init__(self, plan: NumberPlan) -> None:
        self._plan = plan

    def plan_of(self, tenant_id: str) -> NumberPlan | None:
        """The plan, if it is this tenant's."""
        return self._plan if tenant_id == str(self._plan.tenant.id) else None


def _told(asterisk: SimulatedAsterisk, steps: Steps, end: CallEnd) -> SimulatedEnd:
    plan, journal = asterisk.plan, steps.journal
    path = path_of(journal)
    answered = [step.answered_by for step in steps.taken if isinstance(step, AnsweredCall)]
    return SimulatedEnd(
        scenario=asterisk.scenario,
        revision=plan.revision,
        path=path,
        end=end,
        lasted_s=round((journal[-1].at - journal[0].at).total_seconds(), 3),
        answered_by=(answered[-1] or "") if answered else "",
        heard=tuple(asterisk.heard),
        rang=who_rang(journal, lambda device: plan.device(Endpoint(device)).extension),
        phones=who_rang(journal, lambda device: plan.device(Endpoint(device)).name),
        voicemail=mailbox_in(journal),
        sent_outside=asterisk.sent_outside,
        journal=journal,
        doubts=doubts_about(plan, path, journal),
    )
