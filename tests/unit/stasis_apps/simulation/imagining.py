"""Calls that are imagined in tests: a tenant with something of everything, and short words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from models.facts import AliasFacts, NumberFacts, OutboundRuleFacts, TenantRows
from models.outside_policy import OutsidePolicy
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.simulation import Became, Doing, Scenario, SimulatedEnd, simulate
from tests.support.builders import SOUND_FOLDER, a_tenant, a_trunk, tenant_rows

MONDAY, SUNDAY, NIGHT = map(
    datetime.fromisoformat, ("2026-11-23T10:00", "2026-11-22T10:00", "2026-11-23T02:00")
)
MOBILE, OURS, ABROAD = "+79161234567", "74951234567", "+4930123456"
MAIN = a_trunk(is_default=True, patience_s=4)
SPARE = a_trunk(name="spare", endpoint="trunk-00000002", is_default=False)

ELEMENTS: Mapping[str, Mapping[str, object]] = {
    "5000": {
        "kind": "greeting",
        "sound": "welcome",
        "keys": {"1": "101", "2": "5100", "3": "5500", "12": "5120"},
        "no_input": "5120",
        "invalid": "5200",
        "max_no_input": 2,
        "max_invalid": 2,
    },
    "5100": {"kind": "group", "members": ["101", "102", MOBILE], "no_answer": "5120"},
    "5120": {"kind": "voicemail", "emails": ["a@acme.test"]},
    "5200": {"kind": "hang_up"},
    "5300": {
        "kind": "time_rule",
        "windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}],
        "match": "5000",
        "no_match": "5120",
    },
    "5400": {"kind": "number_rule", "masks": ["+7916+"], "match": "101", "no_match": "5200"},
    "5500": {"kind": "play", "sound": "news", "next": "5000"},
    "5600": {"kind": "set_switch", "switch": "5300", "position": "closed"},
    "5700": {"kind": "mailbox", "box": "5120"},
    "5800": {"kind": "play", "sound": "missing", "failed": "101"},
}

USERS: Mapping[str, Mapping[str, object]] = {
    "103": {"rules": [{"when": "no_answer", "to": MOBILE, "after_s": 8, "ring_s": 20}]},
    "104": {"voicemail": True},
    "105": {"rules": [{"when": "always", "to": "106"}]},
    "106": {"rules": [{"when": "always", "to": "105"}]},
    "107": {"dnd": True, "busy": "5120"},
}

RULES = (
    OutboundRuleFacts(place=1, name="never", mask="89169999999", output="0000"),
    OutboundRuleFacts(place=2, name="secret", mask="8499(ddddddd)", output="8499$", pin_hash="x"),
    OutboundRuleFacts(place=3, name="both", mask="(8916ddddddd)", trunks=("moscow", "spare")),
    OutboundRuleFacts(place=4, name="help", mask="0(112)"),
)


def rows(**tenant: Any) -> TenantRows:
    """A tenant with something of everything; changes are its own."""
    usual: dict[str, Any] = {"outside": OutsidePolicy()}
    found = tenant_rows(
        elements=ELEMENTS,
        extensions={
            "100": ["100"],
            "101": ["101", "101-kitchen"],
            **{number: [number] for number in ("102", *USERS)},
            "108": [],
        },
        users=USERS,
        sounds={"welcome": 3.0, "news": 2.0},
        trunks=(MAIN, SPARE),
        numbers={OURS: "5300", "74957654321": "100", "74950000000": ""},
        aliases=(AliasFacts(name="info", target="5300", allows_direct_sip=True),),
        tenant=a_tenant(**{**usual, **tenant}),
    )
    return replace(found, outbound=RULES, pins={"5120": "x", "5600": "x"})


def plan_of(given: TenantRows) -> NumberPlan:
    return build_plan(given, sound_folder=SOUND_FOLDER)


def a_number(target: str) -> NumberFacts:
    """The number that these calls dial, leading somewhere else."""
    return NumberFacts(number=OURS, digits=OURS, trunk=MAIN.name, target=target)


PLAN = plan_of(rows())


def answers(after_s: float = 2.0, **more: Any) -> Doing:
    return Doing(became=Became.ANSWERS, after_s=after_s, **more)


def does(became: Became, after_s: float = 2.0) -> Doing:
    return Doing(became=became, after_s=after_s)


async def imagine(dialled: str = OURS, caller: str = MOBILE, **more: Any) -> SimulatedEnd:
    """A call from outside on a Monday morning, unless something else is said."""
    plan = more.pop("plan", PLAN)
    scenario = {"caller": caller, "dialled": dialled, "at": MONDAY, **more}
    return await simulate(plan, Scenario(**scenario))


def path(end: SimulatedEnd) -> list[str]:
    """The numbers that the call passed."""
    return [hop.number for hop in end.path]


def exits(end: SimulatedEnd) -> list[str]:
    """How it left them."""
    return [hop.way_out for hop in end.path]


def told(end: SimulatedEnd) -> str:
    """All reasons of its way."""
    return "; ".join(reason for hop in end.path for reason in hop.reasons)
