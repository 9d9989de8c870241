"""The lock on fraud: however many calls want out, no more leave than the customer may have."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.calls_out import ring_out
from tests.support.carrier import Carrier
from tests.support.exchange import Exchange
from tests.support.mail_server import MailServer
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.sipp import Callee, Dialler, Sipp, carrier_by_sipp
from tests.support.tenant import CallRecord, Tenant
from tests.telephone.conftest import MOSCOW, SPB

FIRST, SECOND = "100", "101"
MOBILE = "89161112233"
AT_ONCE = 50
FREE = {
    "max_outside_calls": "0",
    "max_outside_calls_per_device": "0",
    "outside_calls_per_second": "0",
}

TALK_S = 6.0
"""A crowd has dialled before the first of it hangs up, on a busy machine too."""

BRITISH = ("810442071234567", "+442071234567")
OTHERS = ("+4930123456", "+33140205050", "8104930123456", "881612345678", "88091234567")
"""Two countries in several forms, a satellite, and a number at home that costs more than others."""

picks_up = Callee(ring_ms=(0, 50))
"""How people out there behave: they answer, and wait for the caller to hang up."""


@pytest.fixture
def company(a_tenant: Callable[..., Tenant], cities: dict[str, Place]) -> Iterator[Tenant]:
    """A customer with two carriers, Moscow's being asked first, whose limits a test chooses."""
    tenant = a_tenant(FIRST, SECOND)
    for name, place in cities.items():
        tenant.add_trunk(name, place)
    tenant.add_rule("all", "(+)", trunk=[MOSCOW, SPB])
    tenant.wait_until_in_effect()
    yield tenant
    tenant.remove("rule", "all")
    for name in cities:
        tenant.remove("trunk", name)


def put(tenant: Tenant, **options: str | tuple[str, ...]) -> None:
    """Set limits; they hold from the next call on."""
    tenant.set_tenant(**options)
    tenant.wait_until_in_effect()


def mobiles(count: int) -> tuple[str, ...]:
    """So many numbers at home."""
    return tuple(f"8916{place:07}" for place in range(1_110_000, 1_110_000 + count))


def numbers_abroad(count: int) -> tuple[str, ...]:
    """So many numbers in another country, as a thief would dial them."""
    return tuple(f"8104420{place:08}" for place in range(71_234_000, 71_234_000 + count))


def this_night() -> str:
    """A night that is going on."""
    now = datetime.now(ZoneInfo("Europe/Moscow"))
    return f"{now - timedelta(hours=1):%H}:00-{now + timedelta(hours=2):%H}:00"


async def test_fifty_calls_at_once_take_no_more_channels_than_the_carriers_have(
    company: Tenant, cities: dict[str, Place], exchange: Exchange
) -> None:
    put(company, **FREE)
    company.change("trunk", MOSCOW, max_channels="10")
    company.change("trunk", SPB, max_channels="15")
    company.wait_until_in_effect()
    calls = company.new_calls()
    async with (
        carrier_by_sipp(cities[MOSCOW], exchange, picks_up) as moscow,
        carrier_by_sipp(cities[SPB], exchange, picks_up) as spb,
        crowd(company, FIRST, mobiles(AT_ONCE)) as crowd_,
    ):
        await crowd_.finished()
        assert crowd_.statuses() == {"200": 25, "503": 25}, crowd_.story()
        assert (max(moscow.calls_at_once()), max(spb.calls_at_once())) == (10, 15)
        assert (len(moscow.calls_at_once()), len(spb.calls_at_once())) == (10, 15)

    assert reasons(await calls.ended(AT_ONCE)) == {"normal": 25, "no_channel": 25}


@pytest.mark.parametrize(
    ("limits", "most"),
    [({"max_outside_calls": "3"}, 3), ({"max_outside_calls_per_device": "2"}, 4)],
    ids=["customer", "phone"],
)
async def test_no_more_calls_leave_at_once_than_allowed(
    company: Tenant, cities: dict[str, Place], exchange: Exchange, limits: dict[str, str], most: int
) -> None:
    put(company, **FREE | limits)
    calls = company.new_calls()
    async with (
        carrier_by_sipp(cities[MOSCOW], exchange, picks_up) as carrier,
        crowd(company, FIRST, mobiles(10)) as first,
        crowd(company, SECOND, mobiles(10)) as second,
    ):
        for one in (first, second):
            await one.finished()
        assert max(carrier.calls_at_once()) == most
        assert len(carrier.calls_at_once()) == most

    assert reasons(await calls.ended(20)) == {"normal": most, "too_many_outside": 20 - most}


async def test_no_more_calls_leave_in_a_second_than_allowed(
    company: Tenant, cities: dict[str, Place], exchange: Exchange
) -> None:
    put(company, **FREE | {"outside_calls_per_second": "2"})
    calls = company.new_calls()
    async with (
        carrier_by_sipp(cities[MOSCOW], exchange, picks_up) as carrier,
        crowd(company, FIRST, mobiles(20), talks_s=1) as crowd_,
    ):
        await crowd_.finished()
        let_out = len(carrier.calls_at_once())

    records = await calls.ended(20)
    assert reasons(records) == {"normal": let_out, "too_fast": 20 - let_out}
    assert 2 <= let_out <= 2 * whole_seconds_of(records)


async def test_a_freed_place_is_the_next_callers(
    company: Tenant, exchange: Exchange, cities: dict[str, Place]
) -> None:
    put(company, **FREE | {"max_outside_calls": "1"})
    async with (
        Carrier(cities[MOSCOW], exchange) as carrier,
        PlainPhone(company.account(FIRST)) as first,
        PlainPhone(company.account(SECOND)) as second,
    ):
        caller = first.dial(MOBILE)
        callee = await carrier.rings()
        assert (await second.dial(MOBILE).closed())[:3] == "503"
        await caller.hang_up()
        await callee.closed()
        await ring_out(second, MOBILE, carrier)


async def test_only_what_was_opened_is_called(
    company: Tenant, exchange: Exchange, cities: dict[str, Place]
) -> None:
    put(company, **FREE)
    calls = company.new_calls()
    async with (
        Carrier(cities[MOSCOW], exchange) as carrier,
        PlainPhone(company.account(FIRST)) as phone,
    ):
        for number in (*BRITISH, *OTHERS):
            assert (await phone.dial(number).closed())[:3] == "403", number
        put(company, open_country="GB")
        for number in OTHERS:
            assert (await phone.dial(number).closed())[:3] == "403", number
        assert carrier.times_rung == 0
        for number in BRITISH:
            await ring_out(phone, number, carrier)

    closed = (await calls.ended(len(BRITISH) * 2 + len(OTHERS) * 2))[: -len(BRITISH)]
    assert {(one.reason, one.comment) for one in closed} == {
        ("destination_closed", "this direction is closed")
    }


async def test_a_blocked_customer_calls_nobody_outside(
    company: Tenant, exchange: Exchange, cities: dict[str, Place]
) -> None:
    put(company, state="blocked")
    calls = company.new_calls()
    async with (
        Carrier(cities[MOSCOW], exchange) as carrier,
        PlainPhone(company.account(FIRST)) as phone,
    ):
        assert (await phone.dial(MOBILE).closed())[:3] == "403"
        assert carrier.times_rung == 0
    put(company, state="active")
    assert (await calls.one()).reason == "blocked"


@pytest.mark.parametrize(
    ("limits", "dialled", "reason", "comment"),
    [
        (
            {"night": this_night()},
            MOBILE,
            "night_closed",
            "calls out are closed at night",
        ),
        (
            {"forward_reach": "none"},
            SECOND,
            "forwarding_closed",
            "forwarding to this number is closed",
        ),
        (
            {"state": "trial", "open_country": "GB"},
            BRITISH[0],
            "destination_closed",
            "this direction is closed",
        ),
    ],
    ids=["night", "forwarding", "trial"],
)
async def test_a_closed_way_is_told_to_whom_it_concerns(
    company: Tenant,
    exchange: Exchange,
    cities: dict[str, Place],
    postman: MailServer,
    limits: dict[str, str],
    dialled: str,
    reason: str,
    comment: str,
) -> None:
    watchman = f"{company.name}@acme.test"
    rule = {"when": "always", "to": f"+7{MOBILE[1:]}", "confirm": False}
    company.set_extension(SECOND, rules=json.dumps([rule]))
    put(company, alert_email=watchman, **limits)
    calls = company.new_calls()
    async with (
        Carrier(cities[MOSCOW], exchange) as carrier,
        PlainPhone(company.account(FIRST)) as phone,
    ):
        assert (await phone.dial(dialled).closed())[:3] == "403"
        assert carrier.times_rung == 0

    record = await calls.one()
    assert (record.reason, record.comment) == (reason, comment)
    letter = await postman.letter(watchman)
    assert record.id in letter.text


@pytest.mark.timeout(180)
@pytest.mark.parametrize("is_open", [False, True], ids=["closed", "open"])
@pytest.mark.parametrize("tries", [60, pytest.param(1_000, marks=pytest.mark.stress)])
async def test_a_stolen_password_is_of_little_use(
    company: Tenant,
    cities: dict[str, Place],
    exchange: Exchange,
    postman: MailServer,
    tries: int,
    is_open: bool,
) -> None:
    watchman = f"{company.name}@acme.test"
    abroad = {"open_country": "*"} if is_open else {}
    put(company, alert_email=watchman, **abroad)
    calls = company.new_calls()
    rate = 60.0
    async with (
        carrier_by_sipp(cities[MOSCOW], exchange, picks_up) as carrier,
        crowd(
            company, FIRST, numbers_abroad(tries), talks_s=tries / rate + TALK_S, rate=rate
        ) as thief,
    ):
        await thief.finished()
        assert len(carrier.calls_at_once()) in ((5, 6) if is_open else (0,))
        assert thief.statuses().total() == tries

    reason = "too_many_outside" if is_open else "destination_closed"
    assert reasons(await calls.ended(tries))[reason] >= tries - 6
    letter = await postman.letter(watchman)
    assert company.name in letter.text
    assert {event.kind for event in await company.events()} == {"limit_reached"}


def crowd(
    tenant: Tenant,
    person: str,
    numbers: tuple[str, ...],
    *,
    talks_s: float = TALK_S,
    rate: float = 50,
) -> Sipp:
    """Many calls from one phone's account, and each that is answered goes on for so long."""
    talks_ms = int(talks_s * 1000)
    role = Dialler(talks_ms=(talks_ms, talks_ms + 1))
    return Sipp(tenant.account(person), role, numbers=numbers, rate=rate)


def whole_seconds_of(records: list[CallRecord]) -> int:
    """How many seconds, begun ones too, the exchange had to do with these calls."""
    began = min(record.started_at for record in records)
    over = max(record.ended_at or began for record in records)
    return int((over - began).total_seconds()) + 1


def reasons(records: list[CallRecord]) -> Counter[str | None]:
    """How many calls ended for which reason."""
    return Counter(record.reason for record in records)
