"""An office for tests of ringing: five colleagues, groups, people with rules, two trunks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from stasis_apps.journal import What
from tests.support.builders import a_trunk
from tests.unit.stasis_apps.live.desk import MOBILE, Desk, PlacedCall

FIVE = ("101", "102", "103", "104", "105")
CITY = a_trunk(name="city", endpoint="trunk-0000c1f1", caller_id="74950000000", max_channels=2)
MOSCOW = a_trunk(is_default=False, forward_via_same=True)
CITY_LEG = f"Local/{CITY.endpoint}-{MOBILE}@outside/nm"
MOSCOW_LEG = f"Local/{MOSCOW.endpoint}-{MOBILE}@outside/nm"

IN_TURNS = {"kind": "group", "strategy": "sequence", "ring_s": 30, "step_s": 15}

ELEMENTS: Mapping[str, Mapping[str, object]] = {
    "5000": {"kind": "group", "members": list(FIVE), "ring_s": 30},
    "5001": {"kind": "group", "members": ["101", "102"], "strategy": "sequence", "step_s": 10},
    "5002": {"kind": "group", "members": ["101", MOBILE], "ring_s": 30, "prefix": "Sales: "},
    "5003": {"kind": "group", "members": [MOBILE], "ring_s": 30, "no_answer": "5009"},
    "5004": {
        "kind": "group",
        "members": [{"number": MOBILE, "confirm": False}, {"number": "102", "delay_s": 20}],
        "ring_s": 30,
    },
    "5005": {"kind": "group", "members": ["110"], "honour_forward": True, "ring_s": 40},
    "5006": {"kind": "play", "sound": "news", "next": "111"},
    "5007": {"kind": "group", "members": ["101", "102"], "strategy": "progressive", "step_s": 5},
    "5009": {"kind": "play", "sound": "news"},
    "5011": {**IN_TURNS, "members": ["101", "102"], "rounds": 3},
    "5012": {**IN_TURNS, "members": ["101", "102", "103"]},
    "5010": {"kind": "group", "members": ["102", "110"], "honour_forward": True},
    "5013": {"kind": "group", "members": ["101", "102"], "ring_s": 30, "skip_busy": True},
    "5014": {**IN_TURNS, "members": ["101", "102"], "ring_s": 60, "rounds": 2, "skip_busy": True},
}
RULES = {
    "110": {
        "rules": [
            {"when": "busy", "to": "102"},
            {"when": "no_answer", "to": "103", "after_s": 10},
        ]
    },
    "111": {"rules": [{"when": "no_answer", "to": "102", "after_s": 5}], "voicemail": True},
    "112": {"rules": [{"when": "always", "to": MOBILE, "confirm": False}]},
}


def at(number: str) -> str:
    """The one phone of a user."""
    return f"{number}@acme.test"


def takes_one_call(desk: Desk, number: str) -> None:
    """Whoever is on a call, or being rung for one, is busy to everybody else."""
    people = {**desk.plan.people, number: replace(desk.plan.people[number], max_lines=1)}
    user = desk.plan.elements[number]
    element = replace(user.element, max_calls=1)  # type: ignore[type-var] # users are dataclasses
    elements = {**desk.plan.elements, number: replace(user, element=element)}
    desk.plan = replace(desk.plan, people=people, elements=elements)


def leg_to(desk: Desk, endpoint: str) -> str:
    """The channel that is ringing at a device or outside number."""
    return next(
        channel.id
        for channel in desk.fake.channels.values()
        if channel.endpoint in (endpoint, f"PJSIP/{endpoint}")
    )


def told_outside(variables: object) -> dict[str, str]:
    """What the carrier is told of who calls, by the variables that a leg was made with."""
    assert isinstance(variables, dict)
    told = ("OUT_SHOWN", "OUT_NAME", "OUT_HIDDEN", "OUT_FORWARDED_BY")
    return {name: variables[name] for name in told if name in variables}


def rang(call: PlacedCall) -> list[str]:
    """Who has rung, in order."""
    return [str(line.facts["device"]) for line in call.lines(What.RANG)]


def seconds() -> float:
    """The clock that jumps."""
    return asyncio.get_running_loop().time()
