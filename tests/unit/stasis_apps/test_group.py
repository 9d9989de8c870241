"""What callers and members experience when a group is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from stasis_apps.call import CallEnded, Endpoint, HowCame, Person
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.element import known_elements
from stasis_apps.elements.group import Group
from stasis_apps.elements.user import rules_of
from stasis_apps.testing import (
    HangsUpAt,
    PickedUp,
    ScriptedCall,
    Verb,
    a_call_from_outside,
    a_call_of_alice,
)

MOBILE = "+79161234567"


def a_person(number: str, **more: object) -> Person:
    """A user with one phone."""
    known: dict[str, object] = {"name": "", "phones": (Endpoint(f"{number}@acme.test"),)}
    return Person(number=number, **{**known, **more})  # type: ignore[arg-type] # names are checked


BORIS, CLARA, DAVID = a_person("101"), a_person("102"), a_person("103")
THREE = [BORIS, CLARA, DAVID]


def a_group(members: Sequence[object] = ("101", "102", "103"), **more: object) -> Group:
    """A group as it stands in the tables."""
    settings = {"members": list(members), **more}
    assert known_elements()["group"].faults(settings) == []
    element = known_elements()["group"].build(settings)
    assert isinstance(element, Group)
    return element


def phones(**outcomes: LegOutcome | PickedUp) -> dict[str, LegOutcome | PickedUp]:
    """What the phone of each user does, ``u101=LegOutcome.BUSY``; the others ring in vain."""
    vain = {f"{number}@acme.test": LegOutcome.NO_ANSWER for number in ("101", "102", "103")}
    return {**vain, **{f"{name[1:]}@acme.test": does for name, does in outcomes.items()}}


async def led_to(group: Group, call: ScriptedCall) -> str:
    """The exit by which the call leaves, or the device it is connected with."""
    try:
        return str(await group.run(call))
    except CallEnded:
        return str(call.talked_to)


def rung(call: ScriptedCall) -> list[tuple[str, float]]:
    """Who was rung when, in the first round."""
    return [(party.number, party.after_s) for party in call.rang[0].parties]


async def test_all_members_ring_at_once_and_the_first_who_answers_talks() -> None:
    call = ScriptedCall(people=THREE, phones=phones(u102=PickedUp()))

    assert await led_to(a_group(), call) == "102@acme.test"
    assert rung(call) == [("101", 0), ("102", 0), ("103", 0)]
    assert call.rang[0].ring_s == 30


async def test_a_member_may_ring_later_and_shorter_than_the_others() -> None:
    members = ["101", {"number": "102", "delay_s": 10, "ring_s": 5}]
    call = ScriptedCall(people=THREE, phones=phones())

    assert await led_to(a_group(members), call) == "no_answer"
    assert rung(call) == [("101", 0), ("102", 10)]
    assert [party.ring_s for party in call.rang[0].parties] == [None, 5]


async def test_in_sequence_one_rings_after_the_other() -> None:
    call = ScriptedCall(people=THREE, phones=phones())

    assert await led_to(a_group(strategy="sequence", step_s=7), call) == "no_answer"
    assert rung(call) == [("101", 0), ("102", 7), ("103", 14)]
    assert {party.ring_s for party in call.rang[0].parties} == {7}


async def test_progressively_one_joins_after_the_other() -> None:
    call = ScriptedCall(people=THREE, phones=phones())

    await led_to(a_group(strategy="progressive", step_s=7), call)

    assert rung(call) == [("101", 0), ("102", 7), ("103", 14)]
    assert {party.ring_s for party in call.rang[0].parties} == {None}


@pytest.mark.parametrize(
    ("turn", "order"), [(0, ["101", "102", "103"]), (4, ["102", "103", "101"])]
)
async def test_members_take_turns_to_be_the_first(turn: int, order: list[str]) -> None:
    call = ScriptedCall(people=THREE, phones=phones(), turn=turn)

    await led_to(a_group(strategy="round_robin", step_s=5), call)

    assert [number for number, _ in rung(call)] == order


async def test_chance_decides_who_is_first_and_everybody_may_be() -> None:
    firsts = set()
    for place in range(30):
        facts = a_call_of_alice()
        facts = type(facts)(call_id=f"call {place}", caller=facts.caller, dialled="5000")
        call = ScriptedCall(people=THREE, phones=phones(), facts=facts)
        await led_to(a_group(strategy="random", step_s=5), call)
        firsts.add(rung(call)[0][0])

    assert firsts == {"101", "102", "103"}


async def test_the_list_is_gone_through_again_but_not_for_those_who_declined() -> None:
    group = a_group(strategy="sequence", step_s=5, rounds=3, ring_s=60)
    call = ScriptedCall(people=THREE, phones=phones(u102=LegOutcome.DECLINED))

    assert await led_to(group, call) == "no_answer"
    assert [one.numbers for one in call.rang] == [
        ("101", "102", "103"),
        ("101", "103"),
        ("101", "103"),
    ]


async def test_no_group_rings_for_longer_than_it_may() -> None:
    group = a_group(strategy="sequence", step_s=20, rounds=10, ring_s=50)
    call = ScriptedCall(people=THREE, phones=phones())

    await led_to(group, call)

    assert sum(one.ring_s for one in call.rang) == 50


@pytest.mark.parametrize(
    ("became", "way_out"),
    [
        (
            {"u101": LegOutcome.BUSY, "u102": LegOutcome.BUSY, "u103": LegOutcome.UNREGISTERED},
            "all_busy",
        ),
        ({"u101": LegOutcome.BUSY, "u102": LegOutcome.DECLINED}, "no_answer"),
        (
            {
                "u101": LegOutcome.UNREGISTERED,
                "u102": LegOutcome.UNREACHABLE,
                "u103": LegOutcome.UNREGISTERED,
            },
            "none_reachable",
        ),
    ],
)
async def test_the_caller_leaves_by_what_became_of_the_members(
    became: Mapping[str, LegOutcome], way_out: str
) -> None:
    call = ScriptedCall(people=THREE, phones=phones(**became))

    assert await led_to(a_group(), call) == way_out


async def test_members_who_cannot_be_rung_are_passed_over() -> None:
    people = [
        a_person("101", is_on_dnd=True),
        a_person("102", max_lines=1),
        a_person("103", phones=()),
    ]
    call = ScriptedCall(people=people, lines_in_use={"102": 1})

    assert await led_to(a_group([*("101", "102", "103"), "104"]), call) == "all_busy"
    assert call.rang == []


@pytest.mark.parametrize(
    ("skips", "order"), [(True, ["101", "103"]), (False, ["101", "102", "103"])]
)
async def test_members_on_another_call_are_left_in_peace_if_so_wanted(
    skips: bool, order: list[str]
) -> None:
    lines = {"102": 1, "103": 1}  # Clara talks, David's phone only rings
    call = ScriptedCall(people=THREE, phones=phones(), lines_in_use=lines, on_a_call=["102"])

    await led_to(a_group(skip_busy=skips), call)

    assert [number for number, _ in rung(call)] == order


async def test_a_member_who_calls_the_group_neither_rings_nor_is_waited_for() -> None:
    call = ScriptedCall(people=[a_person("100"), BORIS])

    assert await led_to(in_turns("100", "101"), call) == "none_reachable"
    assert [one.numbers for one in call.rang] == [("101",)]
    assert call.waited_s == []
    assert call.notes[0] == "100 is left out: it is they who call"
    assert call.notes[1:] == ["rings one after the other: 101"]


async def test_an_outside_member_confirms_unless_told_otherwise() -> None:
    members = [
        MOBILE,
        {"number": "84951234567", "confirm": False},
        {"number": "101", "confirm": True},
    ]
    call = ScriptedCall(people=THREE, phones=phones())

    await led_to(a_group(members), call)

    assert [party.must_confirm for party in call.rang[0].parties] == [True, False, True]
    assert [party.is_outside for party in call.rang[0].parties] == [True, True, False]


async def test_phones_show_the_group_before_the_callers_name_and_only_for_the_group() -> None:
    call = ScriptedCall(people=THREE, phones=phones())

    await led_to(a_group(prefix="Sales: "), call)

    assert call.rang[0].caller_name == "Sales: Alice"
    assert call.caller_name == "Alice"


async def test_a_caller_without_a_name_is_shown_by_number_behind_the_prefix() -> None:
    call = ScriptedCall(people=THREE, phones=phones(), facts=a_call_from_outside())

    await led_to(a_group(prefix="Sales: "), call)

    assert call.rang[0].caller_name == f"Sales: {MOBILE}"


async def test_the_greeting_comes_first() -> None:
    call = ScriptedCall(people=THREE, phones=phones())

    await led_to(a_group(greeting="welcome"), call)

    assert call.verbs == [Verb.ANSWER, Verb.PLAY, Verb.DIAL]


def with_rules(**more: object) -> Person:
    """Boris, who wants his calls to go on to his mobile."""
    return a_person(
        "101",
        rules=rules_of(
            [
                {"when": "busy", "to": MOBILE},
                {"when": "no_answer", "to": "102", "after_s": 8.0},
                {"when": "no_answer", "to": "5000"},
                {"when": "dnd", "to": MOBILE, "confirm": False},
            ]
        ),
        **more,
    )


async def test_the_rules_of_a_member_are_ignored_and_the_journal_says_so() -> None:
    call = ScriptedCall(
        people=[with_rules()],
        phones={**phones(u101=LegOutcome.BUSY), MOBILE: PickedUp()},
        number="5010",
    )

    assert await led_to(a_group(["101"]), call) == "all_busy"
    assert call.notes[0] == "personal rules of 101 ignored: called via group 5010"


@pytest.mark.parametrize(
    ("honours", "boris"),
    [(True, with_rules()), (False, with_rules(rules_via=frozenset({HowCame.GROUP})))],
)
async def test_the_rules_of_a_member_run_when_the_group_or_the_member_wants_it(
    honours: bool, boris: Person
) -> None:
    call = ScriptedCall(
        people=[boris, CLARA], phones={**phones(u101=LegOutcome.BUSY), MOBILE: PickedUp()}
    )

    assert await led_to(a_group(["101"], honour_forward=honours), call) == MOBILE


async def test_a_member_with_rules_rings_only_until_the_next_rule_is_due() -> None:
    call = ScriptedCall(people=[with_rules(), CLARA], phones=phones())

    await led_to(a_group(["101"], honour_forward=True), call)

    (party,) = call.rang[0].parties
    assert party.ring_s == 8.0
    clara = party.otherwise[LegOutcome.NO_ANSWER]
    assert (clara.number, clara.phones, dict(clara.otherwise)) == ("102", CLARA.phones, {})


async def test_the_mobile_rings_for_a_member_who_wants_no_calls_at_the_desk() -> None:
    call = ScriptedCall(people=[with_rules(is_on_dnd=True)], phones={MOBILE: PickedUp()})

    assert await led_to(a_group(["101"], honour_forward=True), call) == MOBILE


async def test_a_member_without_a_phone_is_looked_for_by_their_rules() -> None:
    call = ScriptedCall(people=[with_rules(phones=()), CLARA], phones=phones(u102=PickedUp()))

    assert await led_to(a_group(["101"], honour_forward=True), call) == "102@acme.test"


async def test_one_whose_rules_lead_nowhere_is_as_one_without() -> None:
    when_busy = rules_of([{"when": "busy", "to": MOBILE}])
    dnd = a_person("101", is_on_dnd=True, rules=when_busy)
    away = a_person("102", phones=(), rules=when_busy)
    call = ScriptedCall(people=[dnd, away])

    assert await led_to(a_group(["101", "102"], honour_forward=True), call) == "all_busy"
    assert call.rang == []


@pytest.mark.parametrize("verb", [Verb.DIAL, Verb.TALK])
async def test_a_caller_may_leave_while_it_rings_and_while_they_talk(verb: Verb) -> None:
    call = ScriptedCall(people=THREE, phones=phones(u101=PickedUp()), hangs_up_at=HangsUpAt(verb))

    with pytest.raises(CallEnded) as ended:
        await a_group().run(call)

    assert ended.value.end.reason in (Reason.CANCELLED, Reason.NORMAL)


def in_turns(*members: str, **more: object) -> Group:
    """A group that goes through its members three times, if there is time."""
    how = {"strategy": "sequence", "ring_s": 30, "step_s": 15, "rounds": 3}
    return a_group(members or ("101", "102", "103"), **{**how, **more})


async def test_when_all_are_busy_the_caller_hears_ringback_and_all_are_tried_again() -> None:
    busy = phones(u101=LegOutcome.BUSY, u102=LegOutcome.BUSY)
    call = ScriptedCall(people=THREE, phones=busy)

    assert await led_to(in_turns("101", "102", retry_s=4), call) == "all_busy"
    assert [one.numbers for one in call.rang] == [("101", "102")] * 3
    assert call.waited_s == [4, 4]


async def test_the_pauses_count_among_the_seconds_that_the_group_rings() -> None:
    busy = phones(u101=LegOutcome.BUSY)
    call = ScriptedCall(people=THREE, phones=busy)

    await led_to(in_turns("101", ring_s=10, rounds=9, retry_s=4), call)

    assert call.waited_s == [4, 4, 2]
    assert len(call.rang) == 3


async def test_those_on_their_last_line_are_looked_at_again_after_a_pause() -> None:
    on_a_call = a_person("101", max_lines=1)
    call = ScriptedCall(people=[on_a_call], phones=phones(), lines_in_use={"101": 1})

    assert await led_to(in_turns("101"), call) == "all_busy"
    assert call.waited_s == [5, 5]


async def test_nobody_waits_for_people_who_cannot_be_reached_at_all() -> None:
    call = ScriptedCall(people=THREE)

    assert await led_to(in_turns(), call) == "none_reachable"
    assert len(call.rang) == 1
    assert call.waited_s == []


async def test_one_round_of_busy_members_is_not_followed_by_a_pause() -> None:
    call = ScriptedCall(people=THREE, phones=phones(u101=LegOutcome.BUSY))

    assert await led_to(a_group(["101"], strategy="sequence"), call) == "all_busy"
    assert call.waited_s == []


async def test_members_who_are_away_take_no_time_from_those_who_can_ring() -> None:
    away = phones(u101=LegOutcome.UNREGISTERED, u102=LegOutcome.UNREGISTERED)
    call = ScriptedCall(people=THREE, phones=away)

    assert await led_to(in_turns(), call) == "no_answer"
    assert [one.numbers for one in call.rang] == [("101", "102", "103")] * 2


@pytest.mark.parametrize(
    ("members", "path"),
    [
        (["101", "101"], "members.1"),
        (["5001"], "members.0"),
        ([""], "members.0"),
        ([{"number": "101"}, {"number": "5001"}], "members.1"),
        (["12"], "members.0"),
        ([], "members"),
        ([{"delay_s": 3}], "members.0.number"),
    ],
)
def test_members_that_cannot_be_rung_are_refused(members: Sequence[object], path: str) -> None:
    faults = known_elements()["group"].faults({"members": list(members)})

    assert [fault.path for fault in faults] == [path]
