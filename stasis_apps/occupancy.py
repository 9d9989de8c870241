"""Who is on how many calls, and how many channels each trunk has in use; one for the process."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NewType

from ari_client.ids import call_of

Occupied = NewType("Occupied", str)
"""What can be in use: a user's lines or the user, a trunk's channels, a tenant's calls out."""


def lines_of(tenant_id: int, number: str) -> Occupied:
    """The lines of a user; a call that only rings at their phones takes one, too."""
    return Occupied(f"user {tenant_id} {number}")


def talks_of(tenant_id: int, number: str) -> Occupied:
    """The calls that a user has answered or places; none that only rings."""
    return Occupied(f"talk {tenant_id} {number}")


def channels_of(trunk_endpoint: str) -> Occupied:
    """The channels of a trunk, whose endpoint no other trunk of any tenant has."""
    return Occupied(f"trunk {trunk_endpoint}")


def outside_of(tenant_id: int) -> Occupied:
    """The legs of a tenant to outside numbers, ringing ones too; none to emergency numbers."""
    return Occupied(f"outside {tenant_id}")


def outside_of_device(tenant_id: int, device: str) -> Occupied:
    """The same legs, as far as this phone of the tenant has dialled them."""
    return Occupied(f"outside {tenant_id} {device}")


class Turns:
    """How often calls came to each group, for those that begin with another member each time."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def take(self, tenant_id: int, number: str) -> int:
        """How many calls came to this number before; the next one finds one more."""
        name = f"{tenant_id} {number}"
        turn = self._taken[name]
        self._taken[name] = turn + 1
        return turn


class Occupancy:
    """What each channel of each call keeps in use.

    Nothing here is awaited, so "is there a free one" and "take it" are one breath.
    """

    def __init__(self) -> None:
        self._held_by: dict[str, set[Occupied]] = defaultdict(set)
        self._channels: dict[Occupied, set[str]] = defaultdict(set)

    def hold(self, what: Occupied, channel_id: str) -> None:
        """From now on the channel keeps this in use; again and again is once."""
        self._held_by[channel_id].add(what)
        self._channels[what].add(channel_id)

    def let_go(self, channel_id: str) -> None:
        """The channel is gone; one that held nothing, or has gone before, is no fault."""
        for what in self._held_by.pop(channel_id, ()):
            held = self._channels[what]
            held.discard(channel_id)
            if not held:
                del self._channels[what]

    def count(self, what: Occupied) -> int:
        """How many channels keep it in use."""
        return len(self._channels.get(what, ()))

    def calls(self, what: Occupied, *, but: str = "") -> int:
        """How many calls keep it in use, one call left out; two channels of a call are one call."""
        return len({call_of(id_) for id_ in self._channels.get(what, ())} - {but})
