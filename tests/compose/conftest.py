"""One exchange in containers for all tests here, and a customer on it; phones are outside."""

import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.compose.stack import PREPARED, Prepared, Stack
from tests.support import sound
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import new_tenant

HERE = Path(__file__).parent
LONGEST_S = 1500
"""The first test waits for images that are built from nothing."""

GREETED = "5000"
PROMPT_S = 2.0


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "compose: needs the containers that make test-compose runs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.compose)
            item.add_marker(pytest.mark.timeout(LONGEST_S))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    running = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(running, Stack):
        report.sections.append(("what the containers say", running.log()))
    return report


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The exchange, built and started."""
    prepared = os.environ.get(PREPARED)
    if prepared is None:
        pytest.skip("make test-compose prepares what this needs")
    running = Stack(msgspec.json.decode(prepared, type=Prepared))
    try:
        running.build()
        running.up()
        yield running
    finally:
        running.close()


@pytest.fixture(autouse=True)
async def _nothing_is_left(stack: Stack) -> AsyncIterator[None]:
    yield
    await stack.nothing_left()


@pytest.fixture(scope="session")
def office(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Tenant[Stack]:
    """A customer with two people and a greeting at 5000 that leads to them."""
    tenant = new_tenant(stack, "100", "101")
    tenant.add_trunk("city", Place("192.0.2.1", 5060))  # before Asterisk knows of any phone
    file = tmp_path_factory.mktemp("sounds") / "welcome.wav"
    tenant.add_sound("welcome", stack.hand_in(sound.make_wav(file, sound.WELCOME, PROMPT_S)))
    tenant.add_element("greeting", GREETED, sound="welcome", keys__1="101")
    tenant.wait_until_in_effect()
    return tenant
