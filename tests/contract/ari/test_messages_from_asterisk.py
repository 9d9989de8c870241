"""Recordings on their way out of Asterisk: whole or not at all, and none stays behind."""

from __future__ import annotations

import pytest

from ari_client import Channel
from ari_client.ids import ChannelId, new_recording_id
from stasis_apps.services.asterisk_recordings import AsteriskRecordings
from stasis_apps.services.message_sound import measured
from stasis_apps.services.messages import RecordingGone, RecordingsAway
from tests.contract.ari.exchanges import Exchange


async def test_a_message_is_fetched_when_it_is_spoken_and_not_before(exchange: Exchange) -> None:
    recordings = AsteriskRecordings(exchange.ari)
    caller = Channel(exchange.ari, ChannelId(await exchange.incoming_call("talks")))
    await caller.answer()
    name = new_recording_id(caller.id)
    recording = await caller.record(name, longest_s=20)
    await exchange.heard.until(name, "RecordingStarted")
    with pytest.raises(RecordingsAway, match="still runs"):
        await recordings.fetch(name)

    await recording.stop()
    await exchange.heard.until(name, "RecordingFinished done")

    assert measured(await recordings.fetch(name)).duration_s >= 0
    await recordings.delete(name)
    await recordings.delete(name)
    with pytest.raises(RecordingGone):
        await recordings.fetch(name)


async def test_what_was_never_recorded_is_gone(exchange: Exchange) -> None:
    with pytest.raises(RecordingGone):
        await AsteriskRecordings(exchange.ari).fetch("never-recorded")
