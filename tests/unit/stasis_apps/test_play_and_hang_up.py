"""What callers experience when a prompt is played to them, and when the plan lets them go."""

from __future__ import annotations

import pytest

from stasis_apps.call import CallEnded, SoundName, SoundUnplayable, Target
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.elements.hang_up import CAUSES, HangUp
from stasis_apps.elements.play import Play
from stasis_apps.testing import HangsUpAt, ScriptedCall, Verb

NEWS = Play(sound=SoundName("news"), next=Target("5000"))


async def test_a_caller_hears_the_prompt_and_goes_on() -> None:
    call = ScriptedCall()

    left_by = await NEWS.run(call)

    assert NEWS.exits()[left_by] == "5000"  # type: ignore[index] # a GoTo would fail the test
    assert call.verbs == [Verb.ANSWER, Verb.PLAY]
    assert call.heard == ["news"]


async def test_a_caller_who_hangs_up_during_the_prompt_is_gone() -> None:
    with pytest.raises(CallEnded):
        await NEWS.run(ScriptedCall(hangs_up_at=HangsUpAt(Verb.PLAY)))


async def test_a_prompt_that_cannot_be_played_does_not_count_as_heard() -> None:
    call = ScriptedCall(unplayable=["news"])

    with pytest.raises(SoundUnplayable):
        await NEWS.run(call)

    assert call.heard == []


@pytest.mark.parametrize(("cause", "q850"), CAUSES.items())
async def test_a_caller_is_let_go_with_the_cause_that_was_set(cause: str, q850: int) -> None:
    with pytest.raises(CallEnded) as ended:
        await HangUp(cause=cause).run(ScriptedCall())

    end = ended.value.end
    assert (end.by, end.reason, end.cause) == (EndedBy.PLAN, Reason.HUNG_UP_BY_PLAN, q850)


async def test_a_caller_is_let_go_without_being_answered() -> None:
    call = ScriptedCall()

    with pytest.raises(CallEnded):
        await HangUp().run(call)

    assert not call.is_answered
