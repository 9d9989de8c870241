"""Whom a party is, to Asterisk: the devices to dial, the trunk to take, and what each phone shows.

Not here: how an outside number leaves (see outside_ways), nor the ringing itself (see ringing).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from stasis_apps.call import CallFacts, Endpoint, Party
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.journal import CallJournal
from stasis_apps.live_call.outside_ways import (
    NoWay,
    OutsideWay,
    OutsideWays,
    dial_string,
    variables_of,
)
from stasis_apps.live_call.room import CallRoom
from stasis_apps.occupancy import channels_of, lines_of
from stasis_apps.plan import NumberPlan, PlannedDevice, PlannedTrunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """One device, or one outside number through one trunk, that is to be rung.

    Attributes:
        device: The phone and whose it is; for an outside number, that number.
        dials: What Asterisk is told to dial.
        variables: Channel variables: who calls.
        trunk: The trunk it goes through; None for a phone.
        way: The other trunks that it may go through; None for a phone.
    """

    device: PlannedDevice
    dials: str
    variables: Mapping[str, str]
    trunk: PlannedTrunk | None = None
    way: OutsideWay | None = None


class Callees:
    """Finds the devices and trunks for one call."""

    def __init__(
        self,
        plan: NumberPlan,
        facts: CallFacts,
        room: CallRoom,
        journal: CallJournal,
        *,
        caller_name: str,
        now: Callable[[], datetime],
    ) -> None:
        """Look after one call.

        Args:
            plan: Where devices and trunks stand.
            facts: Who calls, and how they came in.
            room: What is in use, and the gate to outside numbers.
            journal: Where it is written down why a number leaves as it does.
            caller_name: The name that phones of the tenant show.
            now: Says what time it is for the tenant.
        """
        self._plan = plan
        self._facts = facts
        self._room = room
        self._caller_name = caller_name
        self._ways = OutsideWays(plan, facts, room, journal, caller_name=caller_name, now=now)

    @property
    def language(self) -> str:
        """In what the exchange itself speaks to them."""
        return self._plan.tenant.language

    @property
    def ways(self) -> OutsideWays:
        """How outside numbers leave."""
        return self._ways

    def of(self, party: Party) -> tuple[Callee, ...] | NoWay:
        """What is to be dialled for this party, at this moment."""
        if party.is_outside:
            way = self._ways.open(party)
            found = way if isinstance(way, NoWay) else self.next_on(way)
            return found if isinstance(found, NoWay) else (found,)
        if self._is_on_enough_calls(party.number):
            return NoWay(f"{party.number} is busy", LegOutcome.BUSY)
        number = self._facts.caller.number
        return tuple(
            Callee(
                device=self._plan.device(endpoint),
                dials=f"PJSIP/{endpoint}",
                variables=identity_of_the_other(number, self._caller_name),
            )
            for endpoint in party.phones
        )

    def next_on(self, way: OutsideWay) -> Callee | NoWay:
        """The outside number through the next trunk that may be tried."""
        attempt = self._ways.take_next(way)
        if isinstance(attempt, NoWay):
            return attempt
        return Callee(
            device=outside_device(way.number),
            dials=dial_string(way, attempt),
            variables=variables_of(way, attempt),
            trunk=attempt.trunk,
            way=way,
        )

    def hold(self, callee: Callee, channel_id: str) -> None:
        """The channel for the callee takes up one of the trunk's, or a line of the person.

        Who is being rung is on the call as well; all phones of a person are one line of theirs.
        """
        if callee.trunk is None:
            lines = lines_of(self._plan.tenant.id, callee.device.extension)
            self._room.occupancy.hold(lines, channel_id)
            return
        self._room.occupancy.hold(channels_of(callee.trunk.endpoint), channel_id)
        if callee.way is not None and callee.way.leg is not None:
            self._room.gate.hold(callee.way.leg, channel_id)

    def answered(self, channel_id: str) -> None:
        """Somebody has picked up; out there, that costs."""
        self._room.gate.answered(channel_id)

    def rest(self, trunk: PlannedTrunk) -> None:
        """The trunk gave no sign of life: for a while, others are tried first."""
        self._room.trunk_rest.rest(trunk.endpoint)

    def let_go(self, channel_id: str) -> None:
        """The channel is gone."""
        self._room.let_go(channel_id)

    def _is_on_enough_calls(self, number: str) -> bool:
        """Whether others have taken the person's last line since somebody asked for it."""
        person = self._plan.people.get(number)
        lines = lines_of(self._plan.tenant.id, number)
        in_use = self._room.occupancy.calls(lines, but=self._facts.call_id)
        return person is not None and in_use >= person.max_lines


def outside_device(number: str) -> PlannedDevice:
    """An outside number in the place of a phone."""
    return PlannedDevice(endpoint=Endpoint(number), name=number, extension=number, caller_name="")


def identity_of_the_other(number: str, name: str) -> dict[str, str]:
    """Channel variables that say who is at the other end.

    The ``i`` keeps Asterisk from telling the phone at once: it goes into the next INVITE or answer
    (From; P-Asserted-Identity, RFC 3325) instead of a message of its own.
    """
    return {"CONNECTEDLINE(name,i)": name, "CONNECTEDLINE(num,i)": number}
