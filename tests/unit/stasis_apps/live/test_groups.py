"""Several people who ring for one caller: whose turn it is, who wins, who rings in their place."""

from __future__ import annotations

import asyncio

import pytest

from ari_client import events
from ari_client.testing import (
    Answers,
    Busy,
    Declines,
    HangsUp,
    NeverAnswers,
    Phone,
    Unregistered,
)
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.journal import What
from stasis_apps.occupancy import lines_of
from tests.unit.stasis_apps.live.desk import Desk, PlacedCall
from tests.unit.stasis_apps.live.office import (
    CITY_LEG,
    FIVE,
    at,
    rang,
    seconds,
    takes_one_call,
    told_outside,
)


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


async def test_phones_show_the_group_and_the_carrier_its_own_number(office: Desk) -> None:
    office.fake.phone(at("101"), NeverAnswers())
    office.fake.phone(CITY_LEG, HangsUp())

    await (await office.call("5002")).end()

    shown = {
        request.query["endpoint"]: request.json["variables"]
        for request in office.requests("POST", "/channels/create")
    }
    assert shown[f"PJSIP/{at('101')}"] == {
        "CONNECTEDLINE(name,i)": "Sales: Alice",
        "CONNECTEDLINE(num,i)": "100",
    }
    assert told_outside(shown[CITY_LEG]) == {"OUT_SHOWN": "74950000000"}


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

    assert [*seen, office.room.occupancy.calls(lines)] == [1, 1, 0]


async def test_a_second_caller_finds_busy_who_is_being_rung_and_takes_one_call(
    office: Desk,
) -> None:
    takes_one_call(office, "101")
    office.fake.phone(at("101"), NeverAnswers())
    first = await office.call("101")
    ends: list[Reason] = []

    async def second() -> None:
        ends.append((await (await office.call("101", by=at("102"))).task).reason)

    office.later(1.0, lambda: asyncio.ensure_future(second()))
    office.later(5.0, first.hang_up)
    await first.end()
    assert ends == [Reason.BUSY]

    office.fake.phone(at("101"), HangsUp(after_s=1.0))
    assert (await (await office.call("101")).end()).reason is Reason.NORMAL


async def test_two_who_call_in_the_same_moment_do_not_both_ring_the_phone(office: Desk) -> None:
    takes_one_call(office, "101")
    office.fake.phone(at("101"), NeverAnswers())
    calls = [await office.call("101"), await office.call("101", by=at("102"))]

    ends = {(await call.task).reason for call in calls}

    assert ends == {Reason.BUSY, Reason.NO_ANSWER}
    assert len(office.hangup_causes(at("101"))) == 1


async def test_who_is_rung_by_a_group_is_busy_to_a_direct_caller_until_the_group_gives_up(
    office: Desk,
) -> None:
    takes_one_call(office, "101")
    for number in FIVE:
        office.fake.phone(at(number), NeverAnswers())
    group = await office.call("5000")
    direct: list[PlacedCall] = []

    async def call_directly() -> None:
        direct.append(await office.call("101", by=at("110")))

    for moment_s in (10.0, 40.0):
        office.later(moment_s, lambda: asyncio.ensure_future(call_directly()))
    await group.task
    await asyncio.sleep(35.0)

    assert [(await call.task).reason for call in direct] == [Reason.BUSY, Reason.NO_ANSWER]


async def test_a_line_is_free_again_though_asterisk_is_slow_to_hang_up(office: Desk) -> None:
    office.fake.phone(at("101"), Answers(after_s=1.0))
    call = await office.call("101")

    async def slow(method: str, path: str) -> None:
        if method == "DELETE" and path.startswith("/channels/"):
            await asyncio.sleep(3600.0)

    office.wire.on_the_way = slow
    office.later(5.0, call.hang_up)

    with pytest.raises(TimeoutError):
        await call.task

    assert office.room.occupancy.calls(lines_of(7, "101")) == 0


async def test_the_group_looks_again_after_a_pause_when_all_are_busy(office: Desk) -> None:
    office.fake.phone(at("101"), Busy())
    office.fake.phone(at("102"), Busy())
    began_s = seconds()
    call = await office.call("5011")
    office.later(7.0, office.fake.phone, at("102"), HangsUp(after_s=2.0))

    end = await call.end()

    assert end.reason is Reason.NORMAL
    (answered,) = call.lines(What.ANSWERED)
    assert answered.facts["by"] == "102"
    assert seconds() - began_s > 10.0
    assert len(office.requests("POST", "/ring")) == 1


async def test_who_is_away_takes_no_time_from_the_others(office: Desk) -> None:
    office.fake.phone(at("101"), Unregistered())
    office.fake.phone(at("102"), Unregistered())
    office.fake.phone(at("103"), HangsUp(after_s=2.0))

    end = await (await office.call("5012")).end()

    assert end.reason is Reason.NORMAL


async def test_no_phone_is_dialled_before_its_own_stasis_start(office: Desk) -> None:
    for number in FIVE:
        office.fake.phone(at(number), NeverAnswers())
    office.fake.phone(at("101"), HangsUp())

    await (await office.call("5000")).end()

    dialled = {request.ids[0] for request in office.requests("POST", "/dial")}
    rung = {one.peer.id for one in office.told(events.Dial) if isinstance(one, events.Dial)}
    assert dialled == rung
    assert len(dialled) == 5


def notes(call: PlacedCall) -> list[str]:
    """What the journal says about who is rung, and who is not."""
    return [str(line.reason) for line in call.lines(What.NOTED)]


@pytest.mark.parametrize(
    ("group", "passed_over"),
    [("5013", []), ("5014", [f"{one} is passed over: on a call" for one in ("101", "102")])],
)
async def test_who_was_rung_in_vain_was_not_busy_though_they_answer_another_before_it_ends(
    office: Desk, group: str, passed_over: list[str]
) -> None:
    for number in ("101", "102"):
        office.fake.phone(at(number), NeverAnswers())
    call = await office.call(group)
    theirs: list[PlacedCall] = []

    async def others_call(number: str, by: str) -> None:
        office.fake.phone(at(number), Answers(after_s=1.0))
        theirs.append(await office.call(number, by=at(by)))

    for number, by in (("101", "103"), ("102", "104")):
        office.later(20.0, lambda *who: asyncio.ensure_future(others_call(*who)), number, by)
    end = await call.task

    assert end.reason is Reason.NO_ANSWER
    assert rang(call) == [at("101"), at("102")]
    assert notes(call)[0].endswith(": 101, 102")
    assert notes(call)[1:] == passed_over
    for one in theirs:
        one.hang_up()
        await one.task


async def test_two_who_call_a_group_at_once_both_ring_members_who_talk_to_nobody(
    office: Desk,
) -> None:
    for number in ("101", "102"):
        office.fake.phone(at(number), NeverAnswers())
    first = await office.call("5013")
    await asyncio.sleep(1.0)
    second = await office.call("5013", by=at("103"))

    ends = [(await call.task).reason for call in (first, second)]

    assert ends == [Reason.NO_ANSWER, Reason.NO_ANSWER]
    assert rang(second) == [at("101"), at("102")]


async def test_a_member_who_has_answered_somebody_is_left_in_peace_until_they_hang_up(
    office: Desk,
) -> None:
    office.fake.phone(at("101"), Answers(after_s=1.0))
    office.fake.phone(at("102"), Declines(after_s=1.0))
    talk = await office.call("101", by=at("103"))
    await asyncio.sleep(5.0)

    during = await office.call("5013")
    await during.task
    talk.hang_up()
    await talk.task
    office.fake.phone(at("101"), HangsUp(after_s=1.0))
    after = await office.call("5013")

    assert rang(during) == [at("102")]
    assert (await after.task).reason is Reason.NORMAL
