"""What every call of this process has around it, made once when the process starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ari_client import AriClient
from models.call_log import CallWrite
from stasis_apps.call import Position
from stasis_apps.journal import utc_now
from stasis_apps.live_call.mailboxes import Keeper, Store
from stasis_apps.live_call.trunk_rest import TrunkRest
from stasis_apps.live_call.webhooks import Servers
from stasis_apps.occupancy import Occupancy, Turns
from stasis_apps.outside_gate import OutsideGate
from stasis_apps.services.last_dialled import LastDialled
from stasis_apps.services.noted_ends import NotedEnds
from stasis_apps.services.notices import Notices
from stasis_apps.services.pin_guesses import Guess, PinGuesses, Verdict


class Writer(Protocol):
    """Takes journals and call records."""

    def put(self, step: CallWrite) -> None:
        """Take a step at once; never waits."""


class PinJudge(Protocol):
    """Says what a PIN of an outbound rule is taken for."""

    async def judge(self, guess: Guess, hashed: str, pin: str) -> Verdict:
        """Whether it is right, and whether too many wrong ones came before."""


class Switches(Protocol):
    """Throws the switch at an element for every call that comes."""

    async def throw(
        self,
        tenant: str,
        number: str,
        position: Position | None,
        by: str,
        until_at: datetime | None,
    ) -> None:
        """Force an element open or closed, until a moment; None leaves it to the plan again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRoom:
    """What a call may ask of the process it runs in.

    Attributes:
        ari: Asterisk.
        writer: Takes journals to the database.
        messages: Takes voicemail into mailboxes.
        mailboxes: What lies in them.
        switches: Throws switches.
        servers: Carries questions to the servers of tenants.
        occupancy: Who is on how many calls.
        turns: Whose turn it is in groups that go round.
        gate: What every leg to an outside number passes.
        notices: Takes what administrators must hear of.
        last_dialled: What each phone dialled last.
        pin_guesses: Which phones have tried too many PINs of outbound rules.
        trunk_rest: Which trunks have just been silent.
        noted_ends: What Asterisk has noted of ends that nobody saw.
        now: What time it is, in UTC.
    """

    ari: AriClient
    writer: Writer
    messages: Keeper
    mailboxes: Store
    switches: Switches
    servers: Servers
    occupancy: Occupancy = field(default_factory=Occupancy)
    turns: Turns = field(default_factory=Turns)
    gate: OutsideGate = field(default_factory=OutsideGate)
    notices: Notices = field(default_factory=Notices)
    last_dialled: LastDialled = field(default_factory=LastDialled)
    pin_guesses: PinJudge = field(default_factory=PinGuesses)
    trunk_rest: TrunkRest = field(default_factory=TrunkRest)
    noted_ends: NotedEnds = field(default_factory=NotedEnds)
    now: Callable[[], datetime] = utc_now

    def let_go(self, channel_id: str) -> None:
        """A channel is gone, or nobody's any more: it keeps nothing in use."""
        self.occupancy.let_go(channel_id)
        self.gate.let_go(channel_id)
