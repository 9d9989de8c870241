"""The operator asks whether all is well, and has a real call placed."""

import msgspec

from tests.support.exchange import Exchange


async def test_the_doctor_finds_a_running_exchange_well(exchange: Exchange) -> None:
    said = await exchange.pbx("doctor")

    assert msgspec.json.decode(said)


async def test_the_doctor_places_a_call_and_hears_something(exchange: Exchange) -> None:
    said = await exchange.pbx("doctor", "--call")

    last = msgspec.json.decode(said)[-1]
    assert last["health"] == "up", last
