"""Asterisk's JSON into typed events and models, the quick way first and the patient way second.

The quick way decodes straight into structs. Asterisk's description and what Asterisk sends do not
always agree (nulls, numbers as text), so what the quick way refuses is read once more with nulls
left out and numbers taken from text. An event that still does not fit is an `UnknownEvent`.
"""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from ari_client.errors import AriRefused
from ari_client.generated import events

T = TypeVar("T")

_EVENTS: Final[msgspec.json.Decoder[events.Event]] = msgspec.json.Decoder(events.KnownEvent)
_ANYTHING: Final = msgspec.json.Decoder()
_FAULTS: Final = (msgspec.MsgspecError, ValueError, RecursionError)


def decode_event(frame: bytes | str) -> events.Event:
    """Read one websocket frame; never raises, whatever the frame holds."""
    try:
        return _EVENTS.decode(frame)
    except _FAULTS as fault:
        return _decode_patiently(frame, str(fault))


def decode_model(body: bytes, type_: type[T]) -> T:
    """Read the body of an answer.

    Raises:
        AriRefused: the body is not what Asterisk describes (status 502: not from Asterisk at all).
    """
    try:
        return msgspec.json.decode(body, type=type_)
    except _FAULTS:
        pass
    try:
        return msgspec.convert(_without_nulls(_ANYTHING.decode(body)), type_, strict=False)
    except _FAULTS as fault:
        raise AriRefused(502, f"unreadable answer: {fault}") from fault


def _decode_patiently(frame: bytes | str, fault: str) -> events.Event:
    try:
        read = _without_nulls(_ANYTHING.decode(frame))
    except _FAULTS:
        return events.UnknownEvent(name="", fields={}, fault=fault)
    if not isinstance(read, dict):
        return events.UnknownEvent(name="", fields={}, fault="not an object")
    try:
        event: events.Event = msgspec.convert(read, events.KnownEvent, strict=False)
    except _FAULTS:
        return events.UnknownEvent(name=str(read.get("type", "")), fields=read, fault=fault)
    return event


def _without_nulls(read: object) -> object:
    if isinstance(read, dict):
        return {key: _without_nulls(value) for key, value in read.items() if value is not None}
    if isinstance(read, list):
        return [_without_nulls(value) for value in read if value is not None]
    return read
