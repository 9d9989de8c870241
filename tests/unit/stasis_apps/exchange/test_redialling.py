"""A phone that dials ``*66`` calls again whom it called last, also after a restart."""

from __future__ import annotations

from ari_client.testing import Answers
from stasis_apps.journal import What
from tests.unit.stasis_apps.exchange.house import ALICE, BORIS, House


async def talks_again(house: House) -> str:
    """Alice dials the code, and talks; the id of the call."""
    call_id = house.call("*66")
    await house.until(lambda: call_id in house.talking(), "they talk again")
    return call_id


async def test_whoever_was_called_last_is_called_again(house: House) -> None:
    house.fake.hang_up(await house.talk())

    again = await talks_again(house)
    house.fake.hang_up(again)

    record = await house.ended(again)
    assert (record.dialled, record.answered_by) == ("*66", "101")


async def test_a_code_does_not_take_the_place_of_the_number_that_was_called(house: House) -> None:
    house.fake.hang_up(await house.talk())
    for _ in range(2):
        house.fake.hang_up(await talks_again(house))
        await house.nothing_is_left()


async def test_a_restart_forgets_nothing(house: House) -> None:
    house.fake.hang_up(await house.talk())
    await house.nothing_is_left()
    await house.process.kill()
    await house.start()

    await talks_again(house)


async def test_nobody_calls_again_whom_another_phone_has_called(house: House) -> None:
    house.fake.hang_up(await house.talk())
    house.fake.phone(ALICE, Answers(after_s=0.01))

    again = house.call("*66", by=BORIS)

    record = await house.ended(again)
    assert record.reason == "no_such_number"
    assert (await house.written(again, What.NOTED)).reason == (
        "this phone has dialled nothing before"
    )
