"""A typed, asynchronous client for the REST interface (ARI) of Asterisk 22.

It knows calls only as Asterisk does: channels, bridges, playbacks, recordings. Commands go over
a bounded pool of HTTP connections, events come over one websocket into inboxes.
"""

from ari_client.bridge import Bridge
from ari_client.catch_up import Snapshot
from ari_client.channel import Channel
from ari_client.client import AriClient
from ari_client.errors import AriError, AriRefused, AriUnavailable, ResourceGone, WrongState
from ari_client.generated import events, models
from ari_client.inbox import Connected, Disconnected, Notice, Overflowed, Queue
from ari_client.playback import Playback
from ari_client.recording import Recording
from ari_client.routing import Inbox
from ari_client.settings import AriSettings
from ari_client.transport import Response, Transport

__all__ = [
    "AriClient",
    "AriError",
    "AriRefused",
    "AriSettings",
    "AriUnavailable",
    "Bridge",
    "Channel",
    "Connected",
    "Disconnected",
    "Inbox",
    "Notice",
    "Overflowed",
    "Playback",
    "Queue",
    "Recording",
    "ResourceGone",
    "Response",
    "Snapshot",
    "Transport",
    "WrongState",
    "events",
    "models",
]
