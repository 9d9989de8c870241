"""A database that hangs keeps no caller in silence, and what it was asked is not broken off."""

from __future__ import annotations

import asyncio

import pytest
from structlog.typing import EventDict

from models.errors import DatabaseLocked, DatabaseUnavailable
from stasis_apps.services.patience import CALLER_WAITS_S, while_a_caller_waits


async def answers(after_s: float, done: list[str]) -> str:
    """A database that answers after a while."""
    await asyncio.sleep(after_s)
    done.append("written")
    return "found"


async def fails(after_s: float) -> None:
    """A database that fails after a while."""
    await asyncio.sleep(after_s)
    raise DatabaseLocked("taken")


async def test_an_answer_in_time_is_the_answer() -> None:
    assert await while_a_caller_waits(answers(CALLER_WAITS_S - 0.1, [])) == "found"


async def test_a_fault_in_time_is_the_fault() -> None:
    with pytest.raises(DatabaseLocked, match="taken"):
        await while_a_caller_waits(fails(0.1))


async def test_a_database_that_hangs_is_away_for_the_caller_and_still_does_its_work(
    logged: list[EventDict],
) -> None:
    began_at, done = asyncio.get_running_loop().time(), list[str]()

    with pytest.raises(DatabaseUnavailable):
        await while_a_caller_waits(answers(30.0, done))

    assert asyncio.get_running_loop().time() - began_at == CALLER_WAITS_S
    assert done == []
    await asyncio.sleep(30.0)
    assert done == ["written"]
    assert [entry["event"] for entry in logged] == ["database_answered_late"]


async def test_a_caller_who_hangs_up_breaks_nothing_off(logged: list[EventDict]) -> None:
    done: list[str] = []
    call = asyncio.create_task(while_a_caller_waits(answers(1.0, done)))
    await asyncio.sleep(0.5)

    call.cancel()

    await asyncio.wait([call])
    assert call.cancelled()
    await asyncio.sleep(1.0)
    assert done == ["written"]


async def test_what_fails_when_nobody_waits_any_more_is_said(logged: list[EventDict]) -> None:
    with pytest.raises(DatabaseUnavailable):
        await while_a_caller_waits(fails(3.0))

    await asyncio.sleep(3.0)
    assert [entry["fault"] for entry in logged] == ["taken"]
