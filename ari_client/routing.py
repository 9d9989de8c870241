"""Who gets which event: inboxes claim ids, the router delivers. It parses and decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from types import TracebackType
from typing import Final, NamedTuple, Self

from ari_client.generated import events, models
from ari_client.inbox import INBOX_CAPACITY, LOBBY_CAPACITY, Connected, Disconnected, Queue


class Kind(Enum):
    """What can be claimed; `target` is how Asterisk's URIs call it."""

    CHANNEL = "channel"
    BRIDGE = "bridge"
    PLAYBACK = "playback"
    RECORDING = "recording"


class Resource(NamedTuple):
    """One thing that Asterisk keeps; a tuple, because each event makes and looks up a few."""

    kind: Kind
    id: str


@dataclass(slots=True)
class Claim:
    """What is known of a claimed thing, for telling its inboxes what they missed.

    Attributes:
        inboxes: Who wants to hear of it.
        connection: The number of the connection when it was claimed or when its state was last
            told: what the inboxes know is as old as that.
        channel: The channel when its state was last told.
        is_over: Its end has been told.
    """

    connection: int
    inboxes: list[Inbox] = field(default_factory=list)
    channel: models.Channel | None = None
    is_over: bool = False


class Inbox(Queue):
    """Events about the things it has claimed, in order; leaving the block gives up all claims."""

    def __init__(self, name: str, router: EventRouter, capacity: int) -> None:
        super().__init__(name, capacity)
        self._router = router
        self._claimed: set[Resource] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for resource in self._claimed:
            self._router.release(self, resource)
        self._claimed.clear()

    def claim_channel(self, id_: str) -> None:
        """From now on hear of this channel; claim before the request that creates it."""
        self._claim(Resource(Kind.CHANNEL, id_))

    def claim_bridge(self, id_: str) -> None:
        """From now on hear of this bridge."""
        self._claim(Resource(Kind.BRIDGE, id_))

    def claim_playback(self, id_: str) -> None:
        """From now on hear of this playback; its target's claimants hear of it anyway."""
        self._claim(Resource(Kind.PLAYBACK, id_))

    def claim_recording(self, id_: str) -> None:
        """From now on hear of this recording; its target's claimants hear of it anyway."""
        self._claim(Resource(Kind.RECORDING, id_))

    def release(self, id_: str) -> None:
        """Hear no more of what has this id; harmless when it was not claimed."""
        for resource in [each for each in self._claimed if each.id == id_]:
            self._claimed.remove(resource)
            self._router.release(self, resource)

    def _claim(self, resource: Resource) -> None:
        self._claimed.add(resource)
        self._router.claim(self, resource)


class EventRouter:
    """Delivers each event once to every inbox that claimed a thing it mentions, else the lobby."""

    def __init__(self) -> None:
        self.lobby = Queue("lobby", LOBBY_CAPACITY)
        self.connection = 0
        self.is_connected = False
        self.lost_at: datetime | None = None
        self.claims: dict[Resource, Claim] = {}

    def inbox(self, name: str, capacity: int = INBOX_CAPACITY) -> Inbox:
        """A new inbox that has claimed nothing yet."""
        return Inbox(name, self, capacity)

    def claim(self, inbox: Inbox, resource: Resource) -> None:
        """Let the inbox hear of the resource."""
        claim = self.claims.setdefault(resource, Claim(self.connection))
        if inbox not in claim.inboxes:
            claim.inboxes.append(inbox)

    def release(self, inbox: Inbox, resource: Resource) -> None:
        """Let the inbox hear no more of the resource."""
        claim = self.claims.get(resource)
        if claim is None or inbox not in claim.inboxes:
            return
        claim.inboxes.remove(inbox)
        if not claim.inboxes:
            del self.claims[resource]

    def connected(self) -> None:
        """A new connection stands: what was learnt over the old one may be out of date."""
        self.connection += 1
        self.is_connected = True
        self.lobby.put(Connected())

    def disconnected(self, reason: str) -> None:
        """The connection is gone."""
        self.is_connected = False
        self.lost_at = datetime.now(UTC)
        self.lobby.put(Disconnected(reason))

    def inboxes(self) -> set[Inbox]:
        """Every inbox that has claimed something."""
        return {inbox for claim in self.claims.values() for inbox in claim.inboxes}

    def route(self, event: events.Event) -> None:
        """Deliver an event that came over the websocket."""
        for inbox in self._deliveries(event):
            inbox.put(event)

    def _deliveries(self, event: events.Event) -> list[Inbox] | list[Queue]:
        found: list[Inbox] = []
        for resource, channel in mentioned(event):
            claim = self.claims.get(resource)
            if claim is None:
                continue
            self._learn(claim, resource, channel, event)
            found += [inbox for inbox in claim.inboxes if inbox not in found]
        return found or [self.lobby]

    def _learn(
        self,
        claim: Claim,
        resource: Resource,
        channel: models.Channel | None,
        event: events.Event,
    ) -> None:
        if resource.kind is Kind.CHANNEL and not isinstance(event, _TELL_CHANNEL_STATE):
            return
        claim.connection = self.connection
        claim.channel = channel
        claim.is_over = claim.is_over or isinstance(event, _ENDS)


_MENTIONS: Final = {
    type_: tuple(tuple(path.split(".")) for path in paths)
    for type_, paths in events.MENTIONED_IN.items()
}

_ENDS: Final = (
    events.ChannelDestroyed,
    events.BridgeDestroyed,
    events.PlaybackFinished,
    events.RecordingFinished,
    events.RecordingFailed,
)

_TELL_CHANNEL_STATE: Final = (
    events.ChannelCreated,
    events.ChannelStateChange,
    events.ChannelDestroyed,
    events.StasisStart,
)


def mentioned(event: events.Event) -> list[tuple[Resource, models.Channel | None]]:
    """Everything claimable that an event speaks of, with the channel itself where it is one."""
    found: list[tuple[Resource, models.Channel | None]] = []
    for names in _MENTIONS.get(type(event), ()):
        match _follow(event, names):
            case models.Channel() as channel:
                found.append((Resource(Kind.CHANNEL, channel.id), channel))
            case models.Bridge() as bridge:
                found.append((Resource(Kind.BRIDGE, bridge.id), None))
            case models.Playback() as playback:
                found.append((Resource(Kind.PLAYBACK, playback.id), None))
                found += _target(playback.target_uri)
            case models.LiveRecording() as recording:
                found.append((Resource(Kind.RECORDING, recording.name), None))
                found += _target(recording.target_uri)
            case _:
                pass  # an optional part that this event does not have
    return found


def _follow(event: events.Event, names: tuple[str, ...]) -> object:
    found: object = event
    for name in names:
        found = getattr(found, name, None)
    return found


def _target(uri: str) -> list[tuple[Resource, models.Channel | None]]:
    """The channel or bridge of a target such as `channel:1700000000.1`."""
    kind, _, id_ = uri.partition(":")
    if kind not in ("channel", "bridge"):
        return []
    return [(Resource(Kind(kind), id_), None)]
