"""Outside numbers that ring for a caller: who takes the call, what carriers see and say."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from ari_client.testing import (
    Answers,
    HangsUp,
    NeverAnswers,
    Phone,
    Step,
    StepKind,
    Unreachable,
    Unregistered,
)
from stasis_apps.call import Caller, CallFacts, WayIn
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.journal import What
from stasis_apps.live_call.confirming import CONFIRM_S, PROMPT
from stasis_apps.occupancy import channels_of
from tests.support.builders import a_plan, a_trunk
from tests.unit.stasis_apps.live.desk import MOBILE, OUR_NUMBER, Desk, open_desk
from tests.unit.stasis_apps.live.office import (
    CITY,
    CITY_LEG,
    MOSCOW_LEG,
    RULES,
    at,
    leg_to,
    told_outside,
)


async def test_an_outside_member_takes_the_call_by_pressing_1(office: Desk) -> None:
    office.fake.phone(at("101"), NeverAnswers())
    office.fake.phone(CITY_LEG, Answers(after_s=2.0))
    call = await office.call("5002")
    office.later(6.0, lambda: office.fake.press(leg_to(office, CITY_LEG), "1"))
    still_rings: list[bool] = []
    office.later(5.0, lambda: still_rings.append(len(call.legs()) == 2))
    office.later(20.0, call.hang_up)

    end = await call.end()

    assert (end.by, end.reason) == (EndedBy.CALLER, Reason.NORMAL)
    assert still_rings == [True]
    assert office.hangup_causes(at("101")) == ["26"]
    (answered,) = call.lines(What.ANSWERED)
    assert answered.facts == {"device": MOBILE, "by": MOBILE, "trunk": "city"}


async def test_the_voicemail_of_a_mobile_does_not_take_the_call(office: Desk) -> None:
    office.fake.phone(CITY_LEG, HangsUp(after_s=2.0, talks_s=60.0))
    legs: list[int] = []
    call = await office.call("5003")
    for moment_s in (2.0 + CONFIRM_S - 0.5, 2.0 + CONFIRM_S + 0.5):
        office.later(moment_s, lambda: legs.append(len(call.legs())))

    await call.end()

    assert legs == [1, 0]
    assert not call.lines(What.ANSWERED)
    assert [line.reason for line in call.lines(What.LEG_ENDED)] == ["no_answer"]


@pytest.mark.parametrize(("key", "became"), [("5", "no_answer"), ("2", "declined")])
async def test_another_key_than_1_lets_the_leg_go(office: Desk, key: str, became: str) -> None:
    office.fake.phone(CITY_LEG, Answers(after_s=2.0))
    call = await office.call("5003")
    office.later(4.0, lambda: office.fake.press(leg_to(office, CITY_LEG), key))

    await call.end()

    assert not call.lines(What.ANSWERED)
    assert [line.reason for line in call.lines(What.LEG_ENDED)] == [became]


async def test_a_mobile_that_hangs_up_instead_of_pressing_has_not_answered(office: Desk) -> None:
    office.fake.phone(CITY_LEG, HangsUp(after_s=2.0, talks_s=3.0))
    call = await office.call("5003")

    await call.end()

    assert [line.reason for line in call.lines(What.LEG_ENDED)] == ["no_answer"]


async def test_a_mobile_is_asked_in_the_language_of_the_company(office: Desk) -> None:
    office.plan = replace(office.plan, tenant=replace(office.plan.tenant, language="ru"))
    office.fake.phone(CITY_LEG, Answers(after_s=2.0))
    call = await office.call("5003")
    office.later(4.0, lambda: office.fake.press(leg_to(office, CITY_LEG), "2"))

    await call.end()

    asked = [one for one in office.fake.requests if PROMPT[1] in str(one.query.get("media"))]
    assert [one.query["lang"] for one in asked] == ["ru"]


async def test_who_confirms_too_late_is_told_that_somebody_else_has_it(office: Desk) -> None:
    office.fake.phone(at("101"), Answers(after_s=5.0))
    office.fake.phone(CITY_LEG, Answers(after_s=2.0))
    call = await office.call("5002")
    office.later(10.0, call.hang_up)

    await call.end()

    assert office.hangup_causes(CITY_LEG) == ["26"]
    assert call.lines(What.ANSWERED)[0].facts["by"] == "101"


async def test_keys_of_one_who_is_asked_are_not_the_callers(office: Desk) -> None:
    office.fake.phone(at("101"), NeverAnswers())
    office.fake.phone(CITY_LEG, Answers(after_s=1.0))
    call = await office.call("5002")
    office.later(2.0, call.press, "1")
    office.later(20.0, call.hang_up)

    await call.end()

    assert not call.lines(What.ANSWERED)


async def test_a_caller_who_leaves_while_somebody_is_asked_leaves_nothing_behind(
    office: Desk,
) -> None:
    office.fake.phone(CITY_LEG, Answers(after_s=1.0))
    call = await office.call("5003")
    office.later(4.0, call.hang_up)

    end = await call.end()

    assert end.reason is Reason.CANCELLED
    assert office.room.occupancy.count(channels_of(CITY.endpoint)) == 0


async def test_one_who_is_asked_when_the_time_is_over_may_still_press(office: Desk) -> None:
    office.fake.phone(CITY_LEG, Answers(after_s=28.0))
    call = await office.call("5003")
    office.later(35.0, lambda: office.fake.press(leg_to(office, CITY_LEG), "1"))
    office.later(50.0, call.hang_up)

    await call.end()

    assert call.lines(What.ANSWERED)


async def test_a_question_that_cannot_be_played_can_still_be_answered(office: Desk) -> None:
    office.fake.phone(CITY_LEG, Answers(after_s=1.0))
    office.fake.refuse_next("POST /channels/{}/play/{}", 500, "no sound")
    call = await office.call("5003")
    office.later(3.0, lambda: office.fake.press(leg_to(office, CITY_LEG), "1"))
    office.later(9.0, call.hang_up)

    await call.end()

    assert call.lines(What.ANSWERED)


async def test_a_call_that_came_by_a_trunk_which_keeps_its_forwards_leaves_by_it(
    office: Desk,
) -> None:
    office.fake.phone(MOSCOW_LEG, HangsUp())
    call = await office.call_from_outside("112", number="+74957654321")

    end = await call.end()

    assert end.reason is Reason.NORMAL
    (created,) = office.requests("POST", "/channels/create")
    assert told_outside(created.json["variables"]) == {
        "OUT_SHOWN": OUR_NUMBER,
        "OUT_FORWARDED_BY": OUR_NUMBER,
    }


@pytest.mark.parametrize("target", [MOBILE, "5002", "5003"])
async def test_a_call_from_outside_that_leaves_again_says_whose_number_was_called(
    office: Desk, target: str
) -> None:
    """The number itself leads outside, a group has a member there, an exit does."""
    office.fake.phone(at("101"), NeverAnswers())
    office.fake.phone(MOSCOW_LEG, HangsUp())
    call = await office.call_from_outside(target, number="+74957654321")
    office.later(30.0, call.hang_up)

    await call.end()

    told = [str(one.json["variables"]) for one in office.requests("POST", "/channels/create")]
    outside = [one for one in told if "OUT_FORWARDED_BY" in one]
    assert len(outside) == 1
    assert f"'OUT_FORWARDED_BY': '{OUR_NUMBER}'" in outside[0]


async def test_a_trunk_may_show_the_callers_own_number() -> None:
    passes = a_trunk(passes_caller_id=True, forward_via_same=True)
    plan = a_plan(
        extensions={"112": ["112"]}, users=RULES, trunks=(passes,), numbers={OUR_NUMBER: "112"}
    )
    async with open_desk(plan) as desk:
        desk.fake.phone(MOSCOW_LEG, HangsUp())

        await (await desk.call_from_outside("112", number="+74957654321", name="Ivan")).end()

        (created,) = desk.requests("POST", "/channels/create")
        assert told_outside(created.json["variables"]) == {
            "OUT_SHOWN": "+74957654321",
            "OUT_NAME": "Ivan",
            "OUT_FORWARDED_BY": OUR_NUMBER,
        }


async def test_a_trunk_takes_no_more_calls_than_it_has_channels(office: Desk) -> None:
    office.fake.phone(CITY_LEG, Answers(after_s=1.0))
    calls = [await office.call("112") for _ in range(3)]
    for call in calls[:2]:
        office.later(30.0, call.hang_up)

    ends = [await call.task for call in calls]

    assert [end.reason for end in ends] == [Reason.NORMAL, Reason.NORMAL, Reason.NO_CHANNEL]
    notes = [line.reason for line in calls[2].lines(What.NOTED)]
    assert "trunk city has no free channel" in notes
    assert office.room.occupancy.count(channels_of(CITY.endpoint)) == 0


@dataclass(frozen=True)
class Refuses:
    """The carrier says no."""

    cause: int
    sip_status: int
    rings: bool = False
    is_registered: bool = True

    def steps(self) -> list[Step]:
        """At once, or after a phone has rung."""
        says_no = Step(0.1, StepKind.HANG_UP, cause=self.cause, sip_status=self.sip_status)
        return [Step(0.0, StepKind.RING), says_no] if self.rings else [says_no]


@pytest.mark.parametrize(
    ("answer", "by", "reason", "refused"),
    [
        (Refuses(34, 503), EndedBy.CARRIER, Reason.CARRIER_FAILED, True),
        (Refuses(21, 403), EndedBy.CARRIER, Reason.CARRIER_FAILED, True),
        (Refuses(21, 603), EndedBy.CALLEE, Reason.DECLINED, False),
        (Refuses(17, 486), EndedBy.CALLEE, Reason.BUSY, False),
        (Refuses(1, 404), EndedBy.CALLEE, Reason.UNREACHABLE, True),
        (Refuses(19, 480), EndedBy.CALLEE, Reason.NO_ANSWER, True),
        (Refuses(19, 480, rings=True), EndedBy.CALLEE, Reason.NO_ANSWER, False),
        (Refuses(34, 503, rings=True), EndedBy.CARRIER, Reason.CARRIER_FAILED, True),
    ],
)
async def test_what_the_carrier_answers_says_who_is_to_blame(
    office: Desk, answer: Refuses, by: EndedBy, reason: Reason, refused: bool
) -> None:
    office.fake.phone(CITY_LEG, answer)
    call = await office.call("112")

    end = await call.end()

    assert (end.by, end.reason) == (by, reason)
    (ended,) = call.lines(What.LEG_ENDED)
    told = {"device": MOBILE, "trunk": "city", "sip": str(answer.sip_status)}
    assert ended.facts == told | ({"refused": "yes"} if refused else {})


@pytest.mark.parametrize("carrier", [Unregistered(), Unreachable()])
async def test_a_carrier_that_is_away_has_failed(office: Desk, carrier: Phone) -> None:
    office.fake.phone(CITY_LEG, carrier)

    end = await (await office.call("112")).end()

    assert end.reason is Reason.CARRIER_FAILED


@pytest.mark.parametrize(
    ("way_in", "reason", "note"),
    [
        (
            WayIn.DIRECT_SIP,
            Reason.UNREACHABLE,
            "strangers are not connected to outside numbers",
        ),
        (WayIn.PHONE, Reason.NO_TRUNK, "there is no trunk to outside numbers"),
    ],
)
async def test_strangers_and_companies_without_a_trunk_reach_no_outside_number(
    office: Desk, way_in: WayIn, reason: Reason, note: str
) -> None:
    if way_in is WayIn.PHONE:
        office.plan = a_plan(extensions={"112": ["112"]}, users=RULES)
    channel_id = office.fake.incoming_call(endpoint="anonymous", dialled="112", tenant_id="7")
    caller = Caller(number="", name="", device="")
    facts = CallFacts(call_id=channel_id, caller=caller, dialled="112", way_in=way_in)
    call = office.run(facts, "112")

    end = await call.end()

    assert end.reason is reason
    assert note in [line.reason for line in call.lines(What.NOTED)]
    assert office.requests("POST", "/channels/create") == []


async def test_early_media_of_an_outside_number_is_heard_when_it_rings_alone(office: Desk) -> None:
    office.fake.phone(CITY_LEG, Answers(after_s=4.0, is_early_media=True))
    call = await office.call("112")
    office.later(9.0, call.hang_up)

    await call.end()

    assert len(office.requests("POST", "/progress")) == 1
