"""After every (re)connect: what Asterisk still holds for us is taken up, released, or written off.

What to do with each channel is decided in `decisions.adoption`; here it is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from ari_client import AriError, Inbox, Snapshot, models
from ari_client.ids import MARK, call_of, is_far_half
from models.call_log import RecordedCall
from stasis_apps.calls_up import CallsUp
from stasis_apps.decisions.adoption import (
    Adoption,
    CloseRecord,
    FoundBridge,
    FoundChannel,
    Release,
    ResumePlan,
    ResumeTalk,
    sort_what_was_found,
)
from stasis_apps.decisions.ending import (
    NORMAL_CLEARING,
    CallEnd,
    Reason,
    ended_by_callee,
    ended_by_plan,
)
from stasis_apps.entrances import Entrances
from stasis_apps.journal import CallJournal
from stasis_apps.live_call.legs import hang_up_channel
from stasis_apps.live_call.room import CallRoom
from stasis_apps.plan_store import PlanStore
from stasis_apps.router import Entry, Stray
from stasis_apps.running_call import (
    leg_to_connect,
    look_up_end,
    resume_plan,
    resume_talk,
    take_down,
)
from stasis_apps.services.call_history import resume_point, unfinished_calls

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0

log = structlog.get_logger(__name__)


class Adopting:
    """The look at Asterisk after a connect, and what follows from it."""

    def __init__(
        self, room: CallRoom, plans: PlanStore, entrances: Entrances, calls: CallsUp
    ) -> None:
        self._room = room
        self._ari = room.ari
        self._plans = plans
        self._entrances = entrances
        self._calls = calls

    async def adopt_all(self, group: asyncio.TaskGroup) -> None:
        """Sort whatever Asterisk holds for us; each channel is run, adopted or released.

        Calls are taken meanwhile; an Asterisk that does not answer is asked until it does.
        """
        pause_s = FIRST_PAUSE_S
        while True:
            running = frozenset(self._calls.running)  # one that ends meanwhile cleans up itself
            try:
                snapshot = await self._ari.snapshot()
                await self._ari.catch_up(snapshot)
                await self._sort(snapshot, running, group)
            except AriError as fault:
                log.warning("adoption_failed", fault=str(fault))
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                return

    async def _sort(
        self, snapshot: Snapshot, running: frozenset[str], group: asyncio.TaskGroup
    ) -> None:
        records = await unfinished_calls()
        # Of a call that is over here, the end is on its way to the database.
        unfinished = {record.id: record for record in records if record.id not in self._calls.over}
        decisions = sort_what_was_found(
            _channels_in(snapshot, self._ari.settings.app),
            _bridges_in(snapshot),
            running=running | self._calls.running,
            over=self._calls.over,
            talked={record.id for record in unfinished.values() if record.answered_at},
            unfinished=unfinished,
        )
        for decision in decisions:
            await self._carry_out(decision, snapshot, unfinished, group)
        log.info("asterisk_reconciled", calls_up=len(self._calls), adopted=len(decisions))

    async def _carry_out(
        self,
        decision: Adoption,
        snapshot: Snapshot,
        unfinished: Mapping[str, RecordedCall],
        group: asyncio.TaskGroup,
    ) -> None:
        match decision:
            case ResumeTalk() | ResumePlan():
                await self._resume(decision, snapshot, group)
            case Release():
                await self._release(decision)
                record = unfinished.get(decision.call_id)
                await self._close_record(record, _end_of_released(decision))
            case CloseRecord(call_id=call_id):
                await self._close_record(unfinished[call_id], ended_by_plan(Reason.LOST))

    async def _resume(
        self, found: ResumeTalk | ResumePlan, snapshot: Snapshot, group: asyncio.TaskGroup
    ) -> None:
        if found.call_id in self._calls:
            return  # its StasisStart has come in the meantime
        inbox = self._ari.inbox(f"call {found.call_id}")
        inbox.claim_channel(found.call_id)
        self._calls.run(found.call_id, self._resumed(inbox, found, snapshot), group)

    async def _resumed(
        self, inbox: Inbox, found: ResumeTalk | ResumePlan, snapshot: Snapshot
    ) -> None:
        with inbox:
            match await self._entrances.of_adopted(snapshot.channels[found.call_id]):
                case Stray(why):
                    log.warning("stray_channel_released", channel_id=found.call_id, why=why)
                    await self._calls.let_go(found.call_id)
                case Entry() as entry:
                    await self._go_on(entry, inbox, found, snapshot)

    async def _go_on(
        self, entry: Entry, inbox: Inbox, found: ResumeTalk | ResumePlan, snapshot: Snapshot
    ) -> None:
        point = await resume_point(found.call_id)
        if isinstance(found, ResumePlan):
            if point.is_over:  # the process before left in the moment before it hung up
                await self._release(found.ending())
                return
            names = {leg_id: snapshot.channels[leg_id].name for leg_id in found.answered_leg_ids}
            leg_id = leg_to_connect(entry, point, names)
            if leg_id is None:
                await resume_plan(self._room, entry, inbox, found, point)
                return
            found = found.connecting(leg_id)
        inbox.claim_channel(found.leg_id)
        if found.bridge_id:
            inbox.claim_bridge(found.bridge_id)
        name = snapshot.channels[found.leg_id].name
        await resume_talk(self._room, entry, inbox, found, point, name)

    async def _release(self, found: Release) -> None:
        for leg_id in found.leg_ids:
            await hang_up_channel(self._ari, leg_id, NORMAL_CLEARING)
        for bridge_id in found.bridge_ids:  # one at a time: more at once has crashed Asterisk
            await take_down(self._room, bridge_id)

    async def _close_record(self, record: RecordedCall | None, end: CallEnd) -> None:
        """Write the end of a call that nobody was there to see.

        When it ended Asterisk has noted; else the time that nobody saw is not counted as talk.
        """
        plan = self._plans.plan_named(record.tenant) if record else None
        if record is None or plan is None:
            return  # never written, or gone with its tenant
        journal = CallJournal(record.id, plan.tenant, self._room.writer.put)
        point = await resume_point(record.id)
        journal.resume(point)
        end, ended_at = await look_up_end(self._room, journal, end, point.last_at)
        journal.close(end, ended_at=ended_at)


def _end_of_released(found: Release) -> CallEnd:
    """Where the caller is still there, the callee has ended the talk."""
    is_caller_there = found.call_id in found.leg_ids
    return ended_by_callee() if is_caller_there else ended_by_plan(Reason.RELEASED)


def _channels_in(snapshot: Snapshot, app: str) -> list[FoundChannel]:
    return [
        FoundChannel(id=channel.id, call_id=call_of(channel.id), is_up=channel.state == "Up")
        for channel in snapshot.channels.values()
        if not is_far_half(channel.id) and (MARK in channel.id or _is_in(channel, app))
    ]


def _is_in(channel: models.Channel, app: str) -> bool:
    """Whether the channel is in our application: its dialplan step is ``Stasis(app,...)``."""
    step = channel.dialplan
    return step.app_name == "Stasis" and step.app_data.split(",")[0] == app


def _bridges_in(snapshot: Snapshot) -> list[FoundBridge]:
    return [
        FoundBridge(
            id=bridge.id, call_id=call_of(bridge.id), channel_ids=frozenset(bridge.channels)
        )
        for bridge in snapshot.bridges.values()
        if MARK in bridge.id
    ]
