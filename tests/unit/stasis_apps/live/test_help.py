"""Calls for help: through any trunk, past every limit, and the front desk is told at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from ari_client.testing import (
    Answers,
    Declines,
    HangsUp,
    NeverAnswers,
    Phone,
    Step,
    StepKind,
    Unreachable,
    Unregistered,
)
from ari_client.testing.state import FakeBridge
from models.facts import OutboundRuleFacts
from models.outside_policy import OutsidePolicy
from stasis_apps.decisions.ending import Reason
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.decisions.trunk_choice import HELP_PATIENCE_S
from stasis_apps.emergency import EMERGENCY_RING_S
from stasis_apps.journal import What
from stasis_apps.live_call.trunk_rest import ASKING_S
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


class Announces:
    """A carrier that plays "this number is not in service", and then refuses."""

    is_registered = True

    def steps(self) -> list[Step]:
        """Speak, refuse."""
        refuses = Step(4.0, StepKind.HANG_UP, cause=1, sip_status=404)
        return [Step(0.5, StepKind.PROGRESS), refuses]


@pytest.mark.parametrize("first", [Announces(), Declines(), Refuses(17, 486, rings=True)])
async def test_the_next_trunk_is_tried_after_an_announcement_or_a_ring_in_vain(
    town: Desk, first: Phone
) -> None:
    town.fake.phone(CITY_LEG, first)
    town.fake.phone(MOSCOW_LEG, HangsUp(after_s=1.0, talks_s=30.0))
    talking: list[set[str]] = []
    call = await help_is_called(town)
    town.later(15.0, lambda: talking.extend(set(one.channel_ids) for one in _bridges(town)))

    end = await call.end()

    assert end.reason is Reason.NORMAL
    (answered,) = call.lines(What.ANSWERED)
    assert answered.facts["trunk"] == "moscow"
    (both,) = talking
    assert call.channel_id in both
    assert len(both) == 2


def _bridges(desk: Desk) -> list[FakeBridge]:
    return list(desk.fake.bridges.values())


async def test_the_announcement_of_the_next_trunk_is_heard_after_that_of_the_first(
    town: Desk,
) -> None:
    town.fake.phone(CITY_LEG, Announces())
    town.fake.phone(MOSCOW_LEG, Answers(after_s=10.0, is_early_media=True))
    call = await help_is_called(town)
    heard: list[int] = []
    town.later(2.0, lambda: heard.append(len(town.fake.bridges)))
    town.later(8.0, lambda: heard.append(len(town.fake.bridges)))
    town.later(30.0, call.hang_up)

    await call.end()

    assert heard == [1, 1]
    assert len(town.requests("POST", "/progress")) == 2


async def test_a_caller_who_hangs_up_calls_no_other_carrier(town: Desk) -> None:
    town.fake.phone(CITY_LEG, NeverAnswers())
    call = await help_is_called(town)
    town.later(5.0, call.hang_up)

    await call.end()

    assert _dialled(town) == [CITY_LEG]


async def test_who_calls_for_help_hears_ringback_at_once(town: Desk) -> None:
    town.fake.phone(CITY_LEG, Unreachable())
    call = await help_is_called(town)
    rung: list[int] = []
    town.later(0.5, lambda: rung.append(len(town.requests("POST", "/ring"))))
    town.later(1.0, call.hang_up)

    await call.end()

    assert rung == [1]


async def test_a_silent_carrier_keeps_nobody_waiting_long_and_gets_a_second_chance(
    town: Desk,
) -> None:
    town.fake.phone(CITY_LEG, Unreachable())
    town.fake.phone(MOSCOW_LEG, Refuses(34, 503))
    call = await help_is_called(town)
    town.later(HELP_PATIENCE_S - 1, lambda: dialled.append(len(_dialled(town))))
    town.later(HELP_PATIENCE_S + 1, lambda: town.fake.phone(CITY_LEG, HangsUp()))
    dialled: list[int] = []
    town.later(HELP_PATIENCE_S + 3, call.hang_up)

    await call.end()

    assert dialled == [1]
    assert _dialled(town) == [CITY_LEG, MOSCOW_LEG, CITY_LEG]


async def test_a_trunk_that_cannot_be_had_is_followed_by_the_next(town: Desk) -> None:
    town.fake.phone(MOSCOW_LEG, HangsUp())
    town.fake.refuse_next("POST /channels/create", 500, "Allocation failed")
    call = await help_is_called(town)

    end = await call.end()

    assert end.reason is Reason.NORMAL


async def test_a_trunk_that_is_down_is_tried_last(town: Desk) -> None:
    town.fake.phone(f"PJSIP/{CITY.endpoint}", Unregistered())
    town.fake.phone(f"PJSIP/{MOSCOW.endpoint}", NeverAnswers())
    town.fake.phone(MOSCOW_LEG, Refuses(34, 503))
    town.fake.phone(CITY_LEG, HangsUp())
    call = await help_is_called(town)

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert _dialled(town) == [MOSCOW_LEG, CITY_LEG]
    assert "trunk city is down and tried last" in [line.reason for line in call.lines(What.NOTED)]


async def test_a_caller_who_leaves_between_two_trunks_keeps_no_channel_in_use(town: Desk) -> None:
    town.fake.phone(MOSCOW_LEG, Unreachable())
    town.fake.refuse_next("POST /channels/create", 500, "Allocation failed")
    call = await help_is_called(town)

    async def leaves(_method: str, path: str) -> None:
        if path.endswith("/ring"):
            call.hang_up()

    town.wire.on_the_way = leaves

    end = await call.end()

    assert end.reason is Reason.CANCELLED
    in_use = town.room.occupancy.count
    assert [in_use(channels_of(one.endpoint)) for one in (CITY, MOSCOW)] == [0, 0]


@pytest.mark.parametrize("status", [None, 500])
async def test_help_waits_for_no_word_about_its_trunks(town: Desk, status: int | None) -> None:
    async def is_slow(_method: str, path: str) -> None:
        if path.startswith("/endpoints/") and status is None:
            await asyncio.sleep(20.0)

    town.wire.on_the_way = is_slow
    if status is not None:
        town.fake.refuse_next("GET /endpoints/{}/{}", status)
    town.fake.phone(f"PJSIP/{CITY.endpoint}", NeverAnswers())
    town.fake.phone(f"PJSIP/{MOSCOW.endpoint}", NeverAnswers())
    town.fake.phone(CITY_LEG, HangsUp())
    call = await help_is_called(town)
    dialled: list[list[str]] = []
    town.later(ASKING_S + 0.1, lambda: dialled.append(_dialled(town)))

    await call.end()

    assert dialled == [[CITY_LEG]]


def _dialled(desk: Desk) -> list[str]:
    """Through which trunks help was called, in order."""
    return [str(one.query["endpoint"]) for one in desk.requests("POST", "/channels/create")]


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
