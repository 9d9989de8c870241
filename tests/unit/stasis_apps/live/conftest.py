"""An exchange with Alice, who has one phone, Boris, who has two, and elements; and an office."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest

from models.outside_policy import OutsidePolicy
from tests.support.builders import a_plan, a_tenant
from tests.unit.stasis_apps.live.desk import OUR_NUMBER, Desk, open_desk
from tests.unit.stasis_apps.live.office import CITY, FIVE, MOSCOW, RULES
from tests.unit.stasis_apps.live.office import ELEMENTS as GROUPS

MENU = {
    "kind": "greeting",
    "sound": "welcome",
    "keys": {"1": "101", "2": "5001", "12": "5002"},
    "invalid_sound": "oops",
    "max_no_input": 2,
    "max_invalid": 2,
}

ELEMENTS: Mapping[str, Mapping[str, object]] = {
    "5000": MENU,
    "5001": {"kind": "play", "sound": "news", "next": "101"},
    "5002": {"kind": "hang_up", "cause": "busy"},
    "5003": {"kind": "play", "sound": "lost", "failed": "5004"},
    "5004": {"kind": "play", "sound": "news"},
    "5005": {**MENU, "barge_in": False},
    "5007": {**MENU, "direct_dial": True},
    "5006": {"kind": "play", "sound": "unknown"},
}

SOUNDS = {"welcome": 5.0, "news": 3.0, "oops": 1.0, "lost": 2.0}


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk(a_plan(elements=ELEMENTS, sounds=SOUNDS)) as opened:
        for name, length_s in SOUNDS.items():
            opened.fake.sounds[f"sound:/sounds/acme/{name}"] = length_s
        opened.fake.sounds["sound:/sounds/acme/lost"] = None
        opened.fake.sounds["tone:busy"] = 3600.0
        opened.fake.sounds["tone:congestion"] = 3600.0
        yield opened


@pytest.fixture
async def office() -> AsyncIterator[Desk]:
    """Alice calls; five colleagues, three people with rules, two trunks."""
    plan = a_plan(
        elements=GROUPS,
        extensions={number: [number] for number in ("100", *FIVE, *RULES)},
        users=RULES,
        sounds={"news": 3.0},
        trunks=(CITY, MOSCOW),
        numbers={CITY.caller_id: "5000", OUR_NUMBER: "5000"},
        tenant=a_tenant(outside=OutsidePolicy(calls_per_second=0)),
    )
    async with open_desk(plan) as opened:
        opened.fake.sounds["sound:/sounds/acme/news"] = 3.0
        opened.fake.sounds["tone:busy"] = opened.fake.sounds["tone:congestion"] = 3600.0
        yield opened
