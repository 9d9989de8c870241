"""Who dials a number for which an outbound rule asks a PIN, and who tries to find it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from ari_client.testing import Answers
from models.facts import TenantFacts
from models.pins import hash_pin
from stasis_apps.call import Call, Exit, NotAnswered, Party, Target
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.masks import compile_mask
from stasis_apps.decisions.outbound import OutboundRule, Purpose
from stasis_apps.journal import What
from stasis_apps.outside import ASK_FOR_PIN, MOST_ATTEMPTS, NOT_LET_OUT, WRONG_PIN
from stasis_apps.plan import LedBy, PlannedElement
from stasis_apps.services.pin_guesses import GUESSES, PIN_LOCKED
from tests.support.builders import a_plan, a_tenant
from tests.unit.stasis_apps.live.desk import MOBILE, Desk, PlacedCall
from tests.unit.stasis_apps.live.office import CITY_LEG

PIN = "47110826"
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


@pytest.mark.parametrize(
    ("closed_by", "reason", "mails"),
    [
        (a_tenant(state="blocked"), Reason.BLOCKED, 0),
        (a_tenant(country="KZ"), Reason.DESTINATION_CLOSED, 1),
    ],
)
async def test_nobody_is_asked_for_a_pin_that_would_not_let_them_out(
    office: Desk, closed_by: TenantFacts, reason: Reason, mails: int
) -> None:
    office.plan = replace(office.plan, tenant=a_plan(tenant=closed_by).tenant)

    call = await tries(office, PIN)

    assert (await call.end()).reason is reason
    assert call.lines(What.ASKED, What.PICKED_UP, What.RANG) == []
    assert len(office.room.notices.told) == mails


@dataclass(frozen=True)
class LetsOut:
    """Dials the mobile for somebody who has given the PIN of a rule."""

    rule: str

    def exits(self) -> Mapping[Exit, Target]:
        """None leads anywhere."""
        return {}

    async def run(self, call: Call) -> Exit:
        """Dial at once."""
        party = Party(number=MOBILE, acting="100", purpose=Purpose.DIALLED, pin_given_for=self.rule)
        result = await call.dial([party], ring_s=20.0)
        return Exit(result.outcome) if isinstance(result, NotAnswered) else await call.talk(result)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [("mobiles", Reason.NORMAL), ("abroad", Reason.FORBIDDEN), ("", Reason.FORBIDDEN)],
)
async def test_the_pin_of_another_rule_lets_nobody_out(
    office: Desk, rule: str, reason: Reason
) -> None:
    lets_out = PlannedElement(number="5099", kind="test", element=LetsOut(rule))
    office.plan = replace(office.plan, elements={**office.plan.elements, "5099": lets_out})
    call = await office.call("5099")
    office.later(30.0, call.hang_up)

    assert (await call.end()).reason is reason


async def test_a_phone_that_tries_and_tries_does_not_find_it(office: Desk) -> None:
    for _ in range(GUESSES // MOST_ATTEMPTS + 1):
        await (await tries(office, *["1234"] * MOST_ATTEMPTS)).end()

    call = await tries(office, *[PIN] * MOST_ATTEMPTS)

    assert (await call.end()).reason is Reason.WRONG_PIN
    told = [line.reason for line in call.lines(What.NOTED)]
    assert "too many wrong PINs; none counts for a while" in told
    (notice,) = office.room.notices.told
    assert (notice.kind, notice.facts["rule"], notice.facts["locks"]) == (
        PIN_LOCKED,
        "mobiles",
        "phone",
    )


async def test_who_knows_one_pin_does_not_try_out_another_with_it(office: Desk) -> None:
    """Their own rule's PIN in between does not make the exchange forget what they have tried."""
    own = OutboundRule(
        name="own", mask=compile_mask("p(7495+)"), output="+$", pin_hash=await hash_pin("1111")
    )
    office.plan = replace(office.plan, outbound=(own, *office.plan.outbound))
    for _ in range(GUESSES // MOST_ATTEMPTS + 1):
        await (await tries(office, *["1234"] * MOST_ATTEMPTS)).end()
        knows = await office.call("+74957654321", led_by=ALICE_DIALS)
        knows.press("1111#")
        office.later(30.0, knows.hang_up)
        assert (await knows.end()).reason is not Reason.WRONG_PIN

    call = await tries(office, *[PIN] * MOST_ATTEMPTS)

    assert (await call.end()).reason is Reason.WRONG_PIN
