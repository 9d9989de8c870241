"""The code by which a phone dials again what it dialled last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.typing import EventDict

from models import call_log, provisioning
from models.call_log import OpenedCall
from models.seal import Seal
from stasis_apps.call import CallEnded, GoTo, HowCame, Leave, Target
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.element import Catalogue
from stasis_apps.engine import run_call
from stasis_apps.journal import CallJournal
from stasis_apps.outside import ASK_FOR_PIN
from stasis_apps.plan import LedBy, NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.redial import Redial
from stasis_apps.services.last_dialled import REMEMBERED_DAYS, LastDialled
from stasis_apps.testing import CallsOut, PickedUp, ScriptedCall
from tests.support.builders import a_plan, a_tenant
from tests.unit.stasis_apps.occupied import Occupier

MOBILE = "+79161234567"
ALICE_DIALS = LedBy(acting="100", purpose=Purpose.DIALLED, is_dialling=True)


async def redialled(call: ScriptedCall, **parts: object) -> Reason:
    """Alice dials the code; what her call ended by."""
    plan = a_plan(**parts)
    journal = CallJournal("pbx-1.1", plan.tenant, lambda _step: None)
    end = await run_call(call, plan, Target("*66"), journal, led_by=ALICE_DIALS)
    return end.reason


async def test_the_phone_calls_again_whom_it_called_last() -> None:
    call = ScriptedCall(calls_out=CallsOut(last_dialled=MOBILE))

    assert await Redial().run(call) == GoTo(Target(MOBILE), "dialled again", HowCame.DIRECT)


async def test_a_phone_that_has_called_nobody_is_told_that_there_is_no_such_number() -> None:
    call = ScriptedCall()

    with pytest.raises(CallEnded) as ended:
        await Redial().run(call)

    assert ended.value.end.reason is Reason.NO_SUCH_NUMBER
    assert call.notes == ["this phone has dialled nothing before"]


@pytest.mark.parametrize("dialled", ["101", "1-01"])
async def test_a_colleague_is_called_again(dialled: str) -> None:
    call = ScriptedCall(
        calls_out=CallsOut(last_dialled=dialled), phones={"101@acme.test": PickedUp()}
    )

    assert await redialled(call) is Reason.NORMAL
    assert call.talked_to == "101@acme.test"


async def test_who_calls_outside_again_acts_for_themselves_as_the_first_time() -> None:
    call = ScriptedCall(
        calls_out=CallsOut(last_dialled="+7 (916) 123-45-67"), phones={MOBILE: PickedUp()}
    )

    assert await redialled(call) is Reason.NORMAL
    (party,) = call.rang[0].parties
    assert (party.number, party.acting, party.purpose) == (MOBILE, "100", Purpose.DIALLED)
    assert not party.hides_number


async def test_who_hid_their_number_hides_it_again() -> None:
    call = ScriptedCall(
        calls_out=CallsOut(last_dialled=f"*67{MOBILE}"), phones={MOBILE: PickedUp()}
    )

    await redialled(call)

    assert call.rang[0].parties[0].hides_number


async def test_the_pin_is_asked_for_again() -> None:
    asks = {MOBILE: Leave(rule="mobiles", asks_pin=True)}
    call = ScriptedCall(
        calls_out=CallsOut(last_dialled=MOBILE, leaves=asks), presses=["1#", "2#", "3#"]
    )

    assert await redialled(call) is Reason.WRONG_PIN
    assert call.heard[0] == ASK_FOR_PIN
    assert call.rang == []


@pytest.mark.parametrize("dialled", ["112", "1-1-2", "*67112"])
async def test_who_is_blocked_calls_help_again(dialled: str) -> None:
    call = ScriptedCall(calls_out=CallsOut(last_dialled=dialled), phones={"112": PickedUp()})

    assert await redialled(call, tenant=a_tenant(state="blocked")) is Reason.NORMAL
    assert call.rang[0].parties[0].is_emergency


@pytest.mark.parametrize("dialled", ["101", MOBILE, "0112"])
async def test_who_is_blocked_calls_nobody_else_again(dialled: str) -> None:
    call = ScriptedCall(
        calls_out=CallsOut(last_dialled=dialled),
        phones={"101@acme.test": PickedUp(), MOBILE: PickedUp()},
    )

    assert await redialled(call, tenant=a_tenant(state="blocked")) is Reason.BLOCKED
    assert call.rang == []


async def test_an_alias_that_is_gone_is_no_number_any_more() -> None:
    call = ScriptedCall(calls_out=CallsOut(last_dialled="info"))

    assert await redialled(call) is Reason.INVALID_NUMBER


@pytest.fixture
def seal(tmp_path: Path) -> Seal:
    return Seal(tmp_path / "key")


async def hire(seal: Seal) -> None:
    """Somebody gets the number 100 and a phone of that name."""
    await provisioning.create_extension(tenant="acme", number="100", name="Anna", seal=seal)


async def plan_of(tenant_id: int) -> NumberPlan:
    rows = await provisioning.read_plan_rows(tenant_id)
    return build_plan(rows, sound_folder=Path("/sounds"))


@pytest.fixture
async def tenants(database: str) -> tuple[int, int]:
    acme = await provisioning.create_tenant(name="acme", domain="acme.test", country="RU")
    other = await provisioning.create_tenant(name="other", domain="other.test", country="RU")
    return acme.id, other.id


async def has_dialled(
    tenant_id: int, dialled: str, *, device: str = "100", minutes_ago: float = 0.0
) -> None:
    """A call of a phone stands in the records."""
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    id_ = f"pbx-{tenant_id}.{device}.{dialled}"
    call = OpenedCall(
        id=id_,
        tenant_id=tenant_id,
        channel_id=id_,
        revision=1,
        how="phone",
        caller_number=device[:3],
        caller_name="",
        caller_device=device,
        dialled=dialled,
        started_at=at,
    )
    await call_log.write([call])


async def test_what_was_dialled_since_the_start_is_known_at_once() -> None:
    last = LastDialled()
    last.keep(1, "100", "101")
    last.keep(1, "100", MOBILE)
    last.keep(1, "100-kitchen", "103")
    last.keep(2, "100", "104")

    assert [*await last.of(1, "100")] == [MOBILE]


async def test_what_was_dialled_before_the_start_stands_in_the_records_of_that_phone(
    tenants: tuple[int, int],
) -> None:
    acme, other = tenants
    await has_dialled(acme, MOBILE, minutes_ago=3)
    await has_dialled(acme, "*66", minutes_ago=2)
    await has_dialled(acme, "103", device="100-kitchen", minutes_ago=1)
    await has_dialled(other, "104")

    assert await LastDialled().of(acme, "100") == ["*66", MOBILE]
    assert await LastDialled().of(acme, "102") == []


@pytest.mark.parametrize("is_since_the_start", [True, False])
async def test_whoever_gets_a_number_anew_does_not_call_whom_the_one_before_them_has_called(
    tenants: tuple[int, int], seal: Seal, is_since_the_start: bool
) -> None:
    acme, _ = tenants
    last = LastDialled()
    await hire(seal)
    if is_since_the_start:
        last.keep(acme, "100", MOBILE)
    else:
        await has_dialled(acme, MOBILE)
    assert await last.number(await plan_of(acme), "100") == MOBILE

    await provisioning.remove_extension(tenant="acme", number="100", catalogue=Catalogue())
    await hire(seal)

    assert await last.number(await plan_of(acme), "100") == ""
    last.keep(acme, "100", "103")
    assert await last.number(await plan_of(acme), "100") == "103"


async def test_what_was_dialled_long_ago_is_forgotten(tenants: tuple[int, int]) -> None:
    acme, _ = tenants
    await has_dialled(acme, MOBILE, minutes_ago=(REMEMBERED_DAYS + 1) * 24 * 60)

    assert await LastDialled().of(acme, "100") == []


async def test_a_database_that_is_away_remembers_nothing_and_no_call_fails(
    tenants: tuple[int, int], occupier: Occupier, logged: list[EventDict]
) -> None:
    acme, _ = tenants
    await has_dialled(acme, MOBILE)
    occupier.take()

    assert [*await LastDialled().of(acme, "100")] == []

    occupier.give_back()
    assert [entry["event"] for entry in logged] == ["last_dialled_unknown"]
