"""Many things that happen in the same moment: one talk comes of it, and nothing is left."""

from __future__ import annotations

import asyncio
import random

import pytest

from ari_client.testing import (
    Answers,
    Busy,
    Declines,
    HangsUp,
    NeverAnswers,
    Phone,
    Unregistered,
)
from stasis_apps.decisions.ending import Reason
from stasis_apps.journal import What
from stasis_apps.occupancy import channels_of
from tests.unit.stasis_apps.live.desk import Desk
from tests.unit.stasis_apps.live.office import (
    CITY,
    CITY_LEG,
    FIVE,
    MOSCOW_LEG,
    at,
)


@pytest.mark.parametrize("seed", range(60))
async def test_two_who_answer_in_the_same_moment_leave_one_talk_and_nothing_else(
    office: Desk, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a storm, not a secret
    for number in FIVE:
        office.fake.phone(at(number), NeverAnswers())
    first, second = chance.sample(FIVE, 2)
    moment_s = chance.choice([0.0, 0.003, 1.0])
    office.fake.phone(at(first), Answers(after_s=moment_s))
    office.fake.phone(at(second), Answers(after_s=moment_s + chance.uniform(0.0, 0.01)))

    async def takes_its_time(_method: str, _path: str) -> None:
        await asyncio.sleep(chance.uniform(0.0, 0.01))

    office.wire.on_the_way = takes_its_time
    call = await office.call("5000")
    talks: list[list[int]] = []
    office.later(
        5.0, lambda: talks.append([len(b.channel_ids) for b in office.fake.bridges.values()])
    )
    office.later(5.0, lambda: talks.append([len(office.fake.channels)]))
    office.later(chance.uniform(6.0, 9.0), call.hang_up)

    end = await call.end()

    assert end.reason is Reason.NORMAL
    assert talks == [[2], [2]]
    (answered,) = call.lines(What.ANSWERED)
    losers = {first, second} - {str(answered.facts["by"])}
    assert len(losers) == 1
    assert office.hangup_causes(at(losers.pop())) == ["26"]


@pytest.mark.parametrize("seed", range(60))
async def test_whatever_happens_when_nothing_is_left_behind(office: Desk, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a storm, not a secret
    kinds: list[Phone] = [
        *(Answers(after_s=chance.uniform(0.0, 0.02)), HangsUp(after_s=1.0, talks_s=0.0)),
        *(Busy(), Declines(after_s=0.01), NeverAnswers(), Unregistered()),
    ]
    for endpoint in (*map(at, FIVE), at("110"), CITY_LEG, MOSCOW_LEG):
        office.fake.phone(endpoint, chance.choice(kinds))

    async def takes_its_time(_method: str, _path: str) -> None:
        await asyncio.sleep(chance.uniform(0.0, 0.02))

    office.wire.on_the_way = takes_its_time
    call = await office.call(chance.choice(["5000", "5001", "5002", "5003", "5005", "5007"]))
    office.later(chance.choice([0.0, 0.01, 0.02, 0.05, 1.0, 20.0]), call.hang_up)

    await call.end()

    assert office.room.occupancy.count(channels_of(CITY.endpoint)) == 0
