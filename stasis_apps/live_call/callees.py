"""Whom a party is, to Asterisk: the devices to dial, the trunk to take, and what each phone shows.

Not here: the ringing itself (see ringing).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stasis_apps.call import CallFacts, Endpoint, Party, WayIn
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.trunk_choice import choose_trunk
from stasis_apps.occupancy import Occupancy, channels_of, lines_of
from stasis_apps.plan import NumberPlan, PlannedDevice, PlannedTrunk
from stasis_apps.services.trunk_objects import uri_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """One device, or one outside number, that is to be rung.

    Attributes:
        device: The phone and whose it is; for an outside number, that number.
        dials: What Asterisk is told to dial.
        variables: Channel variables: who calls.
        trunk: The trunk it goes through; None for a phone.
    """

    device: PlannedDevice
    dials: str
    variables: Mapping[str, str]
    trunk: PlannedTrunk | None = None


@dataclass(frozen=True, slots=True)
class NoWay:
    """Why a party cannot even be dialled, in words and in one."""

    reason: str
    outcome: LegOutcome


class Callees:
    """Finds the devices and trunks for one call."""

    def __init__(
        self,
        plan: NumberPlan,
        facts: CallFacts,
        occupancy: Occupancy,
        *,
        caller_name: str,
        is_forward: bool,
    ) -> None:
        """Look after one call.

        Args:
            plan: Where devices and trunks stand.
            facts: Who calls, and how they came in.
            occupancy: How many channels of each trunk are in use.
            caller_name: The name that phones of the tenant show.
            is_forward: Whether outside numbers are dialled on behalf of a user.
        """
        self._plan = plan
        self._facts = facts
        self._occupancy = occupancy
        self._caller_name = caller_name
        self._is_forward = is_forward

    @property
    def language(self) -> str:
        """In what the exchange itself speaks to them."""
        return self._plan.tenant.language

    def of(self, party: Party) -> tuple[Callee, ...] | NoWay:
        """What is to be dialled for this party, at this moment."""
        if party.is_outside:
            return self._outside(party.number)
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

    def hold(self, callee: Callee, channel_id: str) -> None:
        """The channel for the callee takes up one of the trunk's, or a line of the person.

        Who is being rung is on the call as well; all phones of a person are one line of theirs.
        """
        lines = lines_of(self._plan.tenant.id, callee.device.extension)
        trunk = callee.trunk
        self._occupancy.hold(channels_of(trunk.endpoint) if trunk else lines, channel_id)

    def let_go(self, channel_id: str) -> None:
        """The channel is gone."""
        self._occupancy.let_go(channel_id)

    def _is_on_enough_calls(self, number: str) -> bool:
        """Whether others have taken the person's last line since somebody asked for it."""
        person = self._plan.people.get(number)
        lines = lines_of(self._plan.tenant.id, number)
        in_use = self._occupancy.calls(lines, but=self._facts.call_id)
        return person is not None and in_use >= person.max_lines

    def _outside(self, number: str) -> tuple[Callee, ...] | NoWay:
        if self._facts.way_in is WayIn.DIRECT_SIP:
            return NoWay("strangers are not connected to outside numbers", LegOutcome.UNREACHABLE)
        trunk = choose_trunk(self._plan.trunks.values(), came_by=self._facts.trunk)
        if trunk is None:
            return NoWay("there is no trunk to outside numbers", LegOutcome.NO_TRUNK)
        in_use = self._occupancy.count(channels_of(trunk.endpoint))
        if trunk.max_channels and in_use >= trunk.max_channels:
            return NoWay(f"trunk {trunk.name} has no free channel", LegOutcome.NO_CHANNEL)
        device = PlannedDevice(
            endpoint=Endpoint(number), name=number, extension=number, caller_name=""
        )
        dials = dialled_through(trunk, number)
        variables = self._identity_outside(trunk)
        return (Callee(device=device, dials=dials, variables=variables, trunk=trunk),)

    def _identity_outside(self, trunk: PlannedTrunk) -> dict[str, str]:
        """Who calls, as the carrier is told; a Diversion (RFC 5806) when the call was another's.

        A call from outside that leaves again was somebody's of the tenant, whoever sent it on: a
        rule, the number itself, an element's exit, a group.
        """
        own = self._own_number(trunk)
        caller = self._facts.caller
        passes = trunk.passes_caller_id and self._facts.way_in is WayIn.TRUNK and caller.number
        shown = (caller.number, caller.name) if passes else (own or caller.number, "")
        was_anothers = self._is_forward or self._facts.way_in is WayIn.TRUNK
        is_told = was_anothers and own
        return identity_of_the_other(*shown) | (_forwarded_by(own) if is_told else {})

    def _own_number(self, trunk: PlannedTrunk) -> str:
        """The tenant's number that the carrier of this trunk knows."""
        came_in_here = self._facts.dialled if self._facts.trunk == trunk.name else ""
        return trunk.caller_id or came_in_here or trunk.username


def dialled_through(trunk: PlannedTrunk, number: str) -> str:
    """What Asterisk dials to reach a number through a trunk.

    The carrier's address stands in it: by the address of record alone, Asterisk dials nothing that
    has not answered its latest OPTIONS, and there are carriers that answer none. A carrier that
    registers here is known by its registration only.
    """
    uri = "" if trunk.registration == "inbound" else uri_at(trunk, number)
    return f"PJSIP/{trunk.endpoint}/{uri}" if uri else f"PJSIP/{number}@{trunk.endpoint}"


def _forwarded_by(number: str) -> dict[str, str]:
    """Channel variables for the Diversion header; Asterisk sends none while the count is 0."""
    return {"REDIRECTING(from-num,i)": number, "REDIRECTING(count,i)": "1"}


def identity_of_the_other(number: str, name: str) -> dict[str, str]:
    """Channel variables that say who is at the other end.

    The ``i`` keeps Asterisk from telling the phone at once: it goes into the next INVITE or answer
    (From; P-Asserted-Identity, RFC 3325) instead of a message of its own.
    """
    return {"CONNECTEDLINE(name,i)": name, "CONNECTEDLINE(num,i)": number}
