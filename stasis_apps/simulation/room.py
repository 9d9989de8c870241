"""What a simulated call has around it: nobody else calls, and nothing it does is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ari_client import AriClient
from models.call_log import CallWrite, JournalLine
from models.voicemail import MessageFacts
from stasis_apps.call import Position
from stasis_apps.live_call.room import CallRoom
from stasis_apps.outside_gate import OutsideGate
from stasis_apps.services.last_dialled import LastDialled
from stasis_apps.services.messages import Finished, NewMessage, Stored, TooShort
from stasis_apps.services.notices import Notices
from stasis_apps.services.pin_guesses import Guess, Verdict
from stasis_apps.simulation.asterisk import SimulatedAsterisk
from stasis_apps.simulation.servers import ImaginedServers


@dataclass(slots=True)
class Steps:
    """Takes the steps of the call."""

    taken: list[CallWrite] = field(default_factory=list)

    def put(self, step: CallWrite) -> None:
        """Take a step."""
        self.taken.append(step)

    @property
    def journal(self) -> tuple[JournalLine, ...]:
        """The steps that make the story."""
        return tuple(step for step in self.taken if isinstance(step, JournalLine))


@dataclass(slots=True)
class EmptyMailboxes:
    """Mailboxes in which nothing lies, and which keep what is said to them to nobody's use.

    Attributes:
        speaking_since_s: When each recording began, on the loop's clock.
        pins: The PIN of each mailbox.
    """

    speaking_since_s: Mapping[str, float]
    pins: Mapping[str, str]
    _begun: dict[str, NewMessage] = field(default_factory=dict)

    async def begin(self, message: NewMessage) -> None:
        """There is room."""
        self._begun[message.id] = message

    async def finish(self, message_id: str) -> Finished:
        """Whatever was said is a message when it was long enough."""
        message = self._begun.pop(message_id)
        now_s = asyncio.get_running_loop().time()
        lasted_s = round(now_s - self.speaking_since_s.get(message.recording, now_s), 1)
        return TooShort(lasted_s) if lasted_s < message.shortest_s else Stored(lasted_s)

    async def forget(self, message_id: str) -> None:
        """Nothing was said."""
        del self._begun[message_id]

    async def messages(self, tenant_id: int, box: str) -> Sequence[MessageFacts]:  # noqa: ARG002 - as every store
        """None."""
        return ()

    def sound_of(self, tenant_id: int, message_id: str) -> Path:
        """Where it would lie."""
        return Path(f"/{tenant_id}/{message_id}")

    async def mark_heard(self, tenant_id: int, box: str, message_id: str) -> None:
        """There is nothing to be marked."""

    async def delete(self, tenant_id: int, box: str, message_id: str) -> None:
        """There is nothing to be thrown away."""

    async def opens(self, tenant_id: int, box: str, pin: str) -> bool:  # noqa: ARG002 - as every store
        """Whether the scenario has this PIN for the mailbox."""
        return self.pins.get(box) == pin


@dataclass(frozen=True, slots=True)
class KnownPins:
    """The PINs of outbound rules, as the scenario has them; three wrong ones lock nobody out."""

    pins: Mapping[str, str]

    async def judge(self, guess: Guess, hashed: str, pin: str) -> Verdict:  # noqa: ARG002 - as every judge
        """Compare it with the scenario's."""
        return Verdict.RIGHT if self.pins.get(guess.rule) == pin else Verdict.WRONG


class StuckSwitches:
    """Switches that can be thrown, for calls that will never come."""

    async def throw(
        self,
        tenant: str,
        number: str,
        position: Position | None,
        by: str,
        until_at: datetime | None,
    ) -> None:
        """The plan of a call does not change while it lasts."""


def clock_from(at: datetime) -> Callable[[], datetime]:
    """A clock that shows this moment now and runs with the loop."""
    loop = asyncio.get_running_loop()
    began_at, began_s = at.astimezone(UTC), loop.time()
    return lambda: began_at + timedelta(seconds=loop.time() - began_s)


def room_for(
    ari: AriClient,
    asterisk: SimulatedAsterisk,
    steps: Steps,
    servers: ImaginedServers,
    *,
    device: str,
    now: Callable[[], datetime],
) -> CallRoom:
    """The room of one simulated call.

    Args:
        ari: Leads to the Asterisk in memory.
        asterisk: That Asterisk, with the plan and the scenario.
        steps: Takes what happens.
        servers: Answer HTTP requests.
        device: The phone of the caller, or empty.
        now: What time it is.
    """
    scenario = asterisk.scenario
    mailboxes = EmptyMailboxes(asterisk.speaking_since_s, scenario.pins)
    last_dialled = LastDialled()
    last_dialled.keep(asterisk.plan.tenant.id, device, scenario.last_dialled)
    return CallRoom(
        ari=ari,
        writer=steps,
        messages=mailboxes,
        mailboxes=mailboxes,
        switches=StuckSwitches(),
        gate=OutsideGate(now=now),
        notices=Notices(now=now),
        last_dialled=last_dialled,
        pin_guesses=KnownPins(scenario.pins),
        servers=servers,
        now=now,
    )
