"""Several people who ring for one caller: whose turn it is, who wins, who is asked first."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import pytest

from ari_client import events
from ari_client.testing import (
    Answers,
    Busy,
    Declines,
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
from stasis_apps.live_call.callees import dialled_through
from stasis_apps.live_call.confirming import CONFIRM_S
from stasis_apps.occupancy import channels_of, lines_of
from tests.support.builders import a_plan, a_trunk
from tests.unit.stasis_apps.live.desk import MOBILE, OUR_NUMBER, Desk, PlacedCall, open_desk

FIVE = ("101", "102", "103", "104", "105")
CITY = a_trunk(name="city", endpoint="trunk-0000c1f1", caller_id="74950000000", max_channels=2)
MOSCOW = a_trunk(is_default=False, forward_via_same=True)
CITY_LEG = dialled_through(CITY, MOBILE).removeprefix("PJSIP/")
MOSCOW_LEG = dialled_through(MOSCOW, MOBILE).removeprefix("PJSIP/")

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
    "5010": {"kind": "group", "members": ["102", "110"], "honour_forward": True},
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


@pytest.fixture
async def office() -> AsyncIterator[Desk]:
    """Alice calls; five colleagues, three people with rules, two trunks."""
    plan = a_plan(
        elements=ELEMENTS,
        extensions={number: [number] for number in ("100", *FIVE, *RULES)},
        users=RULES,
        sounds={"news": 3.0},
        trunks=(CITY, MOSCOW),
    )
    async with open_desk(plan) as opened:
        opened.fake.sounds["sound:/sounds/acme/news"] = 3.0
        opened.fake.sounds["tone:busy"] = opened.fake.sounds["tone:congestion"] = 3600.0
        yield opened


def leg_to(desk: Desk, endpoint: str) -> str:
    """The channel that is ringing at a device or outside number."""
    return next(
        channel.id
        for channel in desk.fake.channels.values()
        if channel.endpoint == f"PJSIP/{endpoint}"
    )


def rang(call: PlacedCall) -> list[str]:
    """Who has rung, in order."""
    return [str(line.facts["device"]) for line in call.lines(What.RANG)]


def seconds() -> float:
    return asyncio.get_running_loop().time()


async def test_the_first_of_a_group_wins_and_the_others_show_no_missed_call(office: Desk) -> None:
    for number in FIVE:
        office.fake.phone(at(number), NeverAnswers())
    office.fake.phone(at("103"), HangsUp(after_s=2.0))
    call = await office.call("5000")

    end = await call.end()

    assert (end.by, end.reason) == (EndedBy.CALLEE, Reason.NORMAL)
    for number in set(FIVE) - {"103"}:
        assert office.hangup_causes(at(number)) == ["26"]
    (answered,) = call.lines(What.ANSWERED)
    assert answered.facts == {"device": at("103"), "by": "103"}


async def test_one_who_declines_stops_nobody_elses_phone(office: Desk) -> None:
    for number in FIVE:
        office.fake.phone(at(number), Declines(after_s=1.0))
    office.fake.phone(at("105"), HangsUp(after_s=20.0))
    call = await office.call("5000")

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert sorted(line.reason for line in call.lines(What.LEG_ENDED)) == ["declined"] * 4


async def test_in_sequence_the_next_rings_as_soon_as_the_one_before_cannot(office: Desk) -> None:
    office.fake.phone(at("101"), Busy(after_s=1.0))
    office.fake.phone(at("102"), NeverAnswers())
    began_s = seconds()
    call = await office.call("5001")

    end = await call.end()

    assert end.reason is Reason.NO_ANSWER
    assert seconds() - began_s == pytest.approx(11.0, abs=0.1)
    assert office.hangup_causes(at("102")) == ["19"]


async def test_in_sequence_only_one_rings_at_a_time_and_ringback_has_no_gap(office: Desk) -> None:
    office.fake.phone(at("101"), NeverAnswers())
    office.fake.phone(at("102"), HangsUp(after_s=3.0))
    ringing: list[int] = []
    call = await office.call("5001")
    for moment in (5.0, 12.0):
        office.later(moment, lambda: ringing.append(len(call.legs())))

    await call.end()

    assert ringing == [1, 1]
    assert office.hangup_causes(at("101")) == ["19"]
    assert len(office.requests("POST", "/ring")) == 1
    assert office.requests("DELETE", "/ring") == []


async def test_progressively_one_joins_while_the_first_rings_on(office: Desk) -> None:
    office.fake.phone(at("101"), HangsUp(after_s=8.0))
    office.fake.phone(at("102"), NeverAnswers())
    call = await office.call("5007")

    await call.end()

    assert rang(call) == [at("101"), at("102")]
    assert call.lines(What.ANSWERED)[0].facts["by"] == "101"


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
    assert answered.facts == {"device": MOBILE, "by": MOBILE}


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


async def test_phones_show_the_group_and_the_carrier_its_own_number(office: Desk) -> None:
    office.fake.phone(at("101"), NeverAnswers())
    office.fake.phone(CITY_LEG, HangsUp())

    await (await office.call("5002")).end()

    shown = {
        request.query["endpoint"]: request.json["variables"]
        for request in office.requests("POST", "/channels/create")
    }
    assert shown == {
        f"PJSIP/{at('101')}": {
            "CONNECTEDLINE(name,i)": "Sales: Alice",
            "CONNECTEDLINE(num,i)": "100",
        },
        f"PJSIP/{CITY_LEG}": {
            "CONNECTEDLINE(name,i)": "",
            "CONNECTEDLINE(num,i)": "74950000000",
        },
    }


async def test_a_call_that_came_by_a_trunk_which_keeps_its_forwards_leaves_by_it(
    office: Desk,
) -> None:
    office.fake.phone(MOSCOW_LEG, HangsUp())
    call = await office.call_from_outside("112", number="+74957654321")

    end = await call.end()

    assert end.reason is Reason.NORMAL
    (created,) = office.requests("POST", "/channels/create")
    assert created.json["variables"] == {
        "CONNECTEDLINE(name,i)": "",
        "CONNECTEDLINE(num,i)": OUR_NUMBER,
        "REDIRECTING(from-num,i)": OUR_NUMBER,
        "REDIRECTING(count,i)": "1",
    }


async def test_a_trunk_may_show_the_callers_own_number() -> None:
    passes = a_trunk(passes_caller_id=True, forward_via_same=True)
    plan = a_plan(extensions={"112": ["112"]}, users=RULES, trunks=(passes,))
    async with open_desk(plan) as desk:
        desk.fake.phone(MOSCOW_LEG, HangsUp())

        await (await desk.call_from_outside("112", number="+74957654321", name="Ivan")).end()

        (created,) = desk.requests("POST", "/channels/create")
        assert created.json["variables"] == {
            "CONNECTEDLINE(name,i)": "Ivan",
            "CONNECTEDLINE(num,i)": "+74957654321",
            "REDIRECTING(from-num,i)": OUR_NUMBER,
            "REDIRECTING(count,i)": "1",
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
    is_registered: bool = True

    def steps(self) -> list[Step]:
        """At once."""
        return [Step(0.1, StepKind.HANG_UP, cause=self.cause, sip_status=self.sip_status)]


@pytest.mark.parametrize(
    ("answer", "by", "reason"),
    [
        (Refuses(34, 503), EndedBy.CARRIER, Reason.CARRIER_FAILED),
        (Refuses(21, 403), EndedBy.CARRIER, Reason.CARRIER_FAILED),
        (Refuses(21, 603), EndedBy.CALLEE, Reason.DECLINED),
        (Refuses(17, 486), EndedBy.CALLEE, Reason.BUSY),
        (Refuses(1, 404), EndedBy.CALLEE, Reason.UNREACHABLE),
    ],
)
async def test_what_the_carrier_answers_says_who_is_to_blame(
    office: Desk, answer: Refuses, by: EndedBy, reason: Reason
) -> None:
    office.fake.phone(CITY_LEG, answer)
    call = await office.call("112")

    end = await call.end()

    assert (end.by, end.reason) == (by, reason)
    (ended,) = call.lines(What.LEG_ENDED)
    assert ended.facts == {"device": MOBILE, "trunk": "city", "sip": str(answer.sip_status)}


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


async def test_early_media_of_one_of_several_is_ringback_to_the_caller(office: Desk) -> None:
    office.fake.phone(CITY_LEG, Answers(after_s=4.0, is_early_media=True))
    office.fake.phone(at("102"), NeverAnswers())
    call = await office.call("5004")
    office.later(9.0, call.hang_up)

    await call.end()

    assert office.requests("POST", "/progress") == []
    assert len(office.requests("POST", "/ring")) == 1


@pytest.mark.parametrize(
    ("desk_phone", "answers"), [(Busy(), "102"), (NeverAnswers(), "103"), (Declines(), "102")]
)
async def test_a_members_rules_ring_others_in_their_place(
    office: Desk, desk_phone: Phone, answers: str
) -> None:
    office.fake.phone(at("110"), desk_phone)
    office.fake.phone(at(answers), HangsUp(after_s=2.0))
    began_s = seconds()
    call = await office.call("5005")

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert call.lines(What.ANSWERED)[0].facts["by"] == answers
    assert seconds() - began_s < 20.0


async def test_nobody_is_rung_twice_at_once_although_two_rules_name_them(office: Desk) -> None:
    office.fake.phone(at("110"), Busy())
    office.fake.phone(at("102"), NeverAnswers())
    call = await office.call("5010")

    end = await call.end()

    assert end.reason is Reason.NO_ANSWER
    assert rang(call) == [at("102")]


async def test_ringback_goes_on_from_the_person_to_the_one_who_is_rung_in_their_place(
    office: Desk,
) -> None:
    office.fake.phone(at("111"), NeverAnswers())
    office.fake.phone(at("102"), HangsUp(after_s=4.0))
    call = await office.call("5006")  # picked up already: ringback is a tone

    await call.end()

    order = [
        f"{request.method} {request.path.rpartition('/')[2]}"
        for request in office.fake.requests
        if request.path.endswith(("/ring", "/addChannel"))
    ]
    assert order == ["POST ring", "DELETE ring", "POST addChannel"]


async def test_a_person_who_talks_is_on_a_call_until_it_ends(office: Desk) -> None:
    office.fake.phone(at("101"), Answers(after_s=1.0))
    lines = lines_of(7, "101")
    call = await office.call("101")
    seen: list[int] = []
    office.later(0.5, lambda: seen.append(office.room.occupancy.calls(lines)))
    office.later(5.0, lambda: seen.append(office.room.occupancy.calls(lines)))
    office.later(9.0, call.hang_up)

    await call.end()

    assert [*seen, office.room.occupancy.calls(lines)] == [0, 1, 0]


async def test_no_phone_is_dialled_before_its_own_stasis_start(office: Desk) -> None:
    for number in FIVE:
        office.fake.phone(at(number), NeverAnswers())
    office.fake.phone(at("101"), HangsUp())

    await (await office.call("5000")).end()

    dialled = {request.ids[0] for request in office.requests("POST", "/dial")}
    rung = {one.peer.id for one in office.told(events.Dial) if isinstance(one, events.Dial)}
    assert dialled == rung
    assert len(dialled) == 5


@pytest.mark.parametrize("seed", range(60))
async def test_two_who_answer_in_the_same_moment_leave_one_talk_and_nothing_else(
    office: Desk, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a storm, not a secret
    for number in FIVE:
        office.fake.phone(at(number), NeverAnswers())
    first, second = chance.sample(FIVE, 2)
    moment_s = chance.choice([0.0, 0.003, 1.0])
    office.fake.phone(at(first), Answers(after_s=moment_s))
    office.fake.phone(at(second), Answers(after_s=moment_s + chance.uniform(0.0, 0.01)))

    async def takes_its_time(_method: str, _path: str) -> None:
        await asyncio.sleep(chance.uniform(0.0, 0.01))

    office.wire.on_the_way = takes_its_time
    call = await office.call("5000")
    talks: list[list[int]] = []
    office.later(
        5.0, lambda: talks.append([len(b.channel_ids) for b in office.fake.bridges.values()])
    )
    office.later(5.0, lambda: talks.append([len(office.fake.channels)]))
    office.later(chance.uniform(6.0, 9.0), call.hang_up)

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert talks == [[2], [2]]
    (answered,) = call.lines(What.ANSWERED)
    losers = {first, second} - {str(answered.facts["by"])}
    assert len(losers) == 1
    assert office.hangup_causes(at(losers.pop())) == ["26"]


@pytest.mark.parametrize("seed", range(60))
async def test_whatever_happens_when_nothing_is_left_behind(office: Desk, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a storm, not a secret
    kinds: list[Phone] = [
        *(Answers(after_s=chance.uniform(0.0, 0.02)), HangsUp(after_s=1.0, talks_s=0.0)),
        *(Busy(), Declines(after_s=0.01), NeverAnswers(), Unregistered()),
    ]
    for endpoint in (*map(at, FIVE), at("110"), CITY_LEG, MOSCOW_LEG):
        office.fake.phone(endpoint, chance.choice(kinds))

    async def takes_its_time(_method: str, _path: str) -> None:
        await asyncio.sleep(chance.uniform(0.0, 0.02))

    office.wire.on_the_way = takes_its_time
    call = await office.call(chance.choice(["5000", "5001", "5002", "5003", "5005", "5007"]))
    office.later(chance.choice([0.0, 0.01, 0.02, 0.05, 1.0, 20.0]), call.hang_up)

    await call.end()

    assert office.room.occupancy.count(channels_of(CITY.endpoint)) == 0
