"""What becomes of a recorded call in another plan; pure, runs both plans on the live engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from models.call_log import JournalLine, RecordedCall
from models.facts import SwitchFacts
from stasis_apps.call import Position
from stasis_apps.plan import NumberPlan
from stasis_apps.replay.recalled_keys import WrongKeys
from stasis_apps.replay.recalling import NotRecalled, RecalledCall, recalled
from stasis_apps.simulation import (
    Hop,
    Scenario,
    ScenarioInvalid,
    simulate_at_once,
)

CHANGED_SINCE: Final = "the plan as it is does not lead it where it went (changed since that call)"
NOT_REENACTED: Final = "the plan as it is does not lead it where it went (the steps do not say why)"
NOT_ANY_MORE: Final = "the plan as it is has no place for the caller any more"

_BEFORE_THE_END_S: Final = 0.05
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reenacted:
    """What a plan makes of a call.

    Attributes:
        path: Element by element.
        ends: Why it ends, in the word of call records; empty when it cannot even begin.
        answered_by: Who takes it, or empty.
        voicemail: The mailbox in which a message is left, or empty.
        sent_outside: The number that is sent to a trunk last, and that trunk.
        rang: Whose phones rang.
        unsaid: The HTTP requests of which the recorded call tells no answer.
        impossible: Why it cannot even begin; empty when it can.
    """

    path: tuple[Hop, ...] = ()
    ends: str = ""
    answered_by: str = ""
    voicemail: str = ""
    sent_outside: tuple[str, str] = ("", "")
    rang: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    impossible: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The elements it passes."""
        return tuple(hop.number for hop in self.path)

    @property
    def place(self) -> tuple[object, ...]:
        """Where it ends, and with whom."""
        last = self.numbers[-1:]
        return last, self.ends, self.answered_by, self.voicemail, self.sent_outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A call that would go another way.

    Attributes:
        call: As it was recorded.
        before: What the plan as it is makes of it.
        after: What the other plan makes of it.
        strangers: Who would be rung, or asked over HTTP, of whom this call tells nothing; they are
            taken not to answer.
    """

    call: RecordedCall
    before: Reenacted
    after: Reenacted
    strangers: tuple[str, ...] = ()

    @property
    def fork(self) -> int:
        """The place of the hop from which the ways part; their last one when they pass the same."""
        same = 0
        for old, new in zip(self.before.path, self.after.path, strict=False):
            if (old.number, old.way_out, old.target) != (new.number, new.way_out, new.target):
                break
            same += 1
        return min(same, max(0, min(len(self.before.path), len(self.after.path)) - 1))

    @property
    def fork_number(self) -> str:
        """The element at which the ways part; empty when one of them has none."""
        hops = self.before.path[self.fork : self.fork + 1]
        return hops[0].number if hops else ""

    @property
    def ends_elsewhere(self) -> bool:
        """Whether it ends at another place, with somebody else or for another reason."""
        return self.before.place != self.after.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """A call of which nobody can tell what would become of it.

    Attributes:
        call: As it was recorded.
        why: What is missing.
    """

    call: RecordedCall
    why: str


Judgement = Difference | Untold | None


class Replay:
    """Two plans, through which any number of calls can be sent."""

    def __init__(self, before: NumberPlan, after: NumberPlan) -> None:
        """Take two plans.

        Args:
            before: As it is.
            after: As it would be.
        """
        self._before = replace(before, switches={})
        self._after = replace(after, switches={}, revision=before.revision, faults=before.faults)
        self._wrong_keys = WrongKeys.of((before, after))
        self._differs_in_elements_only = self._before == replace(
            self._after, elements=before.elements
        )

    def judge(self, call: RecordedCall, journal: Sequence[JournalLine]) -> Judgement:
        """What becomes of one recorded call in the other plan; None for just the same.

        Outside of any event loop.
        """
        try:
            known = recalled(call, journal, self._wrong_keys)
        except NotRecalled as missing:
            return Untold(call=call, why=str(missing))
        before_plan = _with_switches(self._before, known.switches)
        scenario, before = _as_it_was(before_plan, known)
        if before is None:
            return Untold(call=call, why=self._why_not(before_plan, known))
        if self._is_untouched(scenario, before):
            return None
        after = reenacted(_with_switches(self._after, known.switches), scenario)
        if after.numbers == before.numbers and after.place == before.place:
            return None
        strangers = tuple(
            number
            for number in after.rang
            if number not in before.rang and number not in scenario.doing
        )
        strangers += tuple(one for one in after.unsaid if one not in before.unsaid)
        return Difference(call=call, before=before, after=after, strangers=strangers)

    def _is_untouched(self, scenario: Scenario, before: Reenacted) -> bool:
        """Whether nothing has changed that the call came by, so that it need not be made again."""
        if not self._differs_in_elements_only:
            return False
        came_by = {scenario.dialled, *before.numbers, *(hop.target for hop in before.path)}
        old, new = self._before.elements, self._after.elements
        return all(old.get(number) == new.get(number) for number in came_by)

    def _why_not(self, plan: NumberPlan, known: RecalledCall) -> str:
        if reenacted(plan, known.scenario).impossible:
            return NOT_ANY_MORE
        return NOT_REENACTED if known.call.revision == plan.revision else CHANGED_SINCE


def reenacted(plan: NumberPlan, scenario: Scenario) -> Reenacted:
    """What a plan makes of a call; outside of any event loop."""
    try:
        end = simulate_at_once(plan, scenario)
    except ScenarioInvalid as invalid:
        return Reenacted(impossible=str(invalid))
    return Reenacted(
        path=end.path,
        ends=end.end.reason.value,
        answered_by=end.answered_by,
        voicemail=end.voicemail,
        sent_outside=end.sent_outside,
        rang=end.rang,
        unsaid=end.unsaid,
    )


def _as_it_was(plan: NumberPlan, known: RecalledCall) -> tuple[Scenario, Reenacted | None]:
    """The call as the plan as it is makes it again; None when it does not go where it went.

    Prompts of Asterisk's last as long as nobody here knows, so the moment at which a caller gave up
    may be another by the clock: then it is looked for in the element in which they did.
    """
    again = reenacted(plan, known.scenario)
    if _is_as_it_was(again, known):
        return known.scenario, again
    if known.stayed_s is None:
        return known.scenario, None
    patient = reenacted(plan, replace(known.scenario, hangs_up_after_s=None))
    last = len(known.path) - 1
    if patient.numbers[: last + 1] != known.path or not known.path:
        return known.scenario, None
    hop = patient.path[last]
    leaves_s = hop.after_s + min(known.stayed_s, max(0.0, hop.lasted_s - _BEFORE_THE_END_S))
    scenario = replace(known.scenario, hangs_up_after_s=leaves_s)
    again = reenacted(plan, scenario)
    return scenario, again if _is_as_it_was(again, known) else None


def _is_as_it_was(again: Reenacted, known: RecalledCall) -> bool:
    stayed_on = known.stayed_s is not None and again.ends != known.call.reason
    if again.impossible or stayed_on:
        return False
    passed = again.numbers[: len(known.path)] if known.is_open_end else again.numbers
    return passed == known.path and again.answered_by == (known.call.answered_by or "")


def _with_switches(plan: NumberPlan, switches: Mapping[str, Position]) -> NumberPlan:
    """The plan with its switches as they stood when the call came by."""
    if not switches:
        return plan
    thrown = {
        number: SwitchFacts(number=number, position=position.value, set_at=_LONG_AGO)
        for number, position in switches.items()
    }
    return replace(plan, switches=thrown)
