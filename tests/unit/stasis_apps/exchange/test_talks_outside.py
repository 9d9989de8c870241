"""Talks with people outside when the application dies: they go on, and count again."""

from __future__ import annotations

from ari_client.ids import is_far_half
from ari_client.testing import Answers, NeverAnswers
from models import provisioning
from models.seal import Seal
from stasis_apps.journal import What
from stasis_apps.occupancy import channels_of
from tests.unit.stasis_apps.exchange.house import House

MOBILE = "+79161234567"


async def a_talk_outside(house: House) -> tuple[str, str]:
    """Alice talks with somebody outside; the call and the endpoint of the trunk."""
    endpoint = await with_a_trunk(house)
    house.fake.phone(f"Local/{endpoint}-{MOBILE}@outside/nm", Answers(after_s=0.01))
    call_id = house.call(MOBILE)
    await house.until(lambda: len(house.talking()) == 2, "they talk")
    await house.written(call_id, What.ANSWERED)
    return call_id, endpoint


async def with_a_trunk(house: House) -> str:
    """Give the company a trunk by which everything leaves; its endpoint."""
    trunk = await provisioning.create_trunk(
        tenant="acme",
        name="moscow",
        seal=Seal(house.spool.parent / "key"),
        registration="none",
        host="192.0.2.1",
        addresses=("192.0.2.1",),
    )
    await house.process.plans.refresh()
    return trunk.endpoint


async def test_a_talk_outside_goes_on_after_a_restart_and_counts_again(house: House) -> None:
    call_id, endpoint = await a_talk_outside(house)
    before = set(house.fake.channels)
    await house.process.kill()

    await house.start()

    await house.written(call_id, What.ADOPTED)
    assert set(house.fake.channels) == before
    assert len(before) == 3  # Alice, the leg, its other half
    room = house.process.room
    assert room.occupancy.count(channels_of(endpoint)) == 1
    assert room.gate.legs_of(house.tenant_id) == 1

    house.fake.hang_up(call_id)

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason, record.answered_by) == ("caller", "normal", MOBILE)
    await house.nothing_is_left()
    assert room.occupancy.count(channels_of(endpoint)) == 0
    assert room.gate.legs_of(house.tenant_id) == 0


async def test_an_adopted_talk_ends_when_the_one_outside_hangs_up(house: House) -> None:
    call_id, _ = await a_talk_outside(house)
    (leg,) = set(house.talking()) - {call_id}
    await house.process.kill()
    await house.start()
    await house.written(call_id, What.ADOPTED)

    house.fake.hang_up(leg)

    assert (await house.ended(call_id)).ended_by == "callee"
    await house.nothing_is_left()


async def test_a_number_that_was_ringing_at_the_restart_stops_and_rings_anew(
    house: House,
) -> None:
    endpoint = await with_a_trunk(house)
    house.fake.phone(f"Local/{endpoint}-{MOBILE}@outside/nm", NeverAnswers())
    call_id = house.call(MOBILE)
    await house.written(call_id, What.RANG)
    before = set(house.fake.channels) - {call_id}
    await house.process.kill()

    await house.start()

    await house.until(lambda: len(house.fake.channels) == 3, "the number rings anew")
    assert not before & set(house.fake.channels)
    assert len([one for one in house.fake.channels if is_far_half(one)]) == 1
    house.fake.hang_up(call_id)
    assert (await house.ended(call_id)).reason == "cancelled"
    await house.nothing_is_left()


async def test_the_one_outside_left_alone_by_a_restart_is_released(house: House) -> None:
    call_id, _ = await a_talk_outside(house)
    await house.process.kill()
    house.fake.hang_up(call_id)
    assert len(house.fake.channels) == 2

    await house.start()

    record = await house.ended(call_id)
    assert (record.ended_by, record.reason) == ("platform", "released")
    await house.nothing_is_left()
