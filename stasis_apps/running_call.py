"""One supervised task per call: from its first moment, or its adoption, to the closed record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from ari_client import AriClient, AriError, AriUnavailable, Bridge, Channel, Inbox, Playback, models
from ari_client.ids import BridgeId, ChannelId, PlaybackId
from stasis_apps.call import CallEnded, Target
from stasis_apps.decisions.adoption import ResumePlan, ResumeTalk
from stasis_apps.decisions.ending import CallEnd, Reason, ended_by_plan
from stasis_apps.decisions.hangup_cause import ANSWERED_ELSEWHERE
from stasis_apps.engine import run_call
from stasis_apps.journal import CallJournal, ResumePoint, What
from stasis_apps.live_call import LiveCall
from stasis_apps.live_call.connection import Connection
from stasis_apps.live_call.legs import Leg, LegState, hang_up_channel
from stasis_apps.live_call.line import Line
from stasis_apps.router import Entry, endpoint_of
from stasis_apps.services.journal_writer import JournalWriter

log = structlog.get_logger(__name__)

UP = "Up"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRoom:
    """What every call of this process needs around it."""

    ari: AriClient
    writer: JournalWriter


async def run_new_call(room: CallRoom, entry: Entry, inbox: Inbox, channel: models.Channel) -> None:
    """Run a call that has just come in."""
    journal = _journal(room, entry)
    line = Line(room.ari, inbox, ChannelId(channel.id), journal, is_answered=channel.state == UP)
    call = LiveCall(line, entry.facts, entry.plan)
    await _run_to_its_end(entry, call, journal, lambda: _walk(entry, call, journal))


async def resume_plan(
    room: CallRoom, entry: Entry, inbox: Inbox, found: ResumePlan, point: ResumePoint
) -> None:
    """Go on with a caller who was alone on the line when an earlier process left."""
    journal = _journal(room, entry, point)
    journal.write(What.ADOPTED, reason="the exchange was restarted; the plan goes on")
    await _clear_away(room, found, journal)
    await _stop_prompt(room, point.playback)
    line = Line(
        room.ari,
        inbox,
        ChannelId(found.call_id),
        journal,
        is_answered=await _is_up(room, found.call_id),
    )
    call = LiveCall(line, entry.facts, entry.plan)
    resumed = Entry(
        plan=entry.plan,
        facts=entry.facts,
        target=Target(point.element) if point.element else entry.target,
        refusal=entry.refusal,
    )
    await _run_to_its_end(resumed, call, journal, lambda: _walk(resumed, call, journal))


async def resume_talk(
    room: CallRoom,
    entry: Entry,
    inbox: Inbox,
    found: ResumeTalk,
    point: ResumePoint,
    leg_channel_name: str,
) -> None:
    """Stay with a talk that began before this process did."""
    journal = _journal(room, entry, point)
    journal.write(What.ADOPTED, reason="the exchange was restarted; the talk goes on")
    await _clear_away(room, found, journal)
    line = Line(room.ari, inbox, ChannelId(found.call_id), journal, is_answered=True)
    leg = Leg(
        device=entry.plan.device(endpoint_of(leg_channel_name)),
        channel=Channel(room.ari, ChannelId(found.leg_id)),
        state=LegState.UP,
    )
    connection = Connection(line)
    connection.take_over(Bridge(room.ari, BridgeId(found.bridge_id)))
    call = LiveCall(line, entry.facts, entry.plan)
    call.take_over(leg, connection)

    async def stay() -> CallEnd:
        try:
            await _look_again(line, leg, connection)
            await connection.stay(leg)
        except CallEnded as ended:
            return ended.end

    await _run_to_its_end(entry, call, journal, stay)


async def _clear_away(room: CallRoom, found: ResumePlan | ResumeTalk, journal: CallJournal) -> None:
    """End what an earlier process had begun and nobody needs any more."""
    for leg_id in found.stale_leg_ids:
        journal.write(What.RELEASED, reason="a phone rang for an earlier process", leg=leg_id)
        await hang_up_channel(room.ari, leg_id, ANSWERED_ELSEWHERE)
    for bridge_id in found.stale_bridge_ids:
        await take_down(room, bridge_id)


async def _stop_prompt(room: CallRoom, playback_id: str) -> None:
    """The element begins anew: what it was playing must not go on beside it."""
    if playback_id:
        with contextlib.suppress(AriError):
            await Playback(room.ari, PlaybackId(playback_id)).stop()


async def take_down(room: CallRoom, bridge_id: str) -> None:
    """Take a bridge down; one that has gone is no fault."""
    with contextlib.suppress(AriError):
        await Bridge(room.ari, BridgeId(bridge_id)).destroy()


def _journal(room: CallRoom, entry: Entry, point: ResumePoint | None = None) -> CallJournal:
    journal = CallJournal(entry.facts.call_id, entry.plan.tenant, room.writer.put)
    if point is not None:
        journal.resume(point)
    if point is None or not point.is_recorded:
        journal.open(entry.facts, channel_id=entry.facts.call_id, revision=entry.plan.revision)
    return journal


async def _walk(entry: Entry, call: LiveCall, journal: CallJournal) -> CallEnd:
    if entry.refusal is not None:
        return ended_by_plan(entry.refusal)
    return await run_call(call, entry.plan, entry.target, journal)


async def _run_to_its_end(
    entry: Entry,
    call: LiveCall,
    journal: CallJournal,
    body: Callable[[], Awaitable[CallEnd]],
) -> None:
    """Whatever happens inside, the channels are gone and the record is closed afterwards.

    Cancellation is the exception: the process is leaving, and the next one adopts the call.
    """
    with structlog.contextvars.bound_contextvars(
        tenant=entry.plan.tenant.name, call_id=entry.facts.call_id
    ):
        log.info("call_started")
        try:
            end = await body()
        except asyncio.CancelledError:
            journal.write(What.LEFT_BEHIND, reason="the exchange stopped; the next one takes over")
            raise
        except Exception:
            log.exception("call_failed")
            end = ended_by_plan(Reason.FAILED)
        await _close(call, end)
        journal.close(end)
        log.info("call_ended", by=end.by, reason=end.reason)


async def _close(call: LiveCall, end: CallEnd) -> None:
    try:
        await call.close(end)
    except (AriError, TimeoutError):
        log.warning("call_not_cleaned_up")  # what is left is released at the next connect


async def _look_again(line: Line, leg: Leg, connection: Connection) -> None:
    """Between the look at Asterisk and now somebody may have hung up unheard.

    Only a clear "gone" ends the talk; an Asterisk that is slow to answer ends none.
    """
    with contextlib.suppress(AriUnavailable):
        await line.is_there()
        await connection.is_there(leg)


async def _is_up(room: CallRoom, channel_id: str) -> bool:
    try:
        channel = await room.ari.channels.get(channel_id)
    except AriError:
        return False  # gone again; the first command will say so
    return channel.state == UP
