"""What people experience whose calls go to an outside number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stasis_apps.call import CallEnded, Leave, Party
from stasis_apps.decisions.ending import CallEnd, EndedBy, Reason, ending_of_exit
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.outside import ASK_FOR_PIN, NOT_LET_OUT, WRONG_PIN, Outside
from stasis_apps.testing import CallsOut, HangsUpAt, PickedUp, ScriptedCall, Verb

MOBILE = "+79161234567"
ABROAD = "+4930123456"
DIALLED = Outside(number=ABROAD, acting="100", purpose=Purpose.DIALLED)
ASKS = {ABROAD: Leave(rule="abroad", asks_pin=True)}
PIN = {"abroad": "4711"}


def who_may_call_abroad(*presses: str, **script: object) -> ScriptedCall:
    """Somebody dials a number abroad, for which a PIN is asked; everybody abroad picks up."""
    return ScriptedCall(
        **{  # type: ignore[arg-type] # the names are checked
            "presses": presses,
            "phones": {ABROAD: PickedUp()},
            "calls_out": CallsOut(leaves=ASKS, pins=PIN),
            **script,
        }
    )


async def end_of(call: ScriptedCall, element: Outside = DIALLED) -> CallEnd:
    with pytest.raises(CallEnded) as ended:
        await element.run(call)
    return ended.value.end


async def test_the_caller_talks_to_whoever_picks_up_and_nobody_has_to_press_a_key() -> None:
    call = ScriptedCall(phones={MOBILE: PickedUp()})

    end = await end_of(call, Outside(number=MOBILE))

    assert end.reason is Reason.NORMAL
    assert call.rang[0].parties == (Party(number=MOBILE),)
    assert not call.asked


@pytest.mark.parametrize("purpose", list(Purpose))
async def test_the_carrier_is_asked_for_whoever_acts_and_for_what(purpose: Purpose) -> None:
    element = Outside(
        number=MOBILE, acting="5010", purpose=purpose, hides_number=True, is_dialling=True
    )
    call = ScriptedCall(phones={MOBILE: PickedUp()})

    await end_of(call, element)

    party = Party(
        number=MOBILE, acting="5010", purpose=purpose, hides_number=True, is_dialling=True
    )
    assert call.wanted_out == [party]
    assert call.rang[0].parties == (party,)


@pytest.mark.parametrize("outcome", list(LegOutcome))
async def test_the_call_ends_by_what_became_of_it(outcome: LegOutcome) -> None:
    element = Outside(number=MOBILE)
    call = ScriptedCall(phones={MOBILE: outcome})

    way_out = await element.run(call)

    assert way_out == outcome.value
    assert element.exits()[way_out] == ""


@pytest.mark.parametrize("refused", list(LegOutcome))
async def test_who_may_not_call_there_is_told_why_and_nothing_rings(refused: LegOutcome) -> None:
    leave = Leave(refused=refused, rule="abroad", asks_pin=True)
    call = ScriptedCall(calls_out=CallsOut(leaves={ABROAD: leave}))

    way_out = await DIALLED.run(call)

    assert isinstance(way_out, str)
    assert ending_of_exit(way_out).reason == refused.value
    assert (call.rang, call.asked, call.is_answered) == ([], [], False)


async def test_who_knows_the_pin_is_let_out() -> None:
    call = who_may_call_abroad("4711#")

    end = await end_of(call)

    assert end.reason is Reason.NORMAL
    assert call.talked_to == ABROAD
    assert call.heard == [ASK_FOR_PIN]
    assert call.verbs == [Verb.ANSWER, Verb.ASK, Verb.DIAL, Verb.TALK]
    assert call.rang[0].parties == (replace(call.wanted_out[0], pin_given_for="abroad"),)
    assert call.notes == ["rule abroad asks for a PIN", "the caller knows the PIN of rule abroad"]


async def test_who_mistypes_the_pin_is_asked_again() -> None:
    call = who_may_call_abroad("4712#", "", "4711#")

    end = await end_of(call)

    assert end.reason is Reason.NORMAL
    assert call.heard == [ASK_FOR_PIN, WRONG_PIN, WRONG_PIN]
    assert call.notes[1:3] == ["wrong PIN", "no PIN was entered"]


async def test_who_does_not_know_the_pin_is_let_go_after_three_attempts() -> None:
    call = who_may_call_abroad("1#", "2#", "3#", "4711#")

    end = await end_of(call)

    assert (end.by, end.reason, end.cause) == (EndedBy.PLAN, Reason.WRONG_PIN, 21)
    assert end.comment("ru") == "Неверный PIN-код"
    assert call.rang == []
    assert call.heard == [ASK_FOR_PIN, WRONG_PIN, WRONG_PIN, NOT_LET_OUT]


@pytest.mark.parametrize("pressed", ["4711#", "4711"])
async def test_the_hash_that_ends_a_pin_may_be_missing(pressed: str) -> None:
    assert (await end_of(who_may_call_abroad(pressed))).reason is Reason.NORMAL


async def test_no_pin_stands_in_the_story_of_the_call() -> None:
    call = who_may_call_abroad("9876#", "4711#")

    await end_of(call)

    assert not [note for note in call.notes if "9876" in note or "4711" in note]


async def test_who_hangs_up_while_asked_for_the_pin_rings_nowhere() -> None:
    call = who_may_call_abroad("1#", hangs_up_at=HangsUpAt(Verb.ASK, nth=2))

    end = await end_of(call)

    assert end.by is EndedBy.CALLER
    assert call.rang == []
