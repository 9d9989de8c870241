"""Somebody outside calls a number of ours: where they get, who sees whom, and what is refused."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.baresip import Phone
from tests.support.carrier import MOBILE, Carrier
from tests.support.exchange import Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import add_greeting

GREETING, PERSON, GROUP, TIMED, SORTED, NOWHERE, UNKNOWN = (
    f"7495100{place}" for place in ("5000", "0101", "5200", "5300", "5400", "0000", "9999")
)

new_numbers = map("7495200{:04}".format, count())


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], sounds: dict[str, Path], outside: Place) -> Tenant:
    """A customer with a trunk, and a number for each kind of target."""
    firm = a_tenant("100", "101", "102")
    firm.add_trunk("city", outside)
    add_greeting(firm, sounds)
    firm.add_element("group", "5200", members='["101", "102"]', ring_s="20")
    always = '[{"days": "mon-sun", "from": "00:00", "to": "24:00"}]'
    firm.add_element("time_rule", "5300", windows=always, match="5101", no_match="5102")
    firm.add_element("number_rule", "5400", masks='["{7|8}916+"]', match="5101", no_match="5102")
    for number in (GREETING, PERSON, GROUP, TIMED, SORTED):
        firm.add_number(number, trunk="city", to=number[-4:].lstrip("0"))
    firm.add_number(NOWHERE, trunk="city")
    firm.wait_until_in_effect()
    return firm


async def test_a_caller_from_outside_passes_the_greeting_and_talks(
    company: Tenant, carrier: Carrier
) -> None:
    calls = company.new_calls()
    async with Phone(company.account("100"), plays=sound.BORIS) as callee:
        await callee.registered()
        caller = carrier.call(GREETING)
        await caller.established()
        await caller.ear.hears(sound.WELCOME)
        await caller.press("1")
        await callee.rings()
        await callee.answer()

        await caller.ear.hears(sound.BORIS)
        await callee.ear.hears(sound.CLARA)
        await caller.hang_up()
        await callee.closed()

    record = await calls.one()
    assert (record.caller_number, record.dialled, record.answered_by) == (MOBILE, GREETING, "100")
    assert (record.ended_by, record.reason) == ("caller", "normal")


async def test_a_number_leads_to_a_person_who_sees_who_calls(
    company: Tenant, carrier: Carrier
) -> None:
    async with PlainPhone(company.account("101"), plays=sound.BORIS) as callee:
        caller = carrier.call(PERSON, name="Mobile of Ivan")
        leg = await callee.rings()
        await caller.hears_ringing()
        assert leg.shown == f"Mobile of Ivan <{MOBILE}>"

        await leg.answer()
        await caller.established()
        await caller.ear.hears(sound.BORIS)
        await leg.ear.hears(sound.CLARA)
        await leg.hang_up()
        assert await caller.closed() == "BYE"


async def test_a_number_leads_to_a_group(company: Tenant, carrier: Carrier) -> None:
    async with (
        PlainPhone(company.account("101"), plays=sound.ALICE) as first,
        PlainPhone(company.account("102"), plays=sound.BORIS) as second,
    ):
        caller = carrier.call(GROUP)
        lost, won = await first.rings(), await second.rings()
        await won.answer()
        await caller.ear.hears(sound.BORIS)
        assert await lost.closed() == "CANCEL"
        await caller.hang_up()
        await won.closed()


@pytest.mark.parametrize(
    ("number", "caller_number", "heard"),
    [
        (TIMED, MOBILE, sound.NEWS),
        (SORTED, MOBILE, sound.NEWS),
        (SORTED, "74957654321", sound.SILENT_END),
    ],
)
async def test_a_number_leads_to_a_rule(
    company: Tenant, carrier: Carrier, number: str, caller_number: str, heard: sound.Sound
) -> None:
    caller = carrier.call(number, caller=caller_number)
    await caller.established()
    await caller.ear.hears(heard)
    await caller.hang_up()


@pytest.mark.parametrize("written", [f"+{TIMED}", TIMED, f"8{TIMED[1:]}"])
async def test_a_carrier_may_write_our_number_in_any_way(
    company: Tenant, carrier: Carrier, written: str
) -> None:
    caller = carrier.call(written)
    await caller.established()
    await caller.ear.hears(sound.NEWS)
    await caller.hang_up()


@pytest.mark.parametrize(
    ("number", "reason", "comment"),
    [
        (NOWHERE, "no_route", "no route set"),
        (UNKNOWN, "no_such_number", "no such number"),
    ],
)
async def test_a_number_that_leads_nowhere_ends_the_call_and_says_so(
    company: Tenant, carrier: Carrier, number: str, reason: str, comment: str
) -> None:
    calls = company.new_calls()
    assert (await carrier.call(number).closed())[:3] == "404"

    record = await calls.one()
    assert (record.dialled, record.ended_by, record.reason) == (number, "plan", reason)
    assert record.comment == comment


async def test_phones_fall_silent_when_a_caller_from_outside_gives_up(
    company: Tenant, carrier: Carrier
) -> None:
    async with PlainPhone(company.account("101")) as callee:
        caller = carrier.call(PERSON)
        leg = await callee.rings()
        await caller.hears_ringing()
        await caller.hang_up()

        assert await leg.closed() == "CANCEL"


@pytest.mark.parametrize("source", ["to", "P-Called-Party-ID"])
async def test_a_carrier_may_name_our_number_where_it_likes(
    company: Tenant, exchange: Exchange, elsewhere: Place, source: str
) -> None:
    number = next(new_numbers)
    company.add_trunk(f"by {source}", elsewhere, number_source=source)
    company.add_number(number, trunk=f"by {source}", to="5101")
    company.wait_until_in_effect()
    address = f"<sip:{number}@{elsewhere.host}>"
    headers = () if source == "to" else (f"{source}: {address}",)
    async with Carrier(elsewhere, exchange) as carrier:
        caller = carrier.call("line-7", to=address if source == "to" else "", headers=headers)
        await caller.established()
        await caller.ear.hears(sound.NEWS)
        await caller.hang_up()


async def test_the_caller_may_be_named_by_a_carrier_that_is_trusted_to(
    company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    number = next(new_numbers)
    company.add_trunk("trusted", elsewhere, caller_source="identity")
    company.add_number(number, trunk="trusted", to="101")
    company.wait_until_in_effect()
    identity = f'P-Asserted-Identity: "Ivan" <sip:+{MOBILE}@{elsewhere.host}>'
    async with (
        Carrier(elsewhere, exchange) as carrier,
        PlainPhone(company.account("101")) as phone,
    ):
        caller = carrier.call(number, caller="line-7", headers=(identity,))
        leg = await phone.rings()
        assert leg.shown == f"Ivan <+{MOBILE}>"
        leg.refuse()
        await caller.closed()


@pytest.mark.parametrize(
    ("from_", "recorded"),
    [("anonymous", ""), ("", ""), ("front-desk", "front-desk"), ("7" * 60, "7" * 60)],
    ids=["hidden", "empty", "letters", "sixty digits"],
)
async def test_a_caller_with_an_odd_number_or_none_is_put_through(
    company: Tenant, carrier: Carrier, from_: str, recorded: str
) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account("101"), plays=sound.BORIS) as callee:
        caller = carrier.call(PERSON, caller=from_)
        leg = await callee.rings()
        await leg.answer()
        await caller.ear.hears(sound.BORIS)
        await caller.hang_up()
        await leg.closed()

    assert (await calls.one()).caller_number == recorded


async def test_a_caller_who_hides_their_number_is_taken_for_nobody_of_ours(
    company: Tenant, carrier: Carrier
) -> None:
    calls = company.new_calls()
    caller = carrier.call(SORTED, caller="anonymous")
    await caller.established()
    await caller.ear.hears(sound.SILENT_END)
    await caller.hang_up()

    assert (await calls.one()).caller_number == ""


async def test_a_stranger_who_is_no_carrier_of_ours_does_not_reach_our_numbers(
    company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    calls = company.new_calls()
    async with Carrier(elsewhere, exchange) as stranger:
        assert (await stranger.call(PERSON).closed())[:3] in ("401", "403", "404")
    assert not await calls.so_far()


async def test_a_carrier_reaches_the_numbers_of_its_own_customer_only(
    company: Tenant, a_tenant: Callable[..., Tenant], exchange: Exchange, elsewhere: Place
) -> None:
    other = a_tenant("101")
    other.add_trunk("theirs", elsewhere)
    other.wait_until_in_effect()
    ours, theirs = company.new_calls(), other.new_calls()
    async with Carrier(elsewhere, exchange) as carrier:
        assert (await carrier.call(PERSON).closed())[:3] == "404"

    assert not await ours.so_far()
    assert (await theirs.one()).reason == "no_such_number"


async def test_a_trunk_takes_no_more_calls_than_it_has_lines(
    company: Tenant, exchange: Exchange, elsewhere: Place
) -> None:
    company.add_trunk("one line", elsewhere, max_channels="1")
    number = next(new_numbers)
    company.add_number(number, trunk="one line", to="5000")
    company.wait_until_in_effect()
    calls = company.new_calls()
    async with Carrier(elsewhere, exchange) as carrier:
        first = carrier.call(number)
        await first.established()
        assert (await carrier.call(number).closed())[:3] in ("486", "503")
        await first.ear.hears(sound.WELCOME)
        await first.hang_up()

    assert [record.reason for record in await calls.ended(2)] == ["normal", "no_channel"]
