"""Calls for help: through any trunk, past every limit, and the front desk is told at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from ari_client.testing import Answers, HangsUp, NeverAnswers
from models.facts import OutboundRuleFacts
from models.outside_policy import OutsidePolicy
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.emergency import EMERGENCY_RING_S
from stasis_apps.journal import What
from stasis_apps.occupancy import channels_of
from stasis_apps.plan import LedBy
from stasis_apps.planning import build_plan
from tests.support.builders import SOUND_FOLDER, a_tenant, tenant_rows
from tests.unit.stasis_apps.live.desk import Desk, PlacedCall, open_desk
from tests.unit.stasis_apps.live.office import CITY, MOSCOW
from tests.unit.stasis_apps.live.test_outside_legs import Refuses

ALICE_DIALS = LedBy(acting="100", purpose=Purpose.DIALLED, is_dialling=True)
CITY_LEG = f"Local/{CITY.endpoint}-112@emergency/nm"
MOSCOW_LEG = f"Local/{MOSCOW.endpoint}-112@emergency/nm"

CLOSED = OutsidePolicy(max_calls=1, max_calls_per_device=1, minutes_per_day=1, calls_per_second=1)
RULES = (
    OutboundRuleFacts(place=1, name="zero first", mask="0(+)"),
    OutboundRuleFacts(place=2, name="nobody", mask="(+)", action="deny"),
)


@pytest.fixture
async def town() -> AsyncIterator[Desk]:
    """A blocked tenant whose rules forbid everything."""
    tenant = a_tenant(state="blocked", outside=CLOSED)
    rows = replace(tenant_rows(trunks=(CITY, MOSCOW), tenant=tenant), outbound=RULES)
    async with open_desk(build_plan(rows, sound_folder=SOUND_FOLDER)) as opened:
        opened.fake.sounds["tone:busy"] = opened.fake.sounds["tone:congestion"] = 3600.0
        yield opened


async def help_is_called(desk: Desk, dialled: str = "112") -> PlacedCall:
    return await desk.call(dialled, led_by=ALICE_DIALS)


@pytest.mark.parametrize("dialled", ["112", "0112"])
async def test_help_answers_whatever_was_set_up(town: Desk, dialled: str) -> None:
    town.fake.phone(CITY_LEG, HangsUp(after_s=1.0, talks_s=60.0))
    call = await help_is_called(town, dialled)

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert call.lines(What.ANSWERED)


@pytest.mark.parametrize("cause", [(34, 503), (17, 486), (21, 603), (1, 404), (21, 403)])
async def test_the_next_trunk_is_tried_after_any_refusal(
    town: Desk, cause: tuple[int, int]
) -> None:
    town.fake.phone(CITY_LEG, Refuses(*cause))
    town.fake.phone(MOSCOW_LEG, HangsUp())

    end = await (await help_is_called(town)).end()

    assert end.reason is Reason.NORMAL


async def test_no_channel_need_be_free(town: Desk) -> None:
    for one in range(CITY.max_channels):
        town.room.occupancy.hold(channels_of(CITY.endpoint), f"taken-{one}")
    town.fake.phone(CITY_LEG, HangsUp())
    call = await help_is_called(town)

    await call.end()

    (answered,) = call.lines(What.ANSWERED)
    assert answered.facts["by"] == "112"
    assert answered.facts["device"] == "112"
    assert [line.facts["trunk"] for line in call.lines(What.RANG)] == ["city"]


async def test_nobody_who_waits_for_help_is_cut_off_early(town: Desk) -> None:
    town.fake.phone(CITY_LEG, Answers(after_s=EMERGENCY_RING_S - 5))
    call = await help_is_called(town)
    town.later(EMERGENCY_RING_S + 5, call.hang_up)

    await call.end()

    assert call.lines(What.ANSWERED)


async def test_a_phone_that_rings_where_help_is_keeps_the_call(town: Desk) -> None:
    town.fake.phone(CITY_LEG, NeverAnswers())
    call = await help_is_called(town)
    town.later(EMERGENCY_RING_S - 10, call.hang_up)

    await call.end()

    assert [line.facts["trunk"] for line in call.lines(What.RANG)] == ["city"]


@pytest.mark.parametrize("dialled", ["112", "0112"])
async def test_the_front_desk_is_told_while_it_rings(town: Desk, dialled: str) -> None:
    town.fake.phone(CITY_LEG, NeverAnswers())
    call = await help_is_called(town, dialled)
    told: list[int] = []
    town.later(2.0, lambda: told.append(len(town.room.notices.told)))
    town.later(3.0, call.hang_up)

    await call.end()

    assert told == [1]
    (notice,) = town.room.notices.told
    assert (notice.kind, notice.call_id, notice.key) == ("emergency_call", call.channel_id, "")
    assert {"number": "112", "user": "100", "phone": "100"}.items() <= notice.facts.items()


async def test_the_front_desk_is_told_of_a_call_that_cannot_leave(town: Desk) -> None:
    town.plan = replace(town.plan, trunks={})
    call = await help_is_called(town)

    end = await call.end()

    assert end.reason is Reason.NO_TRUNK
    (notice,) = town.room.notices.told
    assert "no trunk" in notice.facts["fault"]
