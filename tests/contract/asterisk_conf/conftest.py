"""A real Asterisk for each test; it starts in half a second."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from asterisk_conf import AsteriskInstall
from tests.contract.asterisk_conf.exchange import Exchange, an_exchange, asterisk_install


@pytest.fixture(scope="session")
def install() -> AsteriskInstall:
    return asterisk_install()


@pytest.fixture
def home() -> Iterator[Path]:
    """A short path, because the address of Asterisk's console must be short."""
    folder = Path(tempfile.mkdtemp(prefix="pbx-"))
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
async def exchange(home: Path, install: AsteriskInstall) -> AsyncIterator[Exchange]:
    """An exchange that is set up, but not started."""
    async with an_exchange(home, install) as ready:
        yield ready


@pytest.fixture
async def running(exchange: Exchange) -> Exchange:
    """An exchange that answers."""
    await exchange.process.start()
    return exchange
