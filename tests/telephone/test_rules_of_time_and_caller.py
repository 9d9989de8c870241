"""Where a call goes by the clock, by who calls, by a switch; and what a callee's phone shows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import Carrier
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.support.waiting import until_told
from tests.telephone.conftest import add_announcements

EVER = '[{"days": "mon-sun", "from": "00:00", "to": "24:00"}]'
LONG_AGO = '[{"days": "2001-01-01", "from": "00:00", "to": "24:00"}]'
BY_TIME = {"match": "5101", "no_match": "5102", "holiday": "5103"}
BY_CALLER = {"match": "5101", "no_match": "5102", "anonymous": "5103"}
SORTED, LISTED, SHOWN, SWITCHED = (f"7499500{place}" for place in ("5400", "5401", "5500", "5600"))


@pytest.fixture(scope="module")
def holidays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A calendar file in which it is a holiday now, wherever one lives."""
    today = datetime.now(UTC)
    first, last = today - timedelta(days=1), today + timedelta(days=2)
    file = tmp_path_factory.mktemp("calendars") / "holidays.ics"
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//the tests//EN", "BEGIN:VEVENT"),
        *("UID:holiday@acme.test", f"DTSTAMP:{today:%Y%m%dT%H%M%SZ}", "SUMMARY:Test Holiday"),
        *(f"DTSTART;VALUE=DATE:{first:%Y%m%d}", f"DTEND;VALUE=DATE:{last:%Y%m%d}"),
        *("END:VEVENT", "END:VCALENDAR"),
    )
    file.write_text("\r\n".join(lines) + "\r\n")
    return file


@pytest.fixture(scope="module")
def company(
    a_tenant: Callable[..., Tenant], sounds: dict[str, Path], outside: Place, holidays: Path
) -> Tenant:
    """Two people, and a rule of each kind; every exit sounds different."""
    tenant = a_tenant("100", "101")
    add_announcements(tenant, sounds)
    tenant.add_calendar("holidays", holidays)
    tenant.add_element("time_rule", "5300", windows=EVER, **BY_TIME)
    tenant.add_element("time_rule", "5301", windows=LONG_AGO, **BY_TIME)
    tenant.add_element("time_rule", "5302", windows=EVER, holidays="holidays", **BY_TIME)
    tenant.add_element("time_rule", "5303", windows=EVER, **BY_TIME)
    tenant.add_element("time_rule", "5304", windows=EVER)
    whole_day = f'[{{"days": "{datetime.now(UTC):%Y-%m-%d}..2999-12-31", "target": "5103"}}]'
    tenant.add_element("time_rule", "5305", windows=EVER, exceptions=whole_day, match="5101")
    tenant.add_element(
        *("number_rule", "5401"),
        lines='[{"numbers": ["74950000001"], "target": "5101"}]',
        prefixes__7812="5103",
        no_match="5102",
    )
    tenant.add_element("number_rule", "5400", masks='["849555510+"]', **BY_CALLER)
    tenant.add_element("prefix", "5501", text="Sales ", next="101")
    tenant.add_element("set_name", "5500", name="Hotline", next="5501")
    tenant.add_element("switch", "5600", open="5101", closed="5102")
    tenant.add_element("set_switch", "5601", switch="5600", position="toggle")
    tenant.add_element("switch", "5603")
    tenant.add_element("set_switch", "5602", switch="5603", done="5101", refused="5102")
    tenant.set_switch_pin("5602", "4711")
    tenant.add_trunk("city", outside)
    for number in (SORTED, LISTED, SHOWN, SWITCHED):
        tenant.add_number(number, trunk="city", to=number[-4:])
    tenant.wait_until_in_effect()
    return tenant


async def the_caller_hears(phone: PlainPhone, number: str, wanted: sound.Sound) -> None:
    """Dial a number, hear where it leads, and hang up."""
    caller = phone.dial(number)
    await caller.established()
    await caller.ear.hears(wanted)
    await caller.hang_up()


@pytest.mark.parametrize(
    ("rule", "heard"),
    [
        ("5300", sound.NEWS),
        ("5301", sound.SILENT_END),
        ("5302", sound.WRONG_END),
        ("5305", sound.WRONG_END),
    ],
    ids=["open", "closed", "holiday", "exception"],
)
async def test_the_clock_decides(company: Tenant, rule: str, heard: sound.Sound) -> None:
    async with PlainPhone(company.account("100")) as phone:
        await the_caller_hears(phone, rule, heard)


async def test_the_operator_closes_early_and_opens_again(company: Tenant) -> None:
    async with PlainPhone(company.account("100")) as phone:
        company.throw_switch("5303", "closed")
        company.wait_until_in_effect()
        await the_caller_hears(phone, "5303", sound.SILENT_END)

        company.clear_switch("5303")
        company.wait_until_in_effect()
        await the_caller_hears(phone, "5303", sound.NEWS)


async def test_what_the_operator_has_closed_for_a_while_opens_by_itself(
    company: Tenant, carrier: Carrier
) -> None:
    company.throw_switch("5600", "closed", span="1h")
    company.wait_until_in_effect()
    await the_outsider_hears(carrier, sound.SILENT_END)
    company.throw_switch("5600", "closed", span="2s")
    await the_outsider_hears(carrier, sound.NEWS)


async def test_a_rule_whose_taken_exit_is_empty_cuts_the_call_and_says_so(company: Tenant) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account("100")) as phone:
        assert (await phone.dial("5304").closed())[:3] == "404"

    record = await calls.one()
    assert (record.reason, record.comment) == ("no_route", "no route set")


@pytest.mark.parametrize(
    ("rule", "caller_number", "heard"),
    [
        (SORTED, "74955551012", sound.NEWS),
        (SORTED, "+74955551012", sound.NEWS),
        (SORTED, "84955551012", sound.NEWS),
        (SORTED, "74957654321", sound.SILENT_END),
        (SORTED, "front-desk", sound.SILENT_END),
        (SORTED, "7" * 60, sound.SILENT_END),
        (SORTED, "anonymous", sound.WRONG_END),
        (LISTED, "84950000001", sound.NEWS),
        (LISTED, "88120000001", sound.WRONG_END),
        (LISTED, "84950000002", sound.SILENT_END),
    ],
)
async def test_the_callers_number_decides_however_it_is_written(
    company: Tenant, carrier: Carrier, rule: str, caller_number: str, heard: sound.Sound
) -> None:
    caller = carrier.call(rule, caller=caller_number)
    await caller.established()
    await caller.ear.hears(heard)
    await caller.hang_up()


async def test_the_callee_sees_a_name_and_a_prefix(company: Tenant, carrier: Carrier) -> None:
    async with PlainPhone(company.account("101")) as callee:
        caller = carrier.call(SHOWN, name="Ivan", caller="79160000001")
        leg = await callee.rings()
        assert leg.shown == "Sales Hotline <79160000001>"
        leg.refuse()
        await caller.closed()


@pytest.mark.parametrize(
    ("pin", "heard"), [("4711#", sound.NEWS), ("0000#0000#0000#", sound.SILENT_END)]
)
async def test_a_switch_may_want_a_pin(company: Tenant, pin: str, heard: sound.Sound) -> None:
    async with PlainPhone(company.account("100")) as phone:
        caller = phone.dial("5602")
        await caller.established()
        await caller.press(pin)
        await caller.ear.hears(heard)
        await caller.hang_up()


async def test_a_person_throws_the_switch_by_dialling(company: Tenant, carrier: Carrier) -> None:
    async with PlainPhone(company.account("100")) as phone:
        await the_outsider_hears(carrier, sound.NEWS)
        for position in (sound.SILENT_END, sound.NEWS):
            thrown = phone.dial("5601")
            await thrown.closed()
            await company.exchange.nothing_left()
            await the_outsider_hears(carrier, position)


async def the_outsider_hears(carrier: Carrier, wanted: sound.Sound) -> None:
    """Call the switch's number from outside, hear which way it stands, and hang up."""

    async def heard() -> bool:
        caller = carrier.call(SWITCHED)
        await caller.established()
        found = await caller.ear.hears(sound.NEWS, sound.SILENT_END)
        await caller.hang_up()
        return found == wanted

    await until_told(heard, saying=f"{wanted} is heard")
