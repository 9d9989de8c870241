"""What callers experience whom an exit leads to an outside number."""

from __future__ import annotations

import pytest

from stasis_apps.call import CallEnded, Party
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.outside import Outside
from stasis_apps.testing import PickedUp, ScriptedCall

MOBILE = "+79161234567"


async def test_the_caller_talks_to_whoever_picks_up_and_nobody_has_to_press_a_key() -> None:
    call = ScriptedCall(phones={MOBILE: PickedUp()})

    with pytest.raises(CallEnded) as ended:
        await Outside(number=MOBILE).run(call)

    assert ended.value.end.reason is Reason.NORMAL
    assert call.rang[0].parties == (Party(number=MOBILE),)


@pytest.mark.parametrize("outcome", list(LegOutcome))
async def test_the_call_ends_by_what_became_of_it(outcome: LegOutcome) -> None:
    element = Outside(number=MOBILE)
    call = ScriptedCall(phones={MOBILE: outcome})

    way_out = await element.run(call)

    assert way_out == outcome.value
    assert element.exits()[way_out] == ""
