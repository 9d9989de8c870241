"""Alice calls Boris, whose personal rules name Alice herself."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import pytest

from stasis_apps.call import (
    CallEnded,
    Caller,
    CallFacts,
    Endpoint,
    GoTo,
    HowCame,
    Person,
    Target,
    WayIn,
)
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.element import Element, known_elements
from stasis_apps.elements.user import rules_of
from stasis_apps.testing import ScriptedCall

DESK = Endpoint("101@acme.test")
ALICE = Person(number="100", name="Alice", phones=(Endpoint("100@acme.test"),))
CLARA = Person(number="102", name="Clara", phones=(Endpoint("102@acme.test"),))


def boris(**more: object) -> Element:
    """Boris with some settings of his own."""
    return known_elements()["user"].build({"number": "101", "devices": [DESK], **more})


@pytest.mark.parametrize(
    ("later", "rang"), [([], [("101",)]), ([{"when": "busy", "to": "102"}], [("101",), ("102",)])]
)
async def test_a_rule_that_names_the_caller_does_not_ring_the_callers_own_phone(
    later: list[Mapping[str, object]], rang: list[tuple[str, ...]]
) -> None:
    user = boris(rules=[{"when": "busy", "to": "100"}, *later], voicemail=True)
    call = ScriptedCall(phones={DESK: LegOutcome.DECLINED}, people=[ALICE, CLARA])

    with suppress(CallEnded):
        await user.run(call)

    assert [tuple(one.number for one in ringing.parties) for ringing in call.rang] == rang
    assert "rule busy of 101 skipped: 100 is the caller" in call.notes


async def test_a_call_is_not_handed_over_to_whoever_makes_it() -> None:
    user = boris(rules=[{"when": "busy", "to": "100"}])
    call = ScriptedCall(phones={DESK: LegOutcome.DECLINED}, people=[ALICE])

    assert await user.run(call) == "declined"
    assert call.notes == ["rule busy of 101 skipped: 100 is the caller"]


async def test_a_caller_from_outside_is_nobody_of_the_house() -> None:
    caller = Caller(number="100", name="", device="")
    facts = CallFacts(call_id="c", caller=caller, dialled="74951234567", way_in=WayIn.TRUNK)
    user = boris(rules=[{"when": "busy", "to": "100"}])
    call = ScriptedCall(phones={DESK: LegOutcome.DECLINED}, people=[ALICE], facts=facts)

    assert await user.run(call) == GoTo(Target("100"), "101 hands the call over", HowCame.DIRECT)


async def test_nor_does_a_group_whose_member_has_such_a_rule() -> None:
    rules = rules_of([{"when": "no_answer", "to": "100"}, {"when": "no_answer", "to": "102"}])
    member = Person(number="101", name="Boris", phones=(DESK,), rules=rules)
    call = ScriptedCall(people=[ALICE, member, CLARA])
    group = known_elements()["group"].build({"members": ["101"], "honour_forward": True})

    await group.run(call)

    (party,) = call.rang[0].parties
    assert {following.number for following in party.otherwise.values()} == {"102"}
