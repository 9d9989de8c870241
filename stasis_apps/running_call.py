"""One supervised task per call: from its first moment, or its adoption, to the closed record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from ari_client import (
    AriError,
    AriUnavailable,
    Bridge,
    Channel,
    Inbox,
    Playback,
    Recording,
    models,
)
from ari_client.ids import BridgeId, ChannelId, PlaybackId, RecordingId
from stasis_apps.call import CallEnded, CallFacts, Endpoint, Target, WayIn
from stasis_apps.decisions.adoption import ResumePlan, ResumeTalk
from stasis_apps.decisions.ending import CallEnd, Reason, ended_by_plan
from stasis_apps.decisions.hangup_cause import ANSWERED_ELSEWHERE
from stasis_apps.decisions.unseen_end import end_by_notes
from stasis_apps.engine import run_call
from stasis_apps.journal import CallJournal, ResumePoint, What
from stasis_apps.live_call import LiveCall
from stasis_apps.live_call.callees import outside_device
from stasis_apps.live_call.connection import Connection
from stasis_apps.live_call.legs import Leg, LegState, hang_up_channel
from stasis_apps.live_call.line import Line
from stasis_apps.live_call.mailboxes import note_finished
from stasis_apps.live_call.outside_ways import endpoint_of_caller, outside_leg_in
from stasis_apps.live_call.room import CallRoom
from stasis_apps.occupancy import channels_of, lines_of, talks_of
from stasis_apps.plan import NumberPlan
from stasis_apps.router import Entry, endpoint_of

log = structlog.get_logger(__name__)

UP = "Up"

FILE_CLOSED_S = 0.3
"""Asterisk stops a recording a few frames after it was told to, and then has the file whole."""

FINISH_LIMIT_S = 3.0
"""How long a caller waits in silence for the message of before the restart to be kept."""


async def run_new_call(
    room: CallRoom,
    entry: Entry,
    inbox: Inbox,
    channel: models.Channel,
    *,
    kind: Callable[[Line, CallFacts, NumberPlan, CallRoom], LiveCall] = LiveCall,
) -> CallEnd:
    """Run a call that has just come in.

    Args:
        room: What the call may ask of this process.
        entry: Where it belongs.
        inbox: Has claimed its channel.
        channel: The caller's.
        kind: What makes the call; another kind for one whose caller is imagined.
    """
    journal = _journal(room, entry)
    if entry.note:
        journal.write(What.NOTED, reason=entry.note)
    if entry.to_redial:
        caller = entry.facts.caller
        room.last_dialled.keep(entry.plan.tenant.id, caller.device, entry.to_redial)
    line = Line(room.ari, inbox, ChannelId(channel.id), journal, is_answered=channel.state == UP)
    call = kind(line, entry.facts, entry.plan, room)
    return await _run_to_its_end(
        room, entry, call, journal, lambda: _walk(room, entry, call, journal)
    )


async def resume_plan(
    room: CallRoom, entry: Entry, inbox: Inbox, found: ResumePlan, point: ResumePoint
) -> None:
    """Go on with a caller who was alone on the line when an earlier process left."""
    journal = _journal(room, entry, point)
    journal.write(What.ADOPTED, reason="the exchange was restarted; the plan goes on")
    await _clear_away(room, found, journal)
    await _stop_prompt(room, point.playback)
    await _finish_recording(room, point, journal)
    line = Line(
        room.ari,
        inbox,
        ChannelId(found.call_id),
        journal,
        is_answered=await _is_up(room, found.call_id),
    )
    call = LiveCall(line, entry.facts, entry.plan, room)
    if point.shown_as is not None:
        call.go_on_shown_as(point.shown_as)
    resumed = entry
    if point.element:
        led_by = point.led_by or entry.led_by
        resumed = replace(entry, target=Target(point.element), how=point.how, led_by=led_by)
    await _run_to_its_end(room, resumed, call, journal, lambda: _walk(room, resumed, call, journal))


async def resume_talk(
    room: CallRoom,
    entry: Entry,
    inbox: Inbox,
    found: ResumeTalk,
    point: ResumePoint,
    leg_channel_name: str,
) -> None:
    """Stay with a talk that began before this process did, or with one that may begin now."""
    journal = _journal(room, entry, point)
    goes_on = bool(found.bridge_id)
    what = "the talk goes on" if goes_on else "somebody has picked up meanwhile"
    journal.write(What.ADOPTED, reason=f"the exchange was restarted; {what}")
    leg = _found_leg(room, entry, found, leg_channel_name)
    if goes_on and journal.answered_at is None:  # or the process before died in this very moment
        if point.is_known:
            journal.answered(leg.device.endpoint, leg.device.extension, trunk=leg.trunk)
        else:
            journal.talks_already(leg.device.extension)
    await _clear_away(room, found, journal)
    is_answered = goes_on or await _is_up(room, found.call_id)
    line = Line(room.ari, inbox, ChannelId(found.call_id), journal, is_answered=is_answered)
    connection = Connection(line)
    if goes_on:
        connection.take_over(Bridge(room.ari, BridgeId(found.bridge_id)))
    call = LiveCall(line, entry.facts, entry.plan, room)
    call.take_over(leg, connection)
    if leg.trunk:
        _count_again(room, entry, found.leg_id, leg_channel_name, point)
    talk = _stay if goes_on else _connect
    await _run_to_its_end(room, entry, call, journal, lambda: talk(line, leg, connection))


async def _stay(line: Line, leg: Leg, connection: Connection) -> CallEnd:
    try:
        await _look_again(line, leg, connection)
        await connection.stay(leg)
    except CallEnded as ended:
        return ended.end


async def _connect(line: Line, leg: Leg, connection: Connection) -> CallEnd:
    try:
        await line.command(line.channel.stop_ringing())
        await connection.talk(leg)
    except CallEnded as ended:
        return ended.end


def leg_to_connect(entry: Entry, point: ResumePoint, names: Mapping[str, str]) -> str | None:
    """Whom of those who have picked up while we were away the caller may be connected with.

    Only whoever was called themselves: a phone of the person, or the outside number that was
    dialled. Others, in a group or by a rule, may have to press a key first, and are rung again.

    Args:
        entry: Where the call came in.
        point: Where it was.
        names: The channels of those who have picked up, by their ids.
    """
    called = point.element or entry.target  # nothing may be written yet of a call so young
    for leg_id, name in names.items():
        outside = outside_leg_in(name)
        if outside is None:
            is_called = entry.plan.device(endpoint_of(name)).extension == called
        else:
            is_called = outside.is_emergency or point.led_by is not None
        if is_called:
            return leg_id
    return None


def _found_leg(room: CallRoom, entry: Entry, found: ResumeTalk, channel_name: str) -> Leg:
    """The callee of a talk, as the name of their channel tells it."""
    outside = outside_leg_in(channel_name)
    trunk = entry.plan.trunks.get(Endpoint(outside.trunk)) if outside else None
    return Leg(
        device=(
            outside_device(outside.number)
            if outside
            else entry.plan.device(endpoint_of(channel_name))
        ),
        channel=Channel(room.ari, ChannelId(found.leg_id)),
        state=LegState.UP,
        trunk=trunk.name if trunk else outside.trunk if outside else "",
    )


def _count_again(
    room: CallRoom, entry: Entry, leg_id: str, channel_name: str, point: ResumePoint
) -> None:
    """A talk with somebody outside takes up its trunk's channel and the tenant's calls out."""
    outside = outside_leg_in(channel_name)
    if outside is None:
        return
    room.occupancy.hold(channels_of(outside.trunk), leg_id)
    if not outside.is_emergency:
        tenant = entry.plan.tenant
        device = endpoint_of_caller(entry.facts, tenant)
        room.gate.take_over(tenant, device, leg_id, point.answered_at or datetime.now(UTC))


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


async def _finish_recording(room: CallRoom, point: ResumePoint, journal: CallJournal) -> None:
    """What was said until now is a message; whatever is played would wait for its end.

    The caller does not wait for the mailbox: a message that takes longer comes there by itself.
    """
    if not point.recording:
        return
    with contextlib.suppress(AriError):
        await Recording(room.ari, RecordingId(point.recording)).stop()
    if point.message:
        await asyncio.sleep(FILE_CLOSED_S)
        with contextlib.suppress(TimeoutError):
            finishing = asyncio.shield(room.messages.finish(point.message))
            finished = await asyncio.wait_for(finishing, FINISH_LIMIT_S)
            note_finished(journal, point.box, point.message, finished)


async def take_down(room: CallRoom, bridge_id: str) -> None:
    """Take a bridge down; one that has gone is no fault."""
    with contextlib.suppress(AriError):
        await Bridge(room.ari, BridgeId(bridge_id)).destroy()


def _journal(room: CallRoom, entry: Entry, point: ResumePoint | None = None) -> CallJournal:
    journal = CallJournal(entry.facts.call_id, entry.plan.tenant, room.writer.put, room.now)
    if point is not None:
        journal.resume(point)
    if point is None or not point.is_recorded:
        journal.open(entry.facts, channel_id=entry.facts.call_id, revision=entry.plan.revision)
    return journal


async def _walk(room: CallRoom, entry: Entry, call: LiveCall, journal: CallJournal) -> CallEnd:
    refusal = entry.refusal or _without_a_channel(room, entry)
    if refusal is not None:
        return ended_by_plan(refusal)
    return await run_call(
        call, entry.plan, entry.target, journal, how=entry.how, led_by=entry.led_by
    )


def _without_a_channel(room: CallRoom, entry: Entry) -> Reason | None:
    """A trunk carries so many calls and no more, both ways together."""
    trunk = entry.trunk
    if trunk is None or not trunk.max_channels:
        return None
    in_use = room.occupancy.count(channels_of(trunk.endpoint))
    return Reason.NO_CHANNEL if in_use > trunk.max_channels else None


def _occupy(room: CallRoom, entry: Entry) -> None:
    """The caller's own line, or the trunk they come through, is in use as long as they call."""
    call_id = entry.facts.call_id
    if entry.trunk is not None:
        room.occupancy.hold(channels_of(entry.trunk.endpoint), call_id)
    if entry.facts.way_in is WayIn.PHONE:
        room.occupancy.hold(lines_of(entry.plan.tenant.id, entry.facts.caller.number), call_id)
        room.occupancy.hold(talks_of(entry.plan.tenant.id, entry.facts.caller.number), call_id)


async def _run_to_its_end(
    room: CallRoom,
    entry: Entry,
    call: LiveCall,
    journal: CallJournal,
    body: Callable[[], Awaitable[CallEnd]],
) -> CallEnd:
    """Whatever happens inside, the channels are gone and the record is closed afterwards.

    Cancellation is the exception: the process is leaving, and the next one adopts the call.
    """
    with structlog.contextvars.bound_contextvars(
        tenant=entry.plan.tenant.name, call_id=entry.facts.call_id
    ):
        log.info("call_started")
        _occupy(room, entry)
        try:
            end = await body()
        except asyncio.CancelledError:
            journal.write(What.LEFT_BEHIND, reason="the exchange stopped; the next one takes over")
            raise
        except Exception:
            log.exception("call_failed")
            end = ended_by_plan(Reason.FAILED)
        finally:
            room.let_go(entry.facts.call_id)
        ended_at = None
        if not end.was_seen:
            end, ended_at = await look_up_end(room, journal, end, room.ari.lost_at)
        try:
            await _close(call, end)
        finally:  # how it ended is known, though we may be told to leave just here
            journal.close(end, ended_at=ended_at)
        log.info("call_ended", by=end.by, reason=end.reason)
        return end


async def look_up_end(
    room: CallRoom, journal: CallJournal, end: CallEnd, at: datetime | None
) -> tuple[CallEnd, datetime | None]:
    """How a call ended that nobody saw end, and when, as Asterisk has noted it.

    Args:
        room: Where the notes are.
        journal: Of the call.
        end: What is known otherwise.
        at: When it ended at the earliest, for an end of which nothing is noted.
    """
    noted = end_by_notes(
        journal.call_id,
        await room.noted_ends.of_call(journal.call_id),
        is_picked_up=journal.is_picked_up,
        talks_since=journal.answered_at,
    )
    return (noted.end, noted.at) if noted else (end, at)


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
