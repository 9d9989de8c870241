"""One machine for all tests here, with the exchange as a service and a customer on it."""

import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest

from tests.containers.suite import mark, with_what_was_said
from tests.support.tenant import Tenant
from tests.systemd.machine import IMAGE, Machine
from tests.telephone.conftest import new_tenant

HERE = Path(__file__).parent
LONGEST_S = 1200
"""The first test waits until Asterisk was fetched."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "systemd: needs the machine that make test-systemd makes")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, HERE, pytest.mark.systemd, LONGEST_S)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return with_what_was_said((yield), item, "machine")


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """The machine, with the exchange at work."""
    image = os.environ.get(IMAGE)
    if image is None:
        pytest.skip("make test-systemd prepares what this needs")
    running = Machine(image)
    try:
        running.boot()
        running.set_up()
        yield running
    finally:
        running.close()


@pytest.fixture(scope="session")
def office(machine: Machine) -> Tenant[Machine]:
    """A customer with two people."""
    return new_tenant(machine, "100", "101")


@pytest.fixture(autouse=True)
async def _nothing_is_left(machine: Machine) -> AsyncIterator[None]:
    yield
    await machine.nothing_left()
