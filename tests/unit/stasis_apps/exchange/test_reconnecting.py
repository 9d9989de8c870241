"""What becomes of calls when the websocket is cut, and when the application is restarted."""

from __future__ import annotations

import asyncio
import json

import pytest
from structlog.typing import EventDict

from ari_client.testing import NeverAnswers
from models import provisioning
from models.call_log import journal_of
from stasis_apps.element import Catalogue
from stasis_apps.journal import What
from tests.unit.stasis_apps.exchange.house import ALICE, BORIS, House


async def test_a_talk_survives_a_cut_websocket(house: House) -> None:
    call_id = await house.talk()

    looks = house.looks
    house.fake.cut_websocket()
    await house.reconciled(looks)

    assert len(house.talking()) == 2
    house.fake.hang_up(call_id)
    assert (await house.ended(call_id)).reason == "normal"
    await house.nothing_is_left()


async def test_a_caller_who_hung_up_during_the_cut_is_noticed(house: House) -> None:
    call_id = await house.talk()

    house.fake.cut_websocket()
    house.fake.hang_up(call_id)

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason) == ("unknown", "lost"), "nobody saw who it was"
    await house.nothing_is_left()


async def test_a_callee_who_hung_up_during_the_cut_is_noticed(house: House) -> None:
    call_id = await house.talk()
    (leg,) = set(house.talking()) - {call_id}

    house.fake.cut_websocket()
    house.fake.hang_up(leg)

    assert (await house.ended(call_id)).ended_by == "callee"
    await house.nothing_is_left()


async def test_a_phone_answered_during_the_cut_is_connected(house: House) -> None:
    house.fake.phone(BORIS, NeverAnswers())
    call_id = house.call("101")
    await house.written(call_id, What.RANG)
    (leg,) = set(house.fake.channels) - {call_id}

    house.fake.cut_websocket()
    house.fake.answer(leg)

    await house.until(lambda: len(house.talking()) == 2, "they talk")
    house.fake.hang_up(call_id)
    assert (await house.ended(call_id)).answered_by == "101"


async def test_a_talk_goes_on_after_a_restart(house: House) -> None:
    call_id = await house.talk()
    await house.process.kill()
    assert len(house.talking()) == 2

    await house.start()

    await house.written(call_id, What.ADOPTED)
    assert len(house.talking()) == 2
    house.fake.hang_up(call_id)
    record = await house.ended(call_id)
    assert (record.ended_by, record.reason, record.answered_by) == ("caller", "normal", "101")
    await house.nothing_is_left()


async def test_a_phone_that_answered_too_late_is_let_go_after_a_restart(house: House) -> None:
    call_id = await house.talk()
    late = f"{call_id}~leg~00000000"
    await house.process.ari.channels.create(
        endpoint=f"PJSIP/{BORIS}", app="pbx", app_args="leg", channel_id=late
    )
    house.fake.answer(late)
    await house.process.kill()

    await house.start()

    await house.until(lambda: late not in house.fake.channels, "the late phone is let go")
    assert len(house.talking()) == 2
    house.fake.hang_up(call_id)
    await house.nothing_is_left()


async def test_an_adopted_talk_ends_when_the_callee_hangs_up(house: House) -> None:
    call_id = await house.talk()
    (leg,) = set(house.talking()) - {call_id}
    await house.process.kill()
    await house.start()
    await house.written(call_id, What.ADOPTED)

    house.fake.hang_up(leg)

    assert (await house.ended(call_id)).ended_by == "callee"
    await house.nothing_is_left()


async def test_a_caller_in_a_greeting_goes_on_there_after_a_restart(house: House) -> None:
    house.fake.sounds.update({"sound:news": 0.01, "sound:welcome": 60.0})
    call_id = house.call("5001")
    await house.until(lambda: house.played("sound:welcome") == 1, "the greeting plays")
    await house.written(call_id, What.PLAYED)
    await house.process.kill()

    await house.start()

    await house.until(lambda: house.played("sound:welcome") == 2, "the greeting plays again")
    assert house.played("sound:news") == 1
    house.fake.hang_up(call_id)
    await house.ended(call_id)
    seqs = [step.seq for step in await journal_of(call_id=call_id)]
    assert seqs == list(range(1, len(seqs) + 1))


async def test_a_phone_that_was_ringing_at_the_restart_stops_and_rings_anew(house: House) -> None:
    house.fake.phone(BORIS, NeverAnswers())
    call_id = house.call("101")
    await house.written(call_id, What.RANG)
    before = set(house.fake.channels) - {call_id}
    await house.process.kill()

    await house.start()

    await house.until(lambda: len(house.fake.channels) == 2, "Boris' phone rings anew")
    assert not before & set(house.fake.channels)
    house.fake.hang_up(call_id)
    assert (await house.ended(call_id)).reason == "cancelled"
    await house.nothing_is_left()


async def test_a_caller_is_shown_after_a_restart_by_the_name_that_was_set(house: House) -> None:
    for kind, number, settings in (
        ("play", "5701", {"sound": "asterisk:welcome", "next": "101"}),
        ("prefix", "5700", {"text": "Sales ", "next": "5701"}),
    ):
        await provisioning.create_element(
            tenant="acme", kind=kind, number=number, settings=settings, catalogue=Catalogue()
        )
    await house.process.plans.refresh()
    house.fake.sounds["sound:welcome"] = 60.0
    house.fake.phone(BORIS, NeverAnswers())
    call_id = house.call("5700")
    await house.written(call_id, What.PLAYING)
    await house.process.kill()
    house.fake.sounds["sound:welcome"] = 0.01

    await house.start()
    await house.until(lambda: len(house.fake.channels) == 2, "Boris' phone rings")

    (created,) = (one for one in house.fake.requests if one.path.endswith("/channels/create"))
    assert '"CONNECTEDLINE(name,i)": "Sales Alice"' in json.dumps(created.json)
    house.fake.hang_up(call_id)
    await house.ended(call_id)


async def test_a_caller_who_came_while_the_application_was_away_is_served(house: House) -> None:
    await house.process.kill()
    call_id = house.call("4711")
    house.fake.channels[call_id].in_stasis = True  # handed over just before the end

    await house.start()

    assert (await house.ended(call_id)).reason == "no_such_number"


async def test_a_callee_left_alone_by_a_restart_is_released(house: House) -> None:
    call_id = await house.talk()
    await house.process.kill()
    house.fake.hang_up(call_id)
    assert len(house.fake.channels) == 1

    await house.start()

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason) == ("platform", "released")
    await house.nothing_is_left()


async def test_a_call_that_ended_unseen_has_its_record_closed_as_lost(house: House) -> None:
    call_id = await house.talk()
    (leg,) = set(house.talking()) - {call_id}
    await house.process.kill()
    house.fake.hang_up(call_id)
    house.fake.hang_up(leg)
    house.fake.crash()

    await house.start()

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason) == ("unknown", "lost")
    assert record.talk_s is not None
    assert record.talk_s > 0


async def test_calls_end_when_asterisk_itself_dies(house: House) -> None:
    call_id = await house.talk()

    house.fake.crash()

    await house.ended(call_id)
    await house.nothing_is_left()


async def test_a_caller_of_a_tenant_that_is_gone_is_let_go_at_a_restart(house: House) -> None:
    await house.process.kill()
    unknown = house.fake.incoming_call(endpoint="1@gone.test", dialled="2", tenant_id="999")
    house.fake.channels[unknown].in_stasis = True

    await house.start()

    await house.until(lambda: not house.fake.channels, "the caller is let go")


async def test_channels_of_other_applications_are_left_alone(house: House) -> None:
    await house.process.kill()
    other = house.fake.incoming_call(endpoint=ALICE, dialled="101", app="another")

    await house.start()

    assert set(house.fake.channels) == {other}


async def test_a_call_that_ends_during_the_look_at_asterisk_does_not_begin_again(
    house: House, logged: list[EventDict]
) -> None:
    call_id = await house.talk()
    looks, number = house.looks, len(house.fake.requests)

    def hang_up(_: int) -> None:
        if house.fake.requests[number:] and house.fake.requests[-1].path == "/bridges":
            house.fake.hang_up(call_id)

    house.wire.after = hang_up
    house.fake.cut_websocket()
    await house.reconciled(looks)

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason) == ("caller", "normal")
    await house.nothing_is_left()
    assert await house.ended(call_id) == record
    assert [entry["event"] for entry in logged].count("call_started") == 1


async def test_a_call_whose_end_is_not_written_yet_is_not_lost(house: House) -> None:
    call_id = await house.talk()
    house.fake.hang_up(call_id)
    await house.until(lambda: house.process.exchange.calls_up == 0, "the call is over")

    looks = house.looks
    house.fake.cut_websocket()  # the journal is written a moment later
    await house.reconciled(looks)

    await house.ended(call_id)
    await house.process.kill()
    assert (await house.ended(call_id)).reason == "normal"


async def test_what_could_not_be_cleaned_up_is_released_at_the_next_connect(house: House) -> None:
    house.fake.refuse_next("DELETE /channels/{}", 500, "not now")
    call_id = house.call("4711")
    record = await house.ended(call_id)
    assert list(house.fake.channels) == [call_id]

    house.fake.cut_websocket()

    await house.nothing_is_left()
    assert await house.ended(call_id) == record


async def test_who_ended_a_call_is_known_though_we_leave_before_all_is_cleaned_up(
    house: House,
) -> None:
    call_id = await house.talk()
    (leg,) = set(house.talking()) - {call_id}
    is_under_way, may_go_on = asyncio.Event(), asyncio.Event()

    async def slowly(method: str, _path: str) -> None:
        if method == "DELETE":
            is_under_way.set()
            await may_go_on.wait()

    house.wire.on_the_way = slowly
    house.fake.hang_up(call_id)
    await is_under_way.wait()

    await house.process.kill()

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason) == ("caller", "normal")
    may_go_on.set()
    await house.until(lambda: leg not in house.fake.channels, "the other phone is let go")


async def test_an_asterisk_that_does_not_answer_is_asked_again(
    house: House, logged: list[EventDict]
) -> None:
    call_id = await house.talk()
    looks = house.looks
    house.fake.refuse_next("GET /bridges", 503, "too busy")

    house.fake.cut_websocket()
    await house.reconciled(looks)

    assert any(entry["event"] == "adoption_failed" for entry in logged)
    house.fake.hang_up(call_id)
    await house.ended(call_id)


@pytest.mark.parametrize("who", ["caller", "callee"])
async def test_whoever_hangs_up_between_the_look_and_the_adoption_is_noticed(
    house: House, who: str
) -> None:
    call_id = await house.talk()
    (leg,) = set(house.talking()) - {call_id}
    await house.process.kill()

    def hang_up(_: int) -> None:
        if house.fake.requests[-1].path == "/bridges":
            house.fake.hang_up(call_id if who == "caller" else leg)

    house.wire.after = hang_up
    await house.start()

    assert (await house.ended(call_id)).ended_by == who
    await house.nothing_is_left()
