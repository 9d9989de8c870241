"""Recording a caller: what they say after the beep, until they are done or have gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ari_client import AriError, Notice, Recording, events
from ari_client.ids import RecordingId
from stasis_apps.call import CallEnded
from stasis_apps.call_mailboxes import MailboxRefused, MessageLimits
from stasis_apps.live_call.line import Line

SAFETY_S = 10.0
"""Seconds after the longest message when Asterisk ends it by itself, should we be away."""

LAST_WORD_S = 5.0
"""How long the end of a recording is waited for when its caller has gone or it was stopped."""


async def record(line: Line, recording_id: RecordingId, limits: MessageLimits) -> None:
    """Record the caller until ``#``, silence, the limit or their leaving.

    No beep is sounded here: while Asterisk's own beep sounds, a recording cannot be stopped (the
    request is accepted and forgotten). Returns when the file is complete. Keys that were pressed
    meanwhile are forgotten: Asterisk tells of ``#`` as of any other.

    Args:
        line: A caller who was answered and is in no bridge.
        recording_id: Fresh; also the name of the file.
        limits: How long it may be.

    Raises:
        CallEnded: The caller has gone; what they said until then is complete on disk, if Asterisk
            has told us so in time.
        MailboxRefused: Asterisk could not record.
    """
    line.inbox.claim_recording(recording_id)
    try:
        async with _heard_to_its_end(line, recording_id):
            recording = await line.command(
                line.channel.record(
                    recording_id,
                    longest_s=limits.longest_s + SAFETY_S,
                    longest_silence_s=limits.silence_s,
                    terminate_on="#",
                )
            )
            await _await_end(line, recording, limits.longest_s)
    finally:
        line.inbox.release(recording_id)
        line.keys.clear()


async def _await_end(line: Line, recording: Recording, longest_s: float) -> None:
    """Follow the call until the recording ends; at its limit we end it, to the tenth of a second.

    Asterisk counts whole seconds and records up to one more.
    """
    if await _has_ended(line, recording.id, until=_clock() + longest_s):
        return
    with suppress(AriError):  # it has ended after all, and its end was not told
        await recording.stop()
    await _has_ended(line, recording.id, until=_clock() + LAST_WORD_S)


async def _has_ended(line: Line, recording_id: RecordingId, *, until: float) -> bool:
    """Whether the end of the recording is told before a moment."""
    while True:
        event = await line.next_event(until=until)
        if event is None:
            return False
        if _is_end(event, recording_id):
            return True


@asynccontextmanager
async def _heard_to_its_end(line: Line, recording_id: RecordingId) -> AsyncIterator[None]:
    """A caller who hangs up ends the recording: its end is told after the hang-up."""
    try:
        yield
    except CallEnded:
        with suppress(MailboxRefused):  # of a caller who has gone Asterisk may record nothing
            await _last_word(line, recording_id)
        raise


async def _last_word(line: Line, recording_id: RecordingId) -> None:
    """Wait for the end of the recording and for nothing else, but not for ever."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_WORD_S):
            while True:
                event = await line.inbox.get()
                if _is_end(event, recording_id):
                    return


def _is_end(event: Notice, recording_id: RecordingId) -> bool:
    match event:
        case events.RecordingFinished(recording=recording) if recording.name == recording_id:
            return True
        case events.RecordingFailed(recording=recording) if recording.name == recording_id:
            message = f"Asterisk cannot record: {recording.cause or 'no reason given'}"
            raise MailboxRefused(message)
        case _:
            return False


def _clock() -> float:
    return asyncio.get_running_loop().time()
