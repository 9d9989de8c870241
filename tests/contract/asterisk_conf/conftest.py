"""A real Asterisk for each test; it starts in half a second."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ari_client import AriClient
from asterisk_conf import AsteriskInstall
from models.outside_policy import OutsidePolicy
from stasis_apps.services.trunk_lines import TrunkLines
from tests.contract.asterisk_conf.carrier import Carrier
from tests.contract.asterisk_conf.exchange import Exchange, an_exchange, asterisk_install
from tests.contract.asterisk_conf.outside import Outside, application, locked
from tests.contract.asterisk_conf.trunks import PASSWORD


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


@pytest.fixture
async def carrier() -> AsyncIterator[Carrier]:
    async with Carrier.listening(PASSWORD) as listening:
        yield listening


@pytest.fixture
async def ari(running: Exchange) -> AsyncIterator[AriClient]:
    async with running.ari() as client:
        yield client


@pytest.fixture
def lines(ari: AriClient) -> TrunkLines:
    return TrunkLines(ari)


@pytest.fixture
async def outside(running: Exchange, carrier: Carrier) -> AsyncIterator[Outside]:
    """An application that makes legs to outside numbers; only how fast they begin is free."""
    running.lock("acme.test", locked(OutsidePolicy(calls_per_second=0)))
    async with application(running, carrier) as ready:
        yield ready
