"""Callers who want something unknown make us look for newer plans, but not each of them."""

from __future__ import annotations

import asyncio

from structlog.typing import EventDict

from models.errors import DatabaseUnavailable
from stasis_apps.second_look import APART_S, CALLER_WAITS_S, SecondLook


class Shelf:
    """Plans that take a while to be read."""

    def __init__(self, *, takes_s: float = 0.0, is_broken: bool = False) -> None:
        self.takes_s, self.is_broken = takes_s, is_broken
        self.read_at: list[float] = []

    async def refresh(self) -> None:
        """Read them."""
        self.read_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.takes_s)
        if self.is_broken:
            raise DatabaseUnavailable("away")


async def test_callers_who_come_together_share_one_look() -> None:
    shelf = Shelf(takes_s=0.5)
    second = SecondLook(shelf)

    await asyncio.gather(*(second.look() for _ in range(100)))

    assert len(shelf.read_at) == 1


async def test_callers_one_after_the_other_do_not_look_more_often_than_once_a_second() -> None:
    shelf = Shelf()
    second = SecondLook(shelf)
    began_at = asyncio.get_running_loop().time()

    for _ in range(100):
        await second.look()
        await asyncio.sleep(0.1)

    took_s = asyncio.get_running_loop().time() - began_at
    assert took_s / APART_S / 2 < len(shelf.read_at) <= took_s / APART_S + 1


async def test_a_database_that_hangs_keeps_no_caller_in_silence() -> None:
    second = SecondLook(Shelf(takes_s=30.0))
    clock = asyncio.get_running_loop().time
    waited: list[float] = []

    for _ in range(10):
        began_at = clock()
        await second.look()
        waited.append(clock() - began_at)
        await asyncio.sleep(0.5)

    assert waited[0] == CALLER_WAITS_S
    assert waited[1:] == [0.0] * 9
    await asyncio.sleep(30.0)  # it ends by itself


async def test_a_database_that_is_away_is_told_and_refuses_nobody(logged: list[EventDict]) -> None:
    await SecondLook(Shelf(is_broken=True)).look()

    assert [entry["event"] for entry in logged] == ["plans_not_refreshed"]
