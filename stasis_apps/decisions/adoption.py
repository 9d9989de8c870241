"""After a (re)connect: what to do with each channel that Asterisk still holds for us.

Asterisk gives no second StasisStart for channels that an earlier connection had taken over, so
every one of them is sorted here: its talk goes on, its plan is resumed, or it is let go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundChannel:
    """A channel of our application, as Asterisk describes it.

    Attributes:
        id: Its id.
        call_id: The call that its id names; its own id when it is a caller's channel.
        is_up: Whether it was answered.
    """

    id: str
    call_id: str
    is_up: bool

    @property
    def is_caller(self) -> bool:
        """Whether it is the channel of the caller, after whom the call is named."""
        return self.id == self.call_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBridge:
    """A bridge that one of our calls made."""

    id: str
    call_id: str
    channel_ids: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeTalk:
    """Caller and callee are talking, or may: stay with them to the end.

    Attributes:
        call_id: The call.
        leg_id: The callee's channel.
        bridge_id: Where they talk; empty when they are not connected yet.
        stale_leg_ids: Legs outside that bridge: phones that were to stop ringing.
        stale_bridge_ids: The call's other bridges; to be taken down, one after another.
    """

    call_id: str
    leg_id: str
    bridge_id: str
    stale_leg_ids: tuple[str, ...] = ()
    stale_bridge_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePlan:
    """The caller is alone on the line: go on with the plan where it stood.

    Attributes:
        call_id: The call.
        stale_leg_ids: Legs that an earlier process was dialling; to be hung up first.
        stale_bridge_ids: Bridges without a talk; to be taken down, one after another.
        answered_leg_ids: Those of the legs that have picked up.
    """

    call_id: str
    stale_leg_ids: tuple[str, ...]
    stale_bridge_ids: tuple[str, ...]
    answered_leg_ids: tuple[str, ...] = ()

    def ending(self) -> Release:
        """What to do instead when the call is over: nobody is rung for it again."""
        return Release(
            call_id=self.call_id,
            leg_ids=(self.call_id, *self.stale_leg_ids),
            bridge_ids=self.stale_bridge_ids,
        )

    def connecting(self, leg_id: str) -> ResumeTalk:
        """What to do instead when one of the legs is to be talked to."""
        return ResumeTalk(
            call_id=self.call_id,
            leg_id=leg_id,
            bridge_id="",
            stale_leg_ids=tuple(other for other in self.stale_leg_ids if other != leg_id),
            stale_bridge_ids=self.stale_bridge_ids,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The caller has gone or the call is over; what is left is hung up and taken down."""

    call_id: str
    leg_ids: tuple[str, ...]
    bridge_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRecord:
    """A record says that the call is up, but Asterisk holds nothing of it."""

    call_id: str


Adoption = ResumeTalk | ResumePlan | Release | CloseRecord


def sort_what_was_found(
    channels: Iterable[FoundChannel],
    bridges: Iterable[FoundBridge],
    *,
    running: Set[str],
    over: Set[str] = frozenset(),
    talked: Set[str] = frozenset(),
    unfinished: Iterable[str],
) -> list[Adoption]:
    """One decision for every call that is in Asterisk or in the records but not running here.

    Args:
        channels: Our application's channels.
        bridges: All bridges that calls of ours made.
        running: The calls that this process was running when Asterisk was looked at, or is
            running now; they look after themselves.
        over: The calls that this process has seen to their end; what is left of one is released.
        talked: The calls in which a person had answered: without that person, they are over.
        unfinished: The calls whose records have no end yet.
    """
    channels_of: dict[str, list[FoundChannel]] = defaultdict(list)
    bridges_of: dict[str, list[FoundBridge]] = defaultdict(list)
    for channel in channels:
        channels_of[channel.call_id].append(channel)
    for bridge in bridges:
        bridges_of[bridge.call_id].append(bridge)
    in_asterisk = channels_of.keys() | bridges_of.keys()
    decisions: list[Adoption] = []
    for call_id in sorted(in_asterisk - running):
        of_call = channels_of.get(call_id, []), bridges_of.get(call_id, [])
        decision = _decide(call_id, *of_call)
        if call_id in over or (call_id in talked and isinstance(decision, ResumePlan)):
            decision = _release(call_id, *of_call)
        decisions.append(decision)
    gone = sorted(set(unfinished) - in_asterisk - running)
    return [*decisions, *(CloseRecord(call_id=call_id) for call_id in gone)]


def _decide(
    call_id: str, channels: list[FoundChannel], bridges: list[FoundBridge]
) -> ResumeTalk | ResumePlan | Release:
    by_id = {channel.id: channel for channel in channels}
    if call_id not in by_id:
        return _release(call_id, channels, bridges)
    for bridge in bridges:
        leg = _partner(call_id, bridge, by_id)
        if leg is not None:
            others = {other.id for other in bridges} - {bridge.id}
            return ResumeTalk(
                call_id=call_id,
                leg_id=leg.id,
                bridge_id=bridge.id,
                stale_leg_ids=tuple(sorted(by_id.keys() - bridge.channel_ids)),
                stale_bridge_ids=tuple(sorted(others)),
            )
    return ResumePlan(
        call_id=call_id,
        stale_leg_ids=tuple(sorted(by_id.keys() - {call_id})),
        stale_bridge_ids=tuple(sorted(bridge.id for bridge in bridges)),
        answered_leg_ids=tuple(
            sorted(leg.id for leg in channels if leg.is_up and not leg.is_caller)
        ),
    )


def _release(call_id: str, channels: list[FoundChannel], bridges: list[FoundBridge]) -> Release:
    return Release(
        call_id=call_id,
        leg_ids=tuple(sorted(channel.id for channel in channels)),
        bridge_ids=tuple(sorted(bridge.id for bridge in bridges)),
    )


def _partner(
    call_id: str, bridge: FoundBridge, by_id: Mapping[str, FoundChannel]
) -> FoundChannel | None:
    """The answered leg that shares the bridge with an answered caller."""
    if call_id not in bridge.channel_ids or not by_id[call_id].is_up:
        return None
    legs = (by_id[id_] for id_ in sorted(bridge.channel_ids) if id_ in by_id)
    return next((leg for leg in legs if leg.is_up and not leg.is_caller), None)
