"""Carriers by TLS: who can be believed is talked to encrypted, nobody else is told anything.

The carrier is another exchange of ours, at which this one registers.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from tests.support import sound
from tests.support.certificates import Authority, TlsPair
from tests.support.exchange import Exchange, started
from tests.support.plain_phone import PlainPhone
from tests.support.ports import small_block
from tests.support.scrape import scrape
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.support.tls_stranger import TlsStranger, tls_stranger
from tests.support.waiting import COMES_S, until, until_told
from tests.telephone.conftest import new_tenant

PASSWORD = "the-carriers-own-password-1"
THEIRS, OURS = "+74991230200", "+74991230100"
DIALLED_OUT, DIALLED_IN = "84991230200", "84991230100"
DAY_S = 86_400
REFUSED_S = 30.0
"""How long it may take until Asterisk has connected and the command line tells of it."""


class Told(msgspec.Struct):
    """What ``pbx trunk show`` says of a refusal."""

    of: str
    text: str


class Shown(msgspec.Struct):
    """What ``pbx trunk show`` says of a trunk."""

    endpoint: str
    state: str
    last_refusal: Told | None


class Finding(msgspec.Struct):
    """One line of the doctor's report."""

    name: str
    health: str
    words: str


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the certificates of both exchanges."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def certified(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., TlsPair]:
    """Make certificates of this authority that do not lie in one another's places."""

    def make(**of_the_pair: object) -> TlsPair:
        folder = tmp_path_factory.mktemp("pair")
        return replace(authority, folder=folder).pair(**of_the_pair)  # type: ignore[arg-type] # by name

    return make


@pytest.fixture(scope="module")
def tls_ports() -> Iterator[tuple[int, int]]:
    """Where this exchange and its carrier speak TLS."""
    with small_block() as ports:
        yield ports.one(), ports.one()


@pytest.fixture(scope="module")
def here(
    authority: Authority, certified: Callable[..., TlsPair], tls_ports: tuple[int, int]
) -> Iterator[Exchange]:
    """The exchange under test."""
    settings = {"PBX_TLS_BIND": f"127.0.0.1:{tls_ports[0]}", **certified().settings}
    with started(Exchange({**settings, "PBX_TLS_CA_FILE": str(authority.file())})) as running:
        yield running


@pytest.fixture(scope="module")
def there(certified: Callable[..., TlsPair], tls_ports: tuple[int, int]) -> Iterator[Exchange]:
    """The carrier's exchange."""
    settings = {"PBX_TLS_BIND": f"127.0.0.1:{tls_ports[1]}", **certified().settings}
    with started(Exchange(settings)) as running:
        yield running


@pytest.fixture(scope="module")
def carrier(there: Exchange) -> Tenant:
    """The carrier; 200 is somebody's phone."""
    return new_tenant(there, "200")


@pytest.fixture(scope="module")
def login(carrier: Tenant) -> str:
    """What its customer logs in as, who is talked to encrypted or not at all."""
    login = carrier.add_trunk(
        "customer",
        Place("127.0.0.1", 1),
        password=PASSWORD,
        registration="inbound",
        transport="tls",
        encryption="required",
    )
    carrier.add_number(THEIRS, trunk="customer", to="200")
    carrier.wait_until_in_effect()
    return login


@pytest.fixture(scope="module")
def company(here: Exchange, login: str, tls_ports: tuple[int, int]) -> Tenant:
    """The customer; 100 is its phone."""
    made = new_tenant(here, "100")
    made.add_trunk(
        "carrier",
        Place("127.0.0.1", tls_ports[1]),
        password=PASSWORD,
        registration="outbound",
        username=login,
        transport="tls",
        encryption="required",
    )
    made.add_number(OURS, trunk="carrier", to="100")
    made.wait_until_in_effect()
    return made


async def shown(tenant: Tenant, trunk: str) -> Shown:
    said = await tenant.exchange.pbx("trunk", "show", trunk, "--tenant", tenant.name)
    return msgspec.json.decode(said, type=Shown)


async def is_registered(tenant: Tenant) -> None:
    async def says() -> bool:
        return (await shown(tenant, "carrier")).state == "registered"

    await until_told(says, within_s=REFUSED_S, saying="the trunk registers", pause_s=0.2)


@asynccontextmanager
async def a_talk(caller: PlainPhone, callee: PlainPhone, number: str) -> AsyncIterator[None]:
    """Talk, and hear each other."""
    talk = caller.dial(number)
    leg = await callee.rings()
    await leg.answer()
    await talk.ear.hears(sound.BORIS)
    await leg.ear.hears(sound.ALICE)
    yield
    await talk.hang_up()
    await leg.closed()


@pytest.mark.parametrize("way", ["to the carrier", "from the carrier"])
async def test_a_call_by_tls_is_heard_on_both_sides(
    company: Tenant, carrier: Tenant, way: str
) -> None:
    ours, theirs = company.account("100"), carrier.account("200")
    caller_is, callee_is, number = {
        "to the carrier": (ours, theirs, DIALLED_OUT),
        "from the carrier": (theirs, ours, DIALLED_IN),
    }[way]
    await is_registered(company)
    async with (
        PlainPhone(caller_is, plays=sound.ALICE) as caller,
        PlainPhone(callee_is, plays=sound.BORIS) as callee,
        a_talk(caller, callee, number),
    ):
        pass


async def test_no_plain_sound_goes_to_a_carrier_that_must_be_encrypted(
    company: Tenant, carrier: Tenant
) -> None:
    await is_registered(company)
    calls = company.new_calls()
    async with (
        unencrypted(company),
        PlainPhone(company.account("100")) as caller,
        PlainPhone(carrier.account("200")) as callee,
    ):
        await caller.dial(DIALLED_OUT).closed()

        assert callee.times_rung == 0
    assert "488" in str(await company.story((await calls.one()).id))


@asynccontextmanager
async def unencrypted(company: Tenant) -> AsyncIterator[None]:
    """Send plain sound to the carrier for a while."""
    await change_encryption(company, "off")
    try:
        yield
    finally:
        await change_encryption(company, "required")


async def change_encryption(company: Tenant, encryption: str) -> None:
    """Change it, and wait until Asterisk has been told."""
    line = f'"trunk": "{(await shown(company, "carrier")).endpoint}", "event": "trunk_told"'

    def times_told() -> int:
        return company.exchange.log(lines=100_000).count(line)

    before = times_told()
    company.change("trunk", "carrier", encryption=encryption)
    await until(lambda: times_told() > before, saying="Asterisk is told of the trunk")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("ended", "it has ended, or has not begun"),
        ("for another name", "it is for another name"),
        ("of somebody unknown", "nobody whom we believe vouches for it"),
    ],
)
async def test_a_carrier_that_cannot_be_believed_is_told_nothing_and_people_are_told_why(
    company: Tenant,
    certified: Callable[..., TlsPair],
    tmp_path: Path,
    elsewhere: Place,
    kind: str,
    words: str,
) -> None:
    pairs: dict[str, Callable[[], TlsPair]] = {
        "ended": lambda: certified(begins_days=-9, ends_days=-1, host=elsewhere.host),
        "for another name": lambda: certified(host="192.0.2.1"),
        "of somebody unknown": lambda: Authority(tmp_path).pair(host=elsewhere.host),
    }
    async with tls_stranger(elsewhere, pairs[kind]()) as stranger:
        company.add_trunk(
            "stranger",
            elsewhere,
            password=PASSWORD,
            registration="outbound",
            username="acme",
            transport="tls",
        )
        told = await refused(company)
        findings = msgspec.json.decode(await company.exchange.pbx("doctor"), type=list[Finding])
        company.remove("trunk", "stranger")

    assert (told.of, told.text) == ("certificate", words)
    assert stranger.heard == b""
    (line,) = [one for one in findings if one.name == "carriers by TLS"]
    assert line.health == "warning"
    assert f"{elsewhere.host} ({words})" in line.words


async def refused(tenant: Tenant) -> Told:
    """Wait until ``pbx trunk show`` tells of a refused certificate."""
    seen: list[Shown] = []

    async def is_told() -> Told | None:
        seen[:] = [await shown(tenant, "stranger")]
        told = seen[0].last_refusal
        return told if told and told.of == "certificate" else None

    return await until_told(
        is_told, within_s=REFUSED_S, saying=lambda: f"refused: {seen}", pause_s=0.2
    )


async def test_a_call_goes_on_to_the_next_trunk_when_a_carrier_cannot_be_believed(
    company: Tenant, carrier: Tenant, tmp_path: Path, elsewhere: Place
) -> None:
    await is_registered(company)
    async with tls_stranger(elsewhere, Authority(tmp_path).pair(host=elsewhere.host)) as stranger:
        company.add_trunk("first", elsewhere, transport="tls")
        company.add_rule("both", "(+)", trunk=["first", "carrier"])
        company.wait_until_in_effect()
        async with (
            PlainPhone(company.account("100"), plays=sound.ALICE) as caller,
            PlainPhone(carrier.account("200"), plays=sound.BORIS) as callee,
            a_talk(caller, callee, DIALLED_OUT),
        ):
            assert is_asked(stranger)
        company.remove("rule", "both")
        company.remove("trunk", "first")


@pytest.mark.parametrize(("comes_from", "answer"), [("the carrier", "404"), ("elsewhere", "401")])
async def test_a_call_by_a_connection_that_the_carrier_makes_is_known_by_where_it_comes_from(
    company: Tenant,
    authority: Authority,
    outside: Place,
    elsewhere: Place,
    tls_ports: tuple[int, int],
    comes_from: str,
    answer: str,
) -> None:
    company.add_trunk("caller", outside, transport="tls")
    place = {"the carrier": outside, "elsewhere": elsewhere}[comes_from]
    trusting = ssl.create_default_context(cafile=authority.file())

    reader, writer = await asyncio.open_connection(
        "127.0.0.1", tls_ports[0], ssl=trusting, local_addr=(place.host, 0)
    )
    writer.write(invitation("74991239999", place).encode())
    async with asyncio.timeout(COMES_S):
        while (line := await reader.readline()).split()[:1] != [b"SIP/2.0"] or b" 1" in line[:9]:
            assert line, "the connection was closed"
    writer.transport.abort()
    company.remove("trunk", "caller")

    assert line.decode().split()[1] == answer


def invitation(number: str, place: Place) -> str:
    """A call by TLS to a number that nobody has."""
    lines = (
        f"INVITE sip:{number}@127.0.0.1 SIP/2.0",
        f"Via: SIP/2.0/TLS {place.host}:5061;branch=z9hG4bK{uuid4().hex}",
        "Max-Forwards: 70",
        "From: <sip:79161234567@carrier.test>;tag=c",
        f"To: <sip:{number}@127.0.0.1>",
        f"Call-ID: {uuid4().hex}",
        "CSeq: 1 INVITE",
        f"Contact: <sip:{place.host}:5061;transport=tls>",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", ""))


async def test_those_who_watch_are_told_how_long_the_certificate_is_good(here: Exchange) -> None:
    figures = await scrape(here)

    left_s = figures.sum_of("pbx_certificate_end_timestamp_seconds") - time.time()
    assert 88 <= left_s / DAY_S <= 90


def is_asked(stranger: TlsStranger) -> bool:
    """Whether somebody has connected, and then said nothing."""
    return stranger.connections > 0 and stranger.heard == b""
