"""How a party outside is reached: the way out, the gate before it, one trunk after the other.

What a leg is made with stands here, too: Asterisk dials ``Local/TRUNK-NUMBER@outside``, so that
each leg passes the dialplan, which counts and looks once more by itself (`asterisk_conf`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf
from typing import Final

import structlog

from models.trunk_uris import dialled_through
from stasis_apps.call import CallFacts, Leave, Party, WayIn
from stasis_apps.decisions.ending import Reason, ended_by_plan
from stasis_apps.decisions.hangup_cause import LIMITS, LegOutcome
from stasis_apps.decisions.outbound import Choice, Purpose
from stasis_apps.decisions.trunk_choice import fails_over, patience_of, rested_first
from stasis_apps.emergency_way import (
    EMERGENCY_CALL,
    facts_for_those_who_help,
    find_way,
)
from stasis_apps.journal import CallJournal, What
from stasis_apps.live_call.room import CallRoom
from stasis_apps.live_call.second_lock import told_to_dialplan
from stasis_apps.live_call.trunk_rest import trunks_down
from stasis_apps.occupancy import channels_of
from stasis_apps.outside_gate import OutsideLeg
from stasis_apps.plan import NumberPlan, PlannedTenant, PlannedTrunk
from stasis_apps.services.limit_notices import limit_reached
from stasis_apps.services.notices import Notice
from stasis_apps.way_out import Attempt, NoWayOut, WayOut, Wish

OUTSIDE, EMERGENCY = "outside", "emergency"
"""The contexts of the dialplan through which legs to outside numbers go."""

_DIGITS: Final = frozenset("+0123456789")
_LONGEST_EXTENSION: Final = 60
_JOURNAL_LANGUAGE: Final = "en"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class NoWay:
    """Why a party cannot even be dialled, in words and in one."""

    reason: str
    outcome: LegOutcome


@dataclass(slots=True, kw_only=True, eq=False)
class OutsideWay:
    """One outside number on its way, through one trunk after the other.

    Attributes:
        number: As the party has it.
        found: How it leaves.
        waiting: The trunks that have not been tried yet, in their order.
        leg: What the gate holds it for; None for a call for help, which passes no gate.
        silent: The endpoints of trunks that were given up because nothing was heard of them.
    """

    number: str
    found: WayOut
    waiting: list[Attempt]
    leg: OutsideLeg | None
    silent: set[str] = field(default_factory=set)

    @property
    def context(self) -> str:
        """Where in the dialplan its legs go."""
        return OUTSIDE if self.leg else EMERGENCY

    def goes_on(self, trunk: PlannedTrunk, sip_status: int | None, *, has_rung: bool) -> bool:
        """Whether the next trunk is tried after this one has ended with such an answer.

        A call for help goes on after every end: who refuses it, or plays an announcement and hangs
        up, has not helped.
        """
        if not self.waiting or self.leg is None:
            return bool(self.waiting)
        return fails_over(sip_status, has_rung=has_rung, final_codes=trunk.final_codes)

    def patience_s(self, trunk: PlannedTrunk, left_s: float) -> float:
        """How long this trunk may be silent; for ever when there is no other one.

        Args:
            trunk: The trunk that is tried.
            left_s: For how long the number is still to ring.
        """
        if not self.waiting:
            return inf
        is_hasty = self.leg is None and trunk.endpoint not in self.silent
        return patience_of(trunk.patience_s, left_s=left_s, is_for_help=is_hasty)

    def was_silent(self, trunk: PlannedTrunk) -> None:
        """This trunk was given up; a call for help comes back to it once, after all others."""
        if self.leg is None and trunk.endpoint not in self.silent:
            tried = [one for one in self.found.attempts if one.trunk.endpoint == trunk.endpoint]
            self.waiting.extend(tried)
        self.silent.add(trunk.endpoint)


class OutsideWays:
    """Finds ways out for one call, asks the gate, and tells who must hear of a limit."""

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
        self._plan = plan
        self._facts = facts
        self._room = room
        self._journal = journal
        self._caller_name = caller_name
        self._now = now
        self._down: frozenset[str] = frozenset()

    async def look_before_help(self, party: Party) -> None:
        """Before help is called, see which trunks are down: they are tried last."""
        may_be_help = party.is_emergency or party.is_dialling
        found = self.find(party) if may_be_help else None
        if not isinstance(found, WayOut) or not found.is_emergency or len(found.attempts) < 2:
            return
        names = {one.trunk.endpoint: one.trunk.name for one in found.attempts}
        self._down = await trunks_down(self._room.ari, names)
        for name in (names[endpoint] for endpoint in names if endpoint in self._down):
            self._journal.write(
                What.NOTED, reason=f"trunk {name} is down and tried last", trunk=name
            )

    def find(self, party: Party) -> WayOut | NoWayOut:
        """How a party would leave, by the plan alone."""
        return find_way(self._plan, self._wish(party))

    def leave(self, party: Party) -> Leave:
        """How a party would leave, by the rules; why it may not is told at once."""
        found = self.find(party)
        rule = found.choice.rule.name if found.choice and found.choice.rule else ""
        if isinstance(found, NoWayOut):
            self._note_rules(party, found.choice)
            self._journal.write(What.NOTED, reason=found.note, number=party.number)
            return Leave(refused=found.outcome, rule=rule)
        is_closed = bool(self._room.gate.closed(self._leg(party, found)))
        return Leave(rule=rule, asks_pin=bool(found.pin_hash) and not is_closed)

    def open(self, party: Party) -> OutsideWay | NoWay:
        """The way of a party that is to be dialled now, past rules, PIN and limits."""
        found = self.find(party)
        self._note_rules(party, found.choice)
        if party.is_emergency or (isinstance(found, WayOut) and found.is_emergency):
            self._tell_of_help(party, found)
        if isinstance(found, NoWayOut):
            return NoWay(found.note, found.outcome)
        is_emergency = party.is_emergency or found.is_emergency
        leg = None if is_emergency else self._leg(party, found)
        refused = self._room.gate.refusal(leg) if leg else None
        if leg is not None and refused is not None:
            self._tell_limit(party.number, refused, leg, acting=party.acting)
            words = ended_by_plan(Reason(refused)).comment(_JOURNAL_LANGUAGE)
            return NoWay(f"{party.number}: {words}", refused)
        rule = found.choice.rule.name if found.choice.rule else ""
        if found.pin_hash and party.pin_given_for != rule:
            return NoWay("nobody has given the PIN that its rule asks for", LegOutcome.FORBIDDEN)
        mask = {"mask": str(found.choice.rule.mask)} if found.choice.rule else {}
        self._journal.write(What.NOTED, reason=found.note, number=party.number, **mask)
        rest = self._room.trunk_rest
        down = self._down if is_emergency else frozenset()
        waiting = rested_first(
            found.attempts,
            lambda one: one.trunk.endpoint in down or rest.is_resting(one.trunk.endpoint),
        )
        return OutsideWay(number=party.number, found=found, waiting=list(waiting), leg=leg)

    def take_next(self, way: OutsideWay) -> Attempt | NoWay:
        """The next trunk that has a free channel; calls for help do not ask whether it has."""
        skipped = NoWay("all trunks have been tried", LegOutcome.CARRIER_FAILED)
        while way.waiting:
            attempt = way.waiting.pop(0)
            trunk = attempt.trunk
            in_use = self._room.occupancy.count(channels_of(trunk.endpoint))
            if way.leg is None or not trunk.max_channels or in_use < trunk.max_channels:
                return attempt
            skipped = NoWay(f"trunk {trunk.name} has no free channel", LegOutcome.NO_CHANNEL)
            if way.waiting:
                self._journal.write(What.NOTED, reason=skipped.reason, trunk=trunk.name)
        return skipped

    def refused_by_dialplan(self, way: OutsideWay, outcome: LegOutcome) -> None:
        """The dialplan did not dial what we had let pass: one of the two counts wrongly."""
        log.error("dialplan_refused_what_was_let_pass", outcome=outcome.value)
        self._journal.write(
            What.FAULT, reason="the dialplan refused what the application had let pass"
        )
        if way.leg is not None:
            self._tell_limit(way.number, outcome, way.leg)

    def _wish(self, party: Party) -> Wish:
        facts = self._facts
        return Wish(
            number=party.number,
            acting=party.acting,
            purpose=party.purpose,
            device=facts.caller.device,
            at=self._now(),
            way_in=facts.way_in,
            came_by=facts.trunk,
            called=facts.dialled if facts.way_in is WayIn.TRUNK else "",
            caller_number=facts.caller.number,
            caller_name=self._caller_name,
            hides_number=facts.hides_number or party.hides_number,
            is_dialling=party.is_dialling,
            is_emergency=party.is_emergency,
        )

    def _leg(self, party: Party, found: WayOut) -> OutsideLeg:
        is_dialled = party.purpose is Purpose.DIALLED
        return OutsideLeg(
            tenant=self._room.gate.newest(self._plan.tenant),
            call_id=self._facts.call_id,
            device=endpoint_of_caller(self._facts, self._plan.tenant) if is_dialled else "",
            purpose=party.purpose,
            destination=found.destination,
            at=self._now(),
        )

    def _note_rules(self, party: Party, choice: Choice | None) -> None:
        """Tell why the rules before the one that fired were not for this call."""
        if choice is None or not choice.passed:
            return
        why = "; ".join(f"{one.rule}: {one.why}" for one in choice.passed)
        self._journal.write(What.NOTED, reason=f"rules passed over: {why}", number=party.number)

    def _tell_of_help(self, party: Party, found: WayOut | NoWayOut) -> None:
        """Let administrators know at once that help is called, and from where."""
        number = found.choice.sends if found.choice else party.number
        facts = facts_for_those_who_help(self._plan, replace(self._wish(party), number=number))
        if isinstance(found, NoWayOut):
            facts["fault"] = found.note
        self._room.notices.tell(
            Notice(
                tenant=self._plan.tenant,
                kind=EMERGENCY_CALL,
                at=self._now(),
                call_id=self._facts.call_id,
                facts=facts,
            )
        )

    def _tell_limit(
        self, number: str, outcome: LegOutcome, leg: OutsideLeg, *, acting: str = ""
    ) -> None:
        if outcome in LIMITS:
            notice = limit_reached(
                leg,
                outcome,
                gate=self._room.gate,
                number=number,
                phone=self._facts.caller.device,
                acting=acting or self._facts.caller.number,
            )
            self._room.notices.tell(notice)


def endpoint_of_caller(facts: CallFacts, tenant: PlannedTenant) -> str:
    """The phone that calls, as Asterisk knows it; empty when no phone of the tenant does."""
    if facts.way_in is not WayIn.PHONE or not facts.caller.device:
        return ""
    return f"{facts.caller.device}@{tenant.domain}"


@dataclass(frozen=True, slots=True)
class OutsideLegFound:
    """A leg to an outside number that an earlier process had made.

    Attributes:
        trunk: The endpoint of its trunk.
        number: As the carrier was given it.
        is_emergency: Whether help was called.
    """

    trunk: str
    number: str
    is_emergency: bool


_LEG_NAME: Final = re.compile(
    rf"Local/(trunk-[0-9a-f]+)-([+0-9]*)@({OUTSIDE}|{EMERGENCY})-[0-9a-f]+;1"
)


def outside_leg_in(channel_name: str) -> OutsideLegFound | None:
    """What the name of a channel tells of a leg to an outside number; None for any other."""
    found = _LEG_NAME.fullmatch(channel_name)
    if found is None:
        return None
    trunk, number, context = found.groups()
    return OutsideLegFound(trunk, number, is_emergency=context == EMERGENCY)


def dial_string(way: OutsideWay, attempt: Attempt) -> str:
    """What Asterisk is told to dial: a leg through the dialplan.

    Trunk and number stand in its name, where they are found again after a restart. The ``n`` keeps
    the leg where it is; the ``m`` lets hold and its music through.
    """
    number = "".join(digit for digit in attempt.sends if digit in _DIGITS)[:_LONGEST_EXTENSION]
    return f"Local/{attempt.trunk.endpoint}-{number}@{way.context}/nm"


def variables_of(way: OutsideWay, attempt: Attempt) -> dict[str, str]:
    """Channel variables of a leg: who calls, and what the dialplan counts and compares.

    The leg itself goes by the outside number, and never by the name that the dialplan knows it by:
    the caller's phone would show that.
    """
    shown = attempt.shown
    given = {
        "OUT_DIALS": dialled_through(attempt.trunk, attempt.sends),
        "OUT_SHOWN": shown.number,
        "OUT_NAME": shown.name,
        "OUT_HIDDEN": "1" if shown.is_hidden else "",
        "OUT_FORWARDED_BY": shown.forwarded_by,
        **(told_to_dialplan(way.leg, attempt.trunk) if way.leg else {}),
    }
    of_the_leg = {"CALLERID(num)": way.number, "CALLERID(name)": ""}
    return of_the_leg | {name: value for name, value in given.items() if value}
