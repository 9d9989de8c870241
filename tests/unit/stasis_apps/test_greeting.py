"""What callers experience in a greeting."""

from __future__ import annotations

from typing import Any

import pytest

from stasis_apps.call import CallEnded, GoTo, SoundUnplayable, Target
from stasis_apps.decisions.digits import DigitClocks
from stasis_apps.decisions.ending import EndedBy
from stasis_apps.elements.greeting import INVALID_OPTION, Greeting
from stasis_apps.testing import HangsUpAt, ScriptedCall, Verb

STAFF = ("100", "101", "120", "201")


def a_greeting(**settings: Any) -> Greeting:  # whatever a test wants to set
    return Greeting(**{"sound": "welcome", "keys": {"1": "100", "2": "5100", "0": ""}, **settings})


@pytest.mark.parametrize("key", ["0", "1", "2"])
async def test_a_caller_leaves_by_the_key_they_pressed(key: str) -> None:
    call = ScriptedCall(presses=[key])

    assert await a_greeting().run(call) == key
    assert call.heard == ["welcome"]
    assert call.is_answered


async def test_a_caller_who_mistypes_hears_an_apology_and_is_asked_again() -> None:
    call = ScriptedCall(presses=["9", "1"])

    assert await a_greeting().run(call) == "1"
    assert call.heard == ["welcome", INVALID_OPTION, "welcome"]


async def test_a_silent_caller_is_asked_three_times_and_leaves_by_no_input() -> None:
    call = ScriptedCall()

    assert await a_greeting().run(call) == "no_input"
    assert call.heard == ["welcome"] * 3
    assert call.notes == [
        "nothing was pressed (1 of 3), asked again",
        "nothing was pressed (2 of 3), asked again",
        "nothing was pressed (3 of 3), gave up",
    ]


async def test_a_caller_who_keeps_mistyping_leaves_by_invalid() -> None:
    call = ScriptedCall(presses=["7", "8", "9", "1"])

    assert await a_greeting().run(call) == "invalid"
    assert call.heard == ["welcome", INVALID_OPTION] * 2 + ["welcome"]
    assert call.notes[0] == "the keys are no option (1 of 3), asked again"
    assert call.notes[-1] == "the keys are no option (3 of 3), gave up"


async def test_silence_and_wrong_keys_are_counted_apart() -> None:
    call = ScriptedCall(presses=["", "9", "", "9", "1"])

    assert await a_greeting().run(call) == "1"


async def test_a_patient_greeting_gives_up_by_the_kind_that_reached_its_limit() -> None:
    call = ScriptedCall(presses=["", "9", "9"])

    assert await a_greeting(max_no_input=5, max_invalid=2).run(call) == "invalid"


async def test_a_caller_hears_the_shorter_prompt_when_asked_again() -> None:
    call = ScriptedCall(presses=["", "1"])

    await a_greeting(repeat_sound="again", no_input_sound="are-you-there").run(call)

    assert call.heard == ["welcome", "are-you-there", "again"]


async def test_a_caller_hears_the_tenants_own_apology() -> None:
    call = ScriptedCall(presses=["9", "1"])

    await a_greeting(invalid_sound="oops").run(call)

    assert call.heard == ["welcome", "oops", "welcome"]


async def test_a_caller_hears_that_their_choice_was_understood() -> None:
    call = ScriptedCall(presses=["2"])

    assert await a_greeting(success_sound="thanks").run(call) == "2"
    assert call.heard == ["welcome", "thanks"]


@pytest.mark.parametrize("barge_in", [True, False])
async def test_the_caller_is_asked_as_the_settings_say(barge_in: bool) -> None:
    call = ScriptedCall(presses=["1"])

    await a_greeting(barge_in=barge_in, first_digit_s=7.0, next_digit_s=1.5).run(call)

    (asked,) = call.asked
    assert asked.barge_in is barge_in
    assert asked.clocks == DigitClocks(first_s=7.0, next_s=1.5)


async def test_a_caller_who_typed_ahead_does_not_hear_the_next_prompt() -> None:
    call = ScriptedCall(presses=["12"])
    greeting = a_greeting(keys={"1": "5001", "2": "100"})

    assert await greeting.run(call) == "1"
    assert await greeting.run(call) == "2"
    assert call.heard == ["welcome"]


async def test_a_caller_dials_a_colleague_directly() -> None:
    call = ScriptedCall(presses=["120"], extensions=STAFF)

    assert await a_greeting(direct_dial=True).run(call) == GoTo(
        Target("120"), reason="dialled directly"
    )


async def test_a_key_that_begins_no_extension_acts_at_once() -> None:
    call = ScriptedCall(presses=["0120"], extensions=STAFF)

    assert await a_greeting(direct_dial=True).run(call) == "0"


async def test_a_key_that_also_begins_an_extension_waits_for_more() -> None:
    call = ScriptedCall(presses=["1"], extensions=STAFF)

    assert await a_greeting(direct_dial=True).run(call) == "1"


async def test_the_hash_key_ends_an_entry_early() -> None:
    call = ScriptedCall(presses=["1#"], extensions=STAFF)
    greeting = a_greeting(direct_dial=True)

    assert await greeting.run(call) == "1"


async def test_a_hash_key_with_a_meaning_of_its_own_is_an_option() -> None:
    call = ScriptedCall(presses=["#"])

    assert await a_greeting(keys={"#": "5000"}).run(call) == "#"


async def test_nobody_dials_directly_unless_the_tenant_allows_it() -> None:
    call = ScriptedCall(presses=["120"], extensions=STAFF)

    assert await a_greeting(keys={"2": "5100"}, max_invalid=1).run(call) == "invalid"


@pytest.mark.parametrize(
    ("allow", "deny", "dialled", "is_let_through"),
    [
        ((), (), "201", True),
        (("1+",), (), "120", True),
        (("1+",), (), "201", False),
        (("120",), (), "120", True),
        (("120",), (), "101", False),
        ((), ("120",), "120", False),
        ((), ("1+",), "201", True),
        (("1+",), ("120",), "120", False),
        (("1+",), ("120",), "101", True),
    ],
)
async def test_only_allowed_extensions_can_be_dialled_directly(
    allow: tuple[str, ...], deny: tuple[str, ...], dialled: str, is_let_through: bool
) -> None:
    call = ScriptedCall(presses=[dialled], extensions=STAFF)
    greeting = a_greeting(
        keys={}, direct_dial=True, direct_dial_allow=allow, direct_dial_deny=deny, max_invalid=1
    )

    left_by = await greeting.run(call)

    assert isinstance(left_by, GoTo) is is_let_through


async def test_a_caller_who_hangs_up_during_the_prompt_is_gone() -> None:
    call = ScriptedCall(hangs_up_at=HangsUpAt(Verb.ASK))

    with pytest.raises(CallEnded) as ended:
        await a_greeting().run(call)

    assert ended.value.end.by is EndedBy.CALLER


async def test_a_prompt_that_cannot_be_played_is_no_silence() -> None:
    call = ScriptedCall(unplayable=["welcome"])

    with pytest.raises(SoundUnplayable):
        await a_greeting().run(call)


def test_every_key_is_a_way_out() -> None:
    greeting = a_greeting(no_input="5200", invalid="5201", failed="5202")

    assert greeting.exits() == {
        "0": "",
        "1": "100",
        "2": "5100",
        "no_input": "5200",
        "invalid": "5201",
        "failed": "5202",
    }
