"""What holds for every test: no task is left behind, our code never blocks the loop, time jumps.

Properties are tried on the same examples in every run, which say what is true and not how fast: a
test that nobody has touched does not turn red. New ones are looked for with ``pytest
--hypothesis-profile=search tests/properties``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, settings
from pytest_asyncio import is_async_test

from ari_client.testing import JumpingClockLoop

settings.register_profile(
    "pbx",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "search", settings.get_profile("pbx"), derandomize=False, max_examples=1_000, print_blob=True
)
settings.load_profile("pbx")

HERE = Path(__file__).parent

WITHOUT_SOCKETS = tuple(HERE / part for part in ("unit/stasis_apps", "contract/elements"))
"""Here the clock jumps, except for tests with a database: its threads work in real time."""

NEEDS_REAL_TIME = frozenset({"database_url", "empty_database_url"})

WATCHED = ["ari_client", "stasis_apps"]
"""Packages that run calls: while they hold up the loop, every caller waits."""

MAY_BLOCK = (
    ("stasis_apps/element.py", "_discover"),  # looks into its folder once, before the first call
    ("stasis_apps/background.py", "_signing_key"),  # reads the key once, before the first call
    ("stasis_apps/planning.py", "build_plan"),  # reads a time zone, which the system has at hand
    ("tortoise/timezone.py", "parse_timezone"),  # the same
    ("coverage/collector.py", "lock_data"),  # nothing of ours: two threads are measured at once
)

TURNS = 20
"""Turns of the loop in which a cancelled task may take its leave."""


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give tests without sockets a clock that jumps when everybody waits."""
    fixtures = frozenset(getattr(item, "fixturenames", ()))
    if item.path.is_relative_to(HERE) and _is_without_sockets(item.path, fixtures):
        return {"jumping clock": JumpingClockLoop}
    return {"real clock": asyncio.new_event_loop}


def _is_without_sockets(path: Path, fixtures: frozenset[str]) -> bool:
    return any(map(path.is_relative_to, WITHOUT_SOCKETS)) and not fixtures & NEEDS_REAL_TIME


@pytest.fixture(autouse=True)
def _good_manners(request: pytest.FixtureRequest) -> None:
    """Hold asynchronous tests to what holds for every call; the others have no loop."""
    if is_async_test(request.node):
        request.getfixturevalue("_no_task_is_left")
        request.getfixturevalue("_nobody_blocks_the_loop")


@pytest.fixture
async def _no_task_is_left() -> AsyncIterator[None]:
    """Fail a test that ends while a task it began is still alive."""
    before = asyncio.all_tasks()
    yield
    for _ in range(TURNS):
        await asyncio.sleep(0)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:
        pytest.fail(f"tasks left behind: {sorted(map(repr, left))}")


@pytest.fixture
def _nobody_blocks_the_loop() -> Iterator[None]:
    """Fail a test in which code that runs calls does file or network work in the loop."""
    with blockbuster_ctx(WATCHED) as guard:
        for blocking in guard.functions.values():
            for file, function in MAY_BLOCK:
                blocking.can_block_in(file, function)
        yield
