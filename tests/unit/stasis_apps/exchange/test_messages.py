"""Voicemail across the ends of things: no message is lost, none comes twice."""

from __future__ import annotations

import asyncio

from models import provisioning, voicemail
from stasis_apps.element import Catalogue
from stasis_apps.journal import What
from tests.unit.stasis_apps.exchange.house import House

BOX = "5120"
SPOKEN_S = 1.2


async def speak_into_the_mailbox(house: House) -> str:
    """Alice has heard the beep, and speaks."""
    await provisioning.create_element(
        tenant="acme",
        kind="voicemail",
        number=BOX,
        settings={"greeting": "asterisk:out", "instructions": False},
        catalogue=Catalogue(),
    )
    house.fake.sounds.update({"sound:out": 0.01, "sound:beep": 0.01})
    call_id = house.call(BOX)
    await house.written(call_id, What.RECORDING)
    await asyncio.sleep(SPOKEN_S)
    return call_id


async def kept(house: House) -> list[voicemail.MessageFacts]:
    return await voicemail.messages_in(tenant_id=house.tenant_id, box=BOX)


async def test_a_caller_who_hangs_up_is_recorded_as_one_who_left_a_message(house: House) -> None:
    call_id = await speak_into_the_mailbox(house)
    house.fake.hang_up(call_id)

    record = await house.ended(call_id)

    assert (record.ended_by, record.reason) == ("caller", "message_left")
    (message,) = await kept(house)
    assert message.caller_number == "100"
    assert message.duration_s > SPOKEN_S - 0.2


async def test_what_was_said_before_a_restart_is_a_message(house: House) -> None:
    call_id = await speak_into_the_mailbox(house)
    await house.process.kill()

    await house.start()

    await house.until(lambda: house.played("sound:out") == 2, "the caller is greeted anew")
    (message,) = await kept(house)
    assert message.duration_s > SPOKEN_S - 0.2
    line = await house.written(call_id, What.MESSAGE_KEPT)
    assert (line.facts["message"], line.facts["box"]) == (message.id, BOX)
    house.fake.hang_up(call_id)
    await house.ended(call_id)
