"""Route tests: calls that are imagined, and what each must come to; run on the live engine.

Not here: what a test looks like in a file (`models.tenant_file.route_test_schema`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import Any, Final

from models.tenant_file.route_test_schema import NOBODY, REST_OF_PATH
from stasis_apps.call import WayIn
from stasis_apps.decisions.numbers import normalise
from stasis_apps.plan import NumberPlan
from stasis_apps.simulation import Scenario, ScenarioInvalid, SimulatedEnd, simulate
from stasis_apps.simulation.doing_words import (
    NOBODY_ACTS,
    NOBODY_THERE,
    NOTHING_LOCKED,
    acts,
    doing_of,
    is_somebody,
    may_ask_for_pin,
)
from stasis_apps.simulation.reply_words import NO_REQUEST, asks_a_server, reply_of

RouteTest = Mapping[str, Any]  # JSON border: one entry of ``tests``, as its schema has it

WAYS_IN: Final = {"phone": WayIn.PHONE, "trunk": WayIn.TRUNK, "sip": WayIn.DIRECT_SIP}
"""How tests call the doors of the exchange."""

_IN_A_TEST: Final = {"caller": "from", "dialled": "to", "way_in": "how", "doing": "answers"}
"""How tests call the fields of a scenario, where they call them otherwise."""

_AS_THEY_ARE: Final = ("caller_name", "trunk", "hangs_up_after_s", "says_s", "last_dialled", "pins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One thing that was expected of a call and did not happen.

    Attributes:
        field: Which expectation: ``path``, ``ends``, ``answered_by`` and so on.
        expected: What it says; None where the test itself makes no sense in this plan.
        was: What happened instead.
        why: What led the call away from what was expected; empty where nothing is to be said.
    """

    field: str
    expected: object
    was: object
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRoute:
    """What became of one route test.

    Attributes:
        name: Of the test.
        place: Where it stands among the tests, from 0.
        end: What the call came to; None when it cannot even be imagined in this plan.
        deviations: What did not happen as expected; empty when the test has passed.
        took_s: How long it took to find out; the call itself has a clock of its own.
    """

    name: str
    place: int
    end: SimulatedEnd | None
    deviations: tuple[Deviation, ...] = ()
    took_s: float = 0.0

    @property
    def has_passed(self) -> bool:
        """Whether everything happened as expected."""
        return not self.deviations


async def run_route_tests(
    plan: NumberPlan, tests: Sequence[RouteTest], *, now: datetime, only: str = ""
) -> list[TriedRoute]:
    """Run tests through a plan; takes no time, and nobody is called.

    Args:
        plan: The plan.
        tests: They have the shape of their schema.
        now: When calls come whose test does not say when.
        only: Those with this in their name; all when it is empty.
    """
    return [
        await _timed(plan, place, test, now)
        for place, test in enumerate(tests)
        if only in test["name"]
    ]


def scenario_of(test: RouteTest, *, now: datetime) -> Scenario:
    """The call that a test imagines.

    Args:
        test: It has the shape of its schema.
        now: When the call comes if the test does not say when.
    """
    more: dict[str, Any] = {name: test[name] for name in _AS_THEY_ARE if name in test}
    if "how" in test:
        more["way_in"] = WAYS_IN[test["how"]]
    if "otherwise" in test:
        more["otherwise"] = doing_of(test["otherwise"])
    return Scenario(
        caller=test["from"],
        dialled=test["to"],
        at=datetime.fromisoformat(test["at"]) if "at" in test else now,
        keys=tuple(test.get("keys", ())),
        doing={number: doing_of(given) for number, given in test.get("answers", {}).items()},
        replies={number: [reply_of(given)] for number, given in test.get("replies", {}).items()},
        **more,
    )


async def _timed(plan: NumberPlan, place: int, test: RouteTest, now: datetime) -> TriedRoute:
    began_s = monotonic()
    tried = await _run(plan, place, test, now)
    return replace(tried, took_s=monotonic() - began_s)


async def _run(plan: NumberPlan, place: int, test: RouteTest, now: datetime) -> TriedRoute:
    name = test["name"]
    senseless = (
        *_nobodies(plan, test),
        *_pins_for_nothing(plan, test.get("pins", {})),
        *_replies_of_nobody(plan, test.get("replies", {})),
    )
    if senseless:
        return TriedRoute(name=name, place=place, end=None, deviations=senseless)
    try:
        end = await simulate(plan, scenario_of(test, now=now))
    except ScenarioInvalid as invalid:
        field = _IN_A_TEST.get(invalid.field, invalid.field)
        deviation = Deviation(field=field, expected=None, was=invalid.value, why=invalid.rule)
        return TriedRoute(name=name, place=place, end=None, deviations=(deviation,))
    deviations = tuple(_deviations(test["expect"], end, plan.tenant.country))
    return TriedRoute(name=name, place=place, end=end, deviations=deviations)


def _nobodies(plan: NumberPlan, test: RouteTest) -> Iterator[Deviation]:
    """Those who are not there; a slip of the pen would make a test that cannot fail."""
    expect = test["expect"]
    for name in test.get("answers", {}):
        if not acts(plan, name):
            yield Deviation(field="answers", expected=None, was=name, why=NOBODY_ACTS)
    for field in ("rang", "not_rung"):
        for name in expect.get(field, ()):
            if not is_somebody(plan, name):
                yield Deviation(field=field, expected=None, was=name, why=NOBODY_THERE)


def _pins_for_nothing(plan: NumberPlan, pins: Iterable[str]) -> Iterator[Deviation]:
    for name in pins:
        if not may_ask_for_pin(plan, name):
            yield Deviation(field="pins", expected=None, was=name, why=NOTHING_LOCKED)


def _replies_of_nobody(plan: NumberPlan, replies: Iterable[str]) -> Iterator[Deviation]:
    for number in replies:
        if not asks_a_server(plan, number):
            yield Deviation(field="replies", expected=None, was=number, why=NO_REQUEST)


def _deviations(expect: Mapping[str, Any], end: SimulatedEnd, country: str) -> Iterator[Deviation]:
    if "path" in expect:
        yield from _off_the_path(expect["path"], end)
    said = _as_expected(end)
    for name in (name for name in expect if name in said):
        if expect[name] != said[name]:
            yield Deviation(field=name, expected=expect[name], was=said[name])
    if not _heard_in_order(expect.get("heard", ()), end.heard):
        yield Deviation(field="heard", expected=expect["heard"], was=end.heard)
    yield from _wrongly_rung(expect, end, country)


def _wrongly_rung(
    expect: Mapping[str, Any], end: SimulatedEnd, country: str
) -> Iterator[Deviation]:
    """Who did not ring and should have, and the other way round; a phone may be meant by name."""
    rung = {*end.phones, *(normalise(one, country) for one in end.rang)}

    def has_rung(one: str) -> bool:
        return one in rung or normalise(one, country) in rung

    missing = [one for one in expect.get("rang", ()) if not has_rung(one)]
    if missing:
        why = f"{', '.join(missing)} did not ring"
        yield Deviation(field="rang", expected=expect["rang"], was=end.rang, why=why)
    disturbed = [one for one in expect.get("not_rung", ()) if has_rung(one)]
    if disturbed:
        why = f"{', '.join(disturbed)} rang"
        yield Deviation(field="not_rung", expected=expect["not_rung"], was=end.rang, why=why)


def _as_expected(end: SimulatedEnd) -> dict[str, str]:
    """What single expectations are compared with, in their words."""
    number, trunk = end.sent_outside
    return {
        "ends": end.end.reason.value,
        "ended_by": end.end.by.value,
        "answered_by": end.answered_by or NOBODY,
        "voicemail": end.voicemail or NOBODY,
        "sent": number or NOBODY,
        "through": trunk or NOBODY,
    }


def _heard_in_order(expected: Iterable[str], heard: Sequence[str]) -> bool:
    """Whether the caller heard all this in this order, whatever they heard between."""
    rest = iter(heard)
    return all(sound in rest for sound in expected)


def _off_the_path(expected: Sequence[str], end: SimulatedEnd) -> Iterator[Deviation]:
    taken = [hop.number for hop in end.path]
    fork = parted_at(expected, taken)
    if fork is not None:
        why = _why(end, fork.place, fork.wanted)
        yield Deviation(field="path", expected=tuple(expected), was=tuple(taken), why=why)


@dataclass(frozen=True, slots=True)
class Fork:
    """Where a path leaves what was expected of it.

    Attributes:
        place: The first hop that was not expected, from 0; behind the last one when more was.
        wanted: What could have come there; empty when the call should have ended before.
    """

    place: int
    wanted: tuple[str, ...]


def parted_at(expected: Sequence[str], taken: Sequence[str]) -> Fork | None:
    """Where a call has left an expected path; None when it has not.

    Args:
        expected: Numbers, and ``...`` for any of them or none.
        taken: The numbers that the call passed.
    """
    places = _reachable({0}, expected)
    for passed, number in enumerate(taken):
        wanted = _wanted(places, expected)
        stayed = {at for at in places if at < len(expected) and expected[at] == REST_OF_PATH}
        moved = {at + 1 for at in places if at < len(expected) and expected[at] == number}
        places = _reachable(stayed | moved, expected)
        if not places:
            return Fork(passed, wanted)
    return None if len(expected) in places else Fork(len(taken), _wanted(places, expected))


def _reachable(places: set[int], expected: Sequence[str]) -> set[int]:
    """The same places, and those behind each ``...`` that may stand for nothing."""
    reached = set(places)
    for at, number in enumerate(expected):
        if at in reached and number == REST_OF_PATH:
            reached.add(at + 1)
    return reached


def _wanted(places: Iterable[int], expected: Sequence[str]) -> tuple[str, ...]:
    numbers = [expected[at] for at in sorted(places) if at < len(expected)]
    return tuple(dict.fromkeys(number for number in numbers if number != REST_OF_PATH))


def _why(end: SimulatedEnd, place: int, wanted: Sequence[str]) -> str:
    """What led the call to where it was not expected, from the hop before."""
    should = f"expected {' or '.join(wanted)}" if wanted else "expected the end of the call"
    ended = f"the call ended: {end.end.comment('en')}"
    if place == 0:
        first = f"the call came to {end.path[0].number}" if end.path else ended
        return f"{first}, {should}"
    before = end.path[place - 1]
    left = f" was left by {before.way_out}" if before.way_out else " was left"
    to = f" to {end.path[place].number}" if place < len(end.path) else ""
    reasons = [*before.reasons, *([] if to else [ended])]
    because = f": {'; '.join(reasons)}" if reasons else ""
    return f"{before.number}{left}{to}, {should}{because}"
