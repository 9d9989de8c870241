"""One exchange in containers for all tests here, and two customers on it; phones are outside."""

import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.compose.stack import PREPARED, Prepared, Stack
from tests.containers.suite import mark, with_what_was_said
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import add_greeting, new_tenant
from tests.telephone.conftest import sounds as sounds

HERE = Path(__file__).parent
LONGEST_S = 1500
"""The first test waits for images that are built from nothing."""

GREETED, KEY_TO_101 = "5000", "2"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "compose: needs the containers that make test-compose runs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, HERE, pytest.mark.compose, LONGEST_S)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return with_what_was_said((yield), item, "stack")


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
def _called_through(request: pytest.FixtureRequest) -> Stack | None:
    """The exchange, for a test that makes calls."""
    return request.getfixturevalue("stack") if "office" in request.fixturenames else None


@pytest.fixture(autouse=True)
async def _nothing_is_left(_called_through: Stack | None) -> AsyncIterator[None]:
    yield
    if _called_through is not None:
        await _called_through.nothing_left()


@pytest.fixture(scope="session")
def office(stack: Stack, sounds: dict[str, Path]) -> Tenant[Stack]:
    """A customer with four people and a greeting at 5000, as the telephone tests have it."""
    tenant = new_tenant(stack, "100", "101", "102", "103")
    tenant.add_trunk("city", Place("192.0.2.1", 5060))  # before Asterisk knows of any phone
    add_greeting(tenant, {name: stack.hand_in(file) for name, file in sounds.items()})
    return tenant


@pytest.fixture(scope="session")
def neighbour(stack: Stack) -> Tenant[Stack]:
    """Another customer, whose people have the same numbers, and one more."""
    return new_tenant(stack, "100", "101", "1101")
