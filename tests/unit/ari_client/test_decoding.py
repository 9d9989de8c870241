"""Odd events, odd answers: nothing a server sends stops the reader."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ari_client import AriRefused, events, models
from ari_client.decoding import decode_event, decode_model
from ari_client.generated.events import MENTIONED_IN
from ari_client.routing import mentioned

EVENT_NAMES = sorted(each.__name__ for each in events.Event.__subclasses__())

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
plausible_names = st.sampled_from(
    ["channel", "bridge", "playback", "recording", "timestamp", "args", "cause", "peer", "id"]
)
events_gone_wrong = st.builds(
    lambda name, fields: {**fields, "type": name},
    st.sampled_from(EVENT_NAMES) | st.text(),
    st.dictionaries(plausible_names | st.text(), anything),
)


@given(events_gone_wrong | st.dictionaries(st.text(), anything))
def test_no_object_stops_the_reader(sent: dict[str, object]) -> None:
    event = decode_event(json.dumps(sent).encode())
    assert isinstance(mentioned(event), list)


@given(st.binary() | st.text())
def test_no_frame_stops_the_reader(frame: bytes | str) -> None:
    assert isinstance(decode_event(frame), events.Event)


def test_an_event_of_a_later_asterisk_keeps_its_name_and_fields() -> None:
    match decode_event(b'{"type":"ChannelTeleported","channel":{"id":"1"},"nothing":null}'):
        case events.UnknownEvent(name="ChannelTeleported", fields=fields):
            assert fields["channel"] == {"id": "1"}
        case other:
            pytest.fail(f"{other}")


def test_fields_of_a_later_asterisk_are_left_out() -> None:
    event = decode_event(b'{"type":"StasisEnd","new":1,"channel":{"id":"1","newer":[2]}}')
    assert event == events.StasisEnd(channel=models.Channel(id="1"))


def test_nulls_and_numbers_as_text_are_understood() -> None:
    event = decode_event(
        b'{"type":"ChannelDestroyed","cause":"17","cause_txt":null,'
        b'"channel":{"id":"1","caller":{"name":null,"number":"100"},"connected":null}}'
    )
    caller = models.CallerID(number="100")
    assert event == events.ChannelDestroyed(cause=17, channel=models.Channel(id="1", caller=caller))


def test_an_event_that_does_not_say_what_it_is_about_is_unknown() -> None:
    assert isinstance(decode_event(b'{"type":"StasisEnd"}'), events.UnknownEvent)
    assert isinstance(decode_event(b"[" * 100_000), events.UnknownEvent)
    assert isinstance(decode_event(b"17"), events.UnknownEvent)


def test_moments_know_their_zone() -> None:
    told = b'{"type":"ApplicationReplaced","timestamp":"2026-01-02T03:04:05.678+0000"}'
    event = decode_event(told)
    assert event.timestamp == datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)


def test_every_claimable_thing_in_an_event_can_be_found() -> None:
    assert MENTIONED_IN[events.Dial] == ("caller", "peer", "forwarded")
    assert "refer_to.destination_channel" in MENTIONED_IN[events.ChannelTransfer]
    assert MENTIONED_IN[events.PlaybackFinished] == ("playback",)


def test_an_answer_that_is_not_asterisks_is_refused() -> None:
    with pytest.raises(AriRefused) as refused:
        decode_model(b"<html>", models.Channel)
    assert refused.value.status == 502
    assert decode_model(b'[{"id":"1","channels":null}]', tuple[models.Bridge, ...]) == (
        models.Bridge(id="1"),
    )
