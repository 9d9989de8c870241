"""What callers experience when they call a person."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from stasis_apps.call import CallEnded, Endpoint, GoTo, HowCame, Party, Person, Target
from stasis_apps.call_mailboxes import MailboxRefused
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.decisions.hangup_cause import OUTSIDE_FAULTS, LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.element import known_elements
from stasis_apps.elements.user import User, person_of
from stasis_apps.testing import (
    HangsUpAt,
    PhoneScript,
    PickedUp,
    ScriptedCall,
    ScriptedMailboxes,
    Verb,
)

DESK, KITCHEN = Endpoint("101@acme.test"), Endpoint("101-kitchen@acme.test")
BORIS = User(number="101", devices=(DESK, KITCHEN), ring_s=25.0)
CLARA = Person(number="102", name="Clara", phones=(Endpoint("102@acme.test"),))
MOBILE = "+79161234567"


def boris(**more: object) -> User:
    """Boris with some settings of his own, as they stand in the tables."""
    settings = {"number": "101", "devices": [DESK], "ring_s": 25, **more}
    assert known_elements()["user"].faults(settings) == []
    element = known_elements()["user"].build(settings)
    assert isinstance(element, User)
    return element


async def led_to(user: User, call: ScriptedCall) -> str:
    """The exit by which the call leaves, or the device it is connected with."""
    try:
        return str(await user.run(call))
    except CallEnded:
        return str(call.talked_to)


async def test_all_phones_of_a_person_ring_at_once_for_as_long_as_set() -> None:
    call = ScriptedCall(phones={DESK: LegOutcome.NO_ANSWER, KITCHEN: LegOutcome.NO_ANSWER})

    await BORIS.run(call)

    (rang,) = call.rang
    assert rang.parties == (Party(number="101", phones=(DESK, KITCHEN)),)
    assert rang.ring_s == 25.0


async def test_the_caller_talks_to_the_phone_that_was_picked_up() -> None:
    call = ScriptedCall(phones={DESK: LegOutcome.NO_ANSWER, KITCHEN: PickedUp()})

    with pytest.raises(CallEnded) as ended:
        await BORIS.run(call)

    assert call.talked_to == KITCHEN
    assert (ended.value.end.by, ended.value.end.reason) == (EndedBy.CALLEE, Reason.NORMAL)


@pytest.mark.parametrize("outcome", list(LegOutcome))
async def test_the_caller_leaves_by_what_became_of_the_phones(outcome: LegOutcome) -> None:
    call = ScriptedCall(phones={DESK: outcome, KITCHEN: outcome})

    assert await BORIS.run(call) == outcome.value
    assert not call.is_answered


@pytest.mark.parametrize(
    ("desk", "kitchen", "told"),
    [
        (LegOutcome.BUSY, LegOutcome.DECLINED, LegOutcome.DECLINED),
        (LegOutcome.BUSY, LegOutcome.NO_ANSWER, LegOutcome.NO_ANSWER),
        (LegOutcome.UNREGISTERED, LegOutcome.BUSY, LegOutcome.BUSY),
        (LegOutcome.UNREGISTERED, LegOutcome.UNREACHABLE, LegOutcome.UNREACHABLE),
    ],
)
async def test_the_most_telling_of_several_outcomes_counts(
    desk: PhoneScript, kitchen: PhoneScript, told: LegOutcome
) -> None:
    call = ScriptedCall(phones={DESK: desk, KITCHEN: kitchen})

    assert await BORIS.run(call) == told.value


async def test_a_person_without_a_phone_is_not_registered() -> None:
    call = ScriptedCall()

    assert await User().run(call) == "unregistered"
    assert call.rang == []
    assert call.notes == ["the user has no device"]


@pytest.mark.parametrize(
    ("verb", "reason"), [(Verb.DIAL, Reason.CANCELLED), (Verb.TALK, Reason.NORMAL)]
)
async def test_a_caller_may_leave_while_it_rings_and_while_they_talk(
    verb: Verb, reason: Reason
) -> None:
    call = ScriptedCall(phones={DESK: PickedUp()}, hangs_up_at=HangsUpAt(verb))

    with pytest.raises(CallEnded) as ended:
        await BORIS.run(call)

    assert (ended.value.end.by, ended.value.end.reason) == (EndedBy.CALLER, reason)


def test_every_way_of_not_being_answered_is_a_way_out() -> None:
    assert set(BORIS.exits()) == {*LegOutcome, "failed"} - OUTSIDE_FAULTS


@pytest.mark.parametrize(("unreachable", "way_out"), [("5000", "unreachable"), ("", "no_channel")])
async def test_a_fault_of_the_trunk_leaves_by_unreachable_or_is_told_as_what_it_is(
    unreachable: str, way_out: str
) -> None:
    user = boris(rules=[{"when": "always", "to": MOBILE}], unreachable=unreachable)
    call = ScriptedCall(phones={MOBILE: LegOutcome.NO_CHANNEL})

    assert await led_to(user, call) == way_out


@pytest.mark.parametrize(
    ("when", "desk"),
    [
        ("busy", LegOutcome.BUSY),
        ("busy", LegOutcome.DECLINED),
        ("no_answer", LegOutcome.NO_ANSWER),
        ("unregistered", LegOutcome.UNREGISTERED),
        ("unregistered", LegOutcome.UNREACHABLE),
        ("no_answer", LegOutcome.UNREGISTERED),
    ],
)
async def test_the_rule_for_what_happened_rings_the_mobile(when: str, desk: LegOutcome) -> None:
    user = boris(rules=[{"when": when, "to": MOBILE}])
    call = ScriptedCall(phones={DESK: desk, MOBILE: PickedUp()})

    assert await led_to(user, call) == MOBILE
    mobile = Party(number=MOBILE, must_confirm=True, acting="101", purpose=Purpose.FORWARDED)
    assert call.rang[-1].parties == (mobile,)


@pytest.mark.parametrize("when", ["busy", "unregistered", "dnd"])
async def test_a_rule_for_something_else_is_left_alone(when: str) -> None:
    user = boris(rules=[{"when": when, "to": MOBILE}])
    call = ScriptedCall(phones={DESK: LegOutcome.NO_ANSWER, MOBILE: PickedUp()})

    assert await led_to(user, call) == "no_answer"
    assert [rang.numbers for rang in call.rang] == [("101",)]


async def test_each_step_rings_until_the_next_rule_is_due() -> None:
    rules = [
        {"when": "no_answer", "to": "102", "after_s": 10},
        {"when": "no_answer", "to": MOBILE, "after_s": 15, "ring_s": 40, "confirm": False},
    ]
    call = ScriptedCall(
        phones={DESK: LegOutcome.NO_ANSWER, "102@acme.test": LegOutcome.NO_ANSWER},
        people=[CLARA],
    )

    assert await led_to(boris(rules=rules), call) == "no_answer"
    assert [(rang.numbers, rang.ring_s) for rang in call.rang] == [
        (("101",), 10),
        (("102",), 15),
        ((MOBILE,), 40),
    ]


async def test_always_rings_the_mobile_instead_of_the_person() -> None:
    user = boris(rules=[{"when": "always", "to": MOBILE}])
    call = ScriptedCall(phones={DESK: PickedUp(), MOBILE: LegOutcome.BUSY})

    assert await led_to(user, call) == "busy"
    assert [rang.numbers for rang in call.rang] == [(MOBILE,)]


async def test_the_voicemail_of_a_mobile_does_not_swallow_the_call() -> None:
    user = boris(rules=[{"when": "busy", "to": MOBILE}])
    machine = PickedUp(confirms=False)
    call = ScriptedCall(phones={DESK: LegOutcome.BUSY, MOBILE: machine})

    assert await led_to(user, call) == "busy"


async def test_a_person_who_wants_no_calls_is_not_rung() -> None:
    call = ScriptedCall(phones={DESK: PickedUp()})

    assert await led_to(boris(dnd=True), call) == "busy"
    assert call.rang == []


async def test_do_not_disturb_has_rules_of_its_own() -> None:
    user = boris(dnd=True, rules=[{"when": "dnd", "to": "5000"}])

    way_out = await user.run(ScriptedCall())

    assert isinstance(way_out, GoTo)
    assert (way_out.target, way_out.how) == ("5000", HowCame.FORWARD)


@pytest.mark.parametrize(("on_calls", "led"), [(1, DESK), (2, MOBILE)])
async def test_one_call_more_than_a_person_takes_finds_them_busy(on_calls: int, led: str) -> None:
    user = boris(max_calls=2, rules=[{"when": "busy", "to": MOBILE}])
    call = ScriptedCall(
        phones={DESK: PickedUp(), MOBILE: PickedUp()}, lines_in_use={"101": on_calls}
    )

    assert await led_to(user, call) == led


async def test_the_last_rule_hands_the_call_over_to_another_user() -> None:
    user = boris(rules=[{"when": "no_answer", "to": "102"}])
    call = ScriptedCall(phones={DESK: LegOutcome.NO_ANSWER}, people=[CLARA])

    way_out = await user.run(call)

    assert way_out == GoTo(Target("102"), "101 hands the call over", HowCame.DIRECT)


@pytest.mark.parametrize(
    ("clara", "rang"),
    [
        (CLARA, [("101",), ("102",)]),
        (Person(number="102", name="Clara"), [("101",)]),
        (Person(number="102", name="Clara", phones=CLARA.phones, is_on_dnd=True), [("101",)]),
    ],
)
async def test_with_voicemail_the_other_user_rings_plainly_and_voicemail_is_the_last_resort(
    clara: Person, rang: list[tuple[str, ...]]
) -> None:
    user = boris(voicemail=True, rules=[{"when": "no_answer", "to": "102"}])
    call = ScriptedCall(
        phones={DESK: LegOutcome.NO_ANSWER}, people=[clara], hangs_up_at=HangsUpAt(Verb.ASK)
    )

    with pytest.raises(CallEnded):
        await user.run(call)

    assert [one.numbers for one in call.rang] == rang
    assert "asterisk:vm-theperson" in call.heard


@pytest.mark.parametrize("desk", list(LegOutcome))
async def test_voicemail_is_the_last_resort_whatever_happened(desk: LegOutcome) -> None:
    call = ScriptedCall(phones={DESK: desk}, hangs_up_at=HangsUpAt(Verb.ASK))

    with pytest.raises(CallEnded):
        await boris(voicemail=True).run(call)

    is_busy = desk is LegOutcome.BUSY
    assert ("asterisk:vm-isonphone" in call.heard) is is_busy


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        (ScriptedMailboxes(), Reason.MESSAGE_LEFT),
        (ScriptedMailboxes(says_s=[0.2]), Reason.NO_MESSAGE),
        (
            ScriptedMailboxes(refusal=MailboxRefused("the mailbox is full", is_full=True)),
            Reason.MAILBOX_FULL,
        ),
    ],
)
async def test_after_the_message_the_call_is_over(box: ScriptedMailboxes, reason: Reason) -> None:
    call = ScriptedCall(phones={DESK: LegOutcome.NO_ANSWER}, mailboxes=box)

    with pytest.raises(CallEnded) as ended:
        await boris(voicemail=True).run(call)

    assert ended.value.end.reason is reason


async def test_a_message_that_cannot_be_recorded_leaves_by_failed() -> None:
    broken = ScriptedMailboxes(refusal=MailboxRefused("the disk is full", is_full=False))
    call = ScriptedCall(phones={DESK: LegOutcome.NO_ANSWER}, mailboxes=broken)

    assert await led_to(boris(voicemail=True), call) == "failed"


async def test_a_call_through_a_group_gets_no_voicemail_of_one_member() -> None:
    call = ScriptedCall(phones={DESK: LegOutcome.NO_ANSWER}, how=HowCame.GROUP)

    assert await led_to(boris(voicemail=True), call) == "no_answer"


@pytest.mark.parametrize("how", [way for way in HowCame if way is not HowCame.DIRECT])
async def test_personal_rules_run_for_direct_calls_alone(how: HowCame) -> None:
    user = boris(rules=[{"when": "always", "to": MOBILE}])
    call = ScriptedCall(phones={DESK: PickedUp(), MOBILE: PickedUp()}, how=how)

    assert await led_to(user, call) == DESK
    assert call.notes == [f"personal rules of 101 ignored: the call came via {how.value}"]


async def test_personal_rules_run_for_a_way_in_that_was_opened() -> None:
    user = boris(rules=[{"when": "always", "to": MOBILE}], apply_rules_via={"queue": True})
    call = ScriptedCall(phones={DESK: PickedUp(), MOBILE: PickedUp()}, how=HowCame.QUEUE)

    assert await led_to(user, call) == MOBILE


async def test_a_rule_that_names_nobody_is_passed_over() -> None:
    user = boris(rules=[{"when": "busy", "to": "333"}, {"when": "busy", "to": MOBILE}])
    call = ScriptedCall(phones={DESK: LegOutcome.BUSY, MOBILE: PickedUp()})

    assert await led_to(user, call) == MOBILE


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"when": "busy", "to": "101"}, "rules.0.to"),
        ({"when": "busy", "to": ""}, "rules.0.to"),
        ({"when": "busy", "to": "102", "after_s": 5}, "rules.0.after_s"),
        ({"when": "sometimes", "to": "102"}, "rules.0.when"),
        ({"when": "busy", "to": "12"}, "rules.0.to"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: Mapping[str, object], path: str) -> None:
    faults = known_elements()["user"].faults({"number": "101", "rules": [rule]})

    assert [fault.path for fault in faults] == [path]


@pytest.mark.parametrize("way_out", ["busy", "no_answer", "unregistered", "failed"])
def test_no_exit_leads_back_to_the_user(way_out: str) -> None:
    faults = known_elements()["user"].faults({"number": "101", way_out: "101"})

    assert [(fault.path, fault.rule) for fault in faults] == [(way_out, "is the user's own number")]


def test_others_see_of_a_person_what_their_settings_say() -> None:
    settings = {
        "rules": [{"when": "always", "to": MOBILE, "confirm": False}],
        "apply_rules_via": {"group": True, "queue": False},
        "dnd": True,
        "voicemail": True,
        "max_calls": 1,
    }

    person = person_of(number="101", name="Boris", phones=[DESK], ring_s=25.0, settings=settings)

    assert (person.number, person.name, person.phones, person.ring_s) == (
        *("101", "Boris"),
        (DESK,),
        25.0,
    )
    assert [(rule.to, rule.must_confirm) for rule in person.rules] == [(MOBILE, False)]
    assert person.rules_via == {HowCame.GROUP}
    assert person.is_on_dnd
    assert person.has_mailbox
    assert person.max_lines == 1


def test_a_person_whose_rules_cannot_be_read_is_a_person_without_rules() -> None:
    settings = {"rules": [{"when": "never"}]}

    person = person_of(number="101", name="", phones=[], ring_s=20.0, settings=settings)

    assert person.rules == ()
