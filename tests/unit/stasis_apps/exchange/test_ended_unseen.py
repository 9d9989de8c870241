"""Calls that end while the application is away: who ended them and when, as Asterisk notes it."""

from __future__ import annotations

import pytest

from ari_client.testing import NeverAnswers
from asterisk_conf import noted_ends
from asterisk_conf.log_reading import aside
from models import provisioning
from models.call_log import JournalLine, journal_of, show_call
from models.call_record import CallRecord
from models.errors import DatabaseUnavailable
from models.journal import JournalEntry
from stasis_apps.element import Catalogue
from stasis_apps.journal import What
from stasis_apps.services import call_history
from tests.unit.stasis_apps.exchange.house import BORIS, House


async def last_step(call_id: str) -> JournalLine:
    return (await journal_of(call_id=call_id))[-1]


async def picked_up_too_late(house: House, call_id: str) -> str:
    """Boris has picked up, and the application is gone before it hears of it; his channel."""
    leg = f"{call_id}~leg~00000000"
    await house.process.ari.channels.create(
        endpoint=f"PJSIP/{BORIS}", app="pbx", app_args="leg", channel_id=leg
    )
    house.fake.answer(leg)
    await house.process.kill()
    return leg


async def test_a_caller_who_hung_up_during_a_restart_has_ended_the_talk_then(house: House) -> None:
    call_id = await house.talk()
    await house.process.kill()
    hung_up_at = house.hangs_up_unseen(call_id)

    await house.start()

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason, record.ended_at) == ("caller", "normal", hung_up_at)
    assert record.answered_at is not None
    assert record.talk_s == (hung_up_at - record.answered_at).total_seconds()
    await house.nothing_is_left()


async def test_the_story_and_the_record_of_a_call_end_at_the_same_moment(house: House) -> None:
    call_id = await house.talk()
    await house.process.kill()
    house.hangs_up_unseen(call_id)

    await house.start()

    record = await house.ended(call_id)
    ended = await last_step(call_id)
    assert (ended.what, ended.at) == (What.ENDED, record.ended_at)


async def test_a_callee_who_hung_up_during_a_restart_is_not_rung_again(house: House) -> None:
    call_id = await house.talk()
    (leg,) = set(house.talking()) - {call_id}
    await house.process.kill()
    hung_up_at = house.hangs_up_unseen(leg)
    asked = len(house.fake.requests)

    await house.start()

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason, record.ended_at) == ("callee", "normal", hung_up_at)
    await house.nothing_is_left()
    assert not any(one.path.endswith("/create") for one in house.fake.requests[asked:])


async def test_of_two_who_both_hung_up_the_first_has_ended_the_talk(house: House) -> None:
    call_id = await house.talk()
    (leg,) = set(house.talking()) - {call_id}
    await house.process.kill()
    hung_up_at = house.hangs_up_unseen(leg)
    house.hangs_up_unseen(call_id)

    await house.start()

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason, record.ended_at) == ("callee", "normal", hung_up_at)


async def test_an_end_that_was_noted_before_the_notes_were_turned_over_is_still_found(
    house: House,
) -> None:
    call_id = await house.talk()
    await house.process.kill()
    hung_up_at = house.hangs_up_unseen(call_id)
    notes = noted_ends.place(house.spool.parent)
    notes.rename(aside(notes))

    await house.start()

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason, record.ended_at) == ("caller", "normal", hung_up_at)


async def test_a_caller_whose_call_had_ended_is_let_go_and_rings_nobody_again(
    house: House,
) -> None:
    """The process before wrote the end, and had to leave before it could hang up."""
    call_id = await house.talk()
    (leg,) = set(house.talking()) - {call_id}
    await house.process.kill()
    ended_at = house.hangs_up_unseen(leg)
    await CallRecord.filter(id=call_id).update(ended_at=ended_at, ended_by="callee", talk_s=1.5)
    asked = len(house.fake.requests)

    await house.start()

    await house.nothing_is_left()
    assert not any(one.path.endswith("/create") for one in house.fake.requests[asked:])
    record = await house.ended(call_id)
    assert (record.ended_by, record.ended_at, record.talk_s) == ("callee", ended_at, 1.5)


async def test_a_caller_who_gave_up_during_a_restart_has_cancelled(house: House) -> None:
    house.fake.phone(BORIS, NeverAnswers())
    call_id = house.call("101")
    await house.written(call_id, What.RANG)
    await house.process.kill()
    hung_up_at = house.hangs_up_unseen(call_id)

    await house.start()

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason, record.ended_at) == ("caller", "cancelled", hung_up_at)
    await house.nothing_is_left()


async def test_whoever_hung_up_during_a_cut_did_so_when_they_did(house: House) -> None:
    call_id = await house.talk()

    house.fake.cut_websocket()
    hung_up_at = house.hangs_up_unseen(call_id)

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason, record.ended_at) == ("caller", "normal", hung_up_at)
    await house.nothing_is_left()


async def test_calls_of_an_asterisk_that_dies_end_when_it_was_lost(house: House) -> None:
    call_id = await house.talk()

    house.fake.crash()

    record = await house.ended(call_id)
    assert (record.reason, record.ended_at) == ("lost", house.process.ari.lost_at)
    await house.nothing_is_left()


async def test_a_talk_whose_beginning_was_not_written_any_more_has_one(house: House) -> None:
    call_id = await house.talk()
    await house.process.kill()
    await CallRecord.filter(id=call_id).update(answered_at=None, answered_by=None)
    await JournalEntry.filter(call_id=call_id, what=What.ANSWERED).delete()

    await house.start()
    await house.written(call_id, What.ANSWERED)
    house.fake.hang_up(call_id)

    record = await house.ended(call_id)
    assert record.answered_by == "101"
    assert record.talk_s is not None
    assert record.talk_s > 0


async def test_a_talk_taken_over_without_a_database_has_lasted_from_its_beginning(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = await house.talk()
    began_at = (await show_call(call_id=call_id)).answered_at
    await house.process.kill()

    async def is_away(*, call_id: str) -> list[JournalLine]:
        raise DatabaseUnavailable(call_id)

    with monkeypatch.context() as away:
        away.setattr(call_history, "journal_of", is_away)
        await house.start()
        await house.written(call_id, What.ADOPTED)
    house.fake.hang_up(call_id)

    record = await house.ended(call_id)
    assert record.ended_at is not None
    assert began_at is not None
    assert (record.answered_at, record.answered_by) == (began_at, "101")
    assert record.talk_s == (record.ended_at - began_at).total_seconds()
    steps = [step.what for step in await journal_of(call_id=call_id)]
    assert (steps.count(What.STARTED), steps.count(What.ANSWERED)) == (1, 1)


async def test_a_phone_that_is_picked_up_during_a_restart_is_connected(house: House) -> None:
    house.fake.phone(BORIS, NeverAnswers())
    call_id = house.call("101")
    await house.written(call_id, What.RANG)
    leg = await picked_up_too_late(house, call_id)

    await house.start()

    await house.until(lambda: set(house.talking()) == {call_id, leg}, "they talk")
    await house.written(call_id, What.ANSWERED)
    house.fake.hang_up(call_id)
    record = await house.ended(call_id)
    assert (record.answered_by, record.reason) == ("101", "normal")
    await house.nothing_is_left()


async def test_a_phone_of_a_group_that_is_picked_up_during_a_restart_is_rung_again(
    house: House,
) -> None:
    await provisioning.create_element(
        tenant="acme",
        kind="group",
        number="5600",
        settings={"members": [{"number": "101", "confirm": True}]},
        catalogue=Catalogue(),
    )
    await house.process.plans.refresh()
    house.fake.phone(BORIS, NeverAnswers())
    call_id = house.call("5600")
    await house.written(call_id, What.RANG)
    leg = await picked_up_too_late(house, call_id)

    await house.start()

    await house.until(lambda: len(house.fake.channels) == 2, "Boris' phone rings anew")
    assert leg not in house.fake.channels
    assert not house.talking()
    house.fake.hang_up(call_id)
    await house.ended(call_id)
    await house.nothing_is_left()
