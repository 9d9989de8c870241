"""Plans with outbound rules, and what becomes of a number that somebody dials on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.facts import OutboundRuleFacts, TenantRows
from stasis_apps.call import WayIn
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.way_out import NoWayOut, Shown, WayOut, Wish, find_way_out
from tests.support.builders import SOUND_FOLDER, a_trunk, tenant_rows

NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/Moscow"))
EVENING = NOON.replace(hour=20)
OFFICE_HOURS = {"windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}]}

SPB = a_trunk(name="spb", endpoint="trunk-00000001", username="spb", is_default=True)
MOSCOW = a_trunk(name="moscow", endpoint="trunk-00000002", username="msk", is_default=False)
OURS, ALICES, RULES_OWN, OLD = "74951234567", "74957654321", "78121234567", "74990000000"

ANY_FORMAT = "{p7|7|8|}(dddddddddd)"


def rows(*rules: dict[str, Any], **changes: Any) -> TenantRows:
    """A tenant with phones 100 and 101, the trunks spb (default) and moscow, and these rules."""
    facts = [
        OutboundRuleFacts(**{"place": place, "name": f"rule {place}", **rule})
        for place, rule in enumerate(rules, start=1)
    ]
    usual = tenant_rows(trunks=[SPB, MOSCOW], numbers={OURS: "100", ALICES: "100", RULES_OWN: ""})
    return replace(usual, **{"outbound": tuple(facts), **changes})


def a_plan(*rules: dict[str, Any], **changes: Any) -> NumberPlan:
    return build_plan(rows(*rules, **changes), sound_folder=SOUND_FOLDER)


def leaves(plan: NumberPlan, number: str, **wish: Any) -> WayOut | NoWayOut:
    """How a number leaves that 100 dials at noon, if nothing else is said."""
    usual = {"acting": "100", "purpose": Purpose.DIALLED, "device": "100", "at": NOON}
    dials = wish.get("purpose", Purpose.DIALLED) is Purpose.DIALLED
    usual |= {"caller_number": "100", "is_dialling": dials}
    return find_way_out(plan, Wish(number=number, **{**usual, **wish}))


def way(plan: NumberPlan, number: str, **wish: Any) -> tuple[str, ...]:
    """What is sent, and then the trunks in order."""
    found = leaves(plan, number, **wish)
    assert isinstance(found, WayOut), found
    return (found.choice.sends, *(one.trunk.name for one in found.attempts))


def refused(plan: NumberPlan, number: str, **wish: Any) -> LegOutcome:
    found = leaves(plan, number, **wish)
    assert isinstance(found, NoWayOut), found
    return found.outcome


def shown(plan: NumberPlan, number: str = "89991234567", **wish: Any) -> Shown:
    found = leaves(plan, number, **wish)
    assert isinstance(found, WayOut), found
    return found.attempts[0].shown


FROM_OUTSIDE = {"way_in": WayIn.TRUNK, "device": "", "caller_number": "+79160000001"}
KEEPS = replace(MOSCOW, forward_via_same=True)
