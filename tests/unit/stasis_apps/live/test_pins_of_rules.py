"""Who dials a number for which an outbound rule asks a PIN, and who tries to find it out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ari_client.testing import Answers
from models.pins import hash_pin
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.masks import compile_mask
from stasis_apps.decisions.outbound import OutboundRule, Purpose
from stasis_apps.journal import What
from stasis_apps.outside import ASK_FOR_PIN, MOST_ATTEMPTS, NOT_LET_OUT, WRONG_PIN
from stasis_apps.plan import LedBy
from stasis_apps.services.pin_guesses import GUESSES
from tests.unit.stasis_apps.live.desk import MOBILE, Desk, PlacedCall
from tests.unit.stasis_apps.live.office import CITY_LEG

PIN = "4711"
ALICE_DIALS = LedBy(acting="100", purpose=Purpose.DIALLED, is_dialling=True)


@pytest.fixture
async def office(office: Desk) -> Desk:
    """The same office, where mobiles are called by those who know the PIN."""
    rule = OutboundRule(
        name="mobiles",
        mask=compile_mask("p(+)"),
        output="+$",
        pin_hash=await hash_pin(PIN),
    )
    office.plan = replace(office.plan, outbound=(rule,))
    for prompt in (ASK_FOR_PIN, WRONG_PIN, NOT_LET_OUT):
        office.fake.sounds[f"sound:{prompt.removeprefix('asterisk:')}"] = 0.5
    office.fake.phone(CITY_LEG, Answers(after_s=1.0))
    return office


async def tries(office: Desk, *pins: str) -> PlacedCall:
    """Alice dials the mobile, and enters these PINs one after the other."""
    call = await office.call(MOBILE, led_by=ALICE_DIALS)
    call.press("".join(f"{pin}#" for pin in pins))
    return call


async def test_who_knows_the_pin_talks_and_the_story_does_not_give_it_away(office: Desk) -> None:
    call = await tries(office, PIN)
    office.later(30.0, call.hang_up)

    assert (await call.end()).reason is Reason.NORMAL
    assert [line.facts["by"] for line in call.lines(What.ANSWERED)] == [MOBILE]
    assert PIN not in str(call.steps)


async def test_who_does_not_know_it_reaches_no_carrier(office: Desk) -> None:
    call = await tries(office, *["1234"] * MOST_ATTEMPTS)

    assert (await call.end()).reason is Reason.WRONG_PIN
    assert call.lines(What.RANG) == []


async def test_a_phone_that_tries_and_tries_does_not_find_it(office: Desk) -> None:
    for _ in range(GUESSES // MOST_ATTEMPTS + 1):
        await (await tries(office, *["1234"] * MOST_ATTEMPTS)).end()

    call = await tries(office, *[PIN] * MOST_ATTEMPTS)

    assert (await call.end()).reason is Reason.WRONG_PIN
    told = [line.reason for line in call.lines(What.NOTED)]
    assert "too many wrong PINs from this phone; none counts for a while" in told
