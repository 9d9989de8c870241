"""One exchange for all telephone tests, and two customers on it; phones are the tests' own.

Every test here ends with an exchange on which nothing is left: no channel, no bridge.
"""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support import sound
from tests.support.any_exchange import Running
from tests.support.carrier import Carrier, carrier_place
from tests.support.exchange import Exchange, started
from tests.support.mail_server import MailServer
from tests.support.sip_station import Place
from tests.support.tenant import Tenant

HERE = Path(__file__).parent

EXCHANGES = (
    "exchange",
    "fragile_exchange",
    "exchange_on_postgres",
    "encrypted_exchange",
    "apart",
    "service",
    "saved_exchange",
    "restored_exchange",
    "exchange_of_the_wheel",
)
"""Fixtures; a test may start and end the exchange of some of them itself."""
IN_USE = pytest.StashKey[dict[str, Exchange]]()
STORIES = pytest.StashKey[list[Callable[[], str]]]()

MOSCOW, SPB = "moscow", "spb"
"""Trunks of a customer who has two carriers."""

PROMPT_S = 4.0
"""Long enough to tell a prompt that was cut short from one that was played to its end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.telephone)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for name, running in item.stash.get(IN_USE, {}).items():
            report.sections.append((f"log of {name}", running.log()))
        for story in item.stash.get(STORIES, []):
            report.sections.append(("what was said", story()))
    return report


@pytest.fixture(scope="session")
def postman() -> Iterator[MailServer]:
    """The mail server of the shared exchange, which is always up."""
    with MailServer() as server:
        yield server


@pytest.fixture(scope="session")
def exchange(postman: MailServer) -> Iterator[Exchange]:
    """The exchange that all well-behaved tests share."""
    with started(Exchange({"PBX_SMTP_URL": postman.url})) as running:
        yield running


@pytest.fixture(autouse=True)
def _in_use(request: pytest.FixtureRequest) -> dict[str, Exchange]:
    """The exchanges that a test uses, by the name of their fixture."""
    names = [name for name in EXCHANGES if name in request.fixturenames]
    running = {name: request.getfixturevalue(name) for name in names}
    request.node.stash[IN_USE] = running
    return running


@pytest.fixture(autouse=True)
async def _nothing_is_left(_in_use: dict[str, Exchange]) -> AsyncIterator[None]:
    yield
    for running in _in_use.values():
        if not running.is_at_work:
            continue
        try:
            await running.nothing_left()
        except AssertionError:
            await running.inside.hang_up_everything()
            raise


@pytest.fixture(scope="session")
def a_tenant(exchange: Exchange) -> Callable[..., Tenant]:
    """Make a customer with these extensions on the shared exchange."""

    def make(*extensions: str, ring_s: int | None = None, aliases: tuple[str, ...] = ()) -> Tenant:
        return new_tenant(exchange, *extensions, ring_s=ring_s, aliases=aliases)

    return make


@pytest.fixture(scope="session")
def office(a_tenant: Callable[..., Tenant], sounds: dict[str, Path]) -> Tenant:
    """A customer with four people and a greeting at 5000."""
    tenant = a_tenant("100", "101", "102", "103")
    add_greeting(tenant, sounds)
    return tenant


@pytest.fixture(scope="module")
def outside() -> Iterator[Place]:
    """Where the carrier of a module's tests is; no two trunks may have one address."""
    with carrier_place() as place:
        yield place


@pytest.fixture
def elsewhere() -> Iterator[Place]:
    """Where a carrier is that one test alone deals with."""
    with carrier_place() as place:
        yield place


@pytest.fixture
async def carrier(
    request: pytest.FixtureRequest, exchange: Exchange, outside: Place
) -> AsyncIterator[Carrier]:
    """That carrier at work."""
    async with Carrier(outside, exchange) as working:
        request.node.stash[STORIES] = [working.story]
        yield working


@pytest.fixture(scope="module")
def cities() -> Iterator[dict[str, Place]]:
    """Where two carriers of a module's tests are."""
    with carrier_place() as moscow, carrier_place() as spb:
        yield {MOSCOW: moscow, SPB: spb}


@pytest.fixture
async def two_carriers(
    request: pytest.FixtureRequest, exchange: Exchange, cities: dict[str, Place]
) -> AsyncIterator[dict[str, Carrier]]:
    """Both at work."""
    async with Carrier(cities[MOSCOW], exchange) as moscow, Carrier(cities[SPB], exchange) as spb:
        request.node.stash[STORIES] = [moscow.story, spb.story]
        yield {MOSCOW: moscow, SPB: spb}


@pytest.fixture(scope="session")
def neighbour(a_tenant: Callable[..., Tenant]) -> Tenant:
    """Another customer, whose people have the same numbers, and one more."""
    return a_tenant("100", "101", "1101")


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files with the prompts, by the name under which they are uploaded."""
    folder = tmp_path_factory.mktemp("sounds")
    spoken = {
        "welcome": sound.WELCOME,
        "again": sound.AGAIN,
        "sorry": sound.SORRY,
        "still-there": sound.STILL_THERE,
        "news": sound.NEWS,
        "silent-end": sound.SILENT_END,
        "wrong-end": sound.WRONG_END,
    }
    lengths_s = {"welcome": PROMPT_S, "again": 1.0, "sorry": 1.0, "still-there": 1.0}
    return {
        name: sound.make_wav(folder / f"{name}.wav", what, lengths_s.get(name, 1.5))
        for name, what in spoken.items()
    }


def let_many_call(tenant: Tenant[Running], number: str) -> None:
    """Give somebody a phone that takes as many calls at once as a whole crowd makes."""
    tenant.set_extension(number, max_calls="100")
    tenant.wait_until_in_effect()


def add_announcements(tenant: Tenant[Running], sounds: dict[str, Path]) -> None:
    """Give the customer three announcements that are told apart by their sounds."""
    for number, name in (("5101", "news"), ("5102", "silent-end"), ("5103", "wrong-end")):
        tenant.add_sound(name, sounds[name])
        tenant.add_element("play", number, sound=name)


def new_tenant(
    exchange: Running,
    *extensions: str,
    ring_s: int | None = None,
    aliases: tuple[str, ...] = (),
) -> Tenant[Running]:
    """Make a customer with a name that nobody has had before; tests dial faster than people."""
    name = f"t{uuid4().hex[:10]}"
    tenant = Tenant(exchange, name, f"{name}.test")
    exchange.pbx_now(
        *("tenant", "create", name, "--domain", tenant.domain),
        *("--timezone", "Europe/Moscow", "--country", "RU", "--outside-calls-per-second", "0"),
        *(part for alias in aliases for part in ("--domain-alias", alias)),
    )
    for number in extensions:
        tenant.add_extension(number, ring_s=ring_s)
    tenant.wait_until_in_effect()
    return tenant


def add_greeting(tenant: Tenant[Running], sounds: dict[str, Path]) -> None:
    """Give the customer a greeting at 5000 whose every exit sounds different."""
    add_announcements(tenant, sounds)
    for name in ("welcome", "again", "sorry", "still-there"):
        tenant.add_sound(name, sounds[name])
    tenant.add_element(
        "greeting",
        "5000",
        sound="welcome",
        repeat_sound="again",
        invalid_sound="sorry",
        no_input_sound="still-there",
        keys__1="100",
        keys__2="101",
        keys__3="5101",
        keys__44="5101",
        direct_dial="true",
        direct_dial_allow='["102"]',
        first_digit_s="2",
        next_digit_s="1",
        max_no_input="2",
        max_invalid="2",
        no_input="5102",
        invalid="5103",
    )
    tenant.wait_until_in_effect()
