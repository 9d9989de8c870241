"""Callers who ask their carrier to keep their number to itself (RFC 3323, RFC 3325)."""

import json
from collections.abc import Callable
from itertools import count

import pytest

from tests.support import sound
from tests.support.carrier import MOBILE, Carrier
from tests.support.exchange import Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SipCall
from tests.support.sip_station import Place
from tests.support.tenant import Tenant

ON_THE_ROAD = "79031112233"
places = count(100)

HIDDEN = ("id", "id;critical", "user", "header;id")


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant]) -> Tenant:
    """One person at a desk, and one on the road."""
    tenant = a_tenant("101", "102")
    rule = {"when": "always", "to": f"+{ON_THE_ROAD}", "confirm": False}
    tenant.set_extension("102", rules=json.dumps([rule]))
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture(params=["from", "identity", "P-Asserted-Identity"])
def number(request: pytest.FixtureRequest, company: Tenant, elsewhere: Place) -> str:
    """A trunk that reads callers there: its number and a 1 leads to the desk, and a 2 out again."""
    name = f"by {request.param} of {elsewhere.host}"
    company.add_trunk(name, elsewhere, caller_source=request.param)
    company.exchange.pbx_now(
        *("trunk", "set", name, "--passes-caller-id", "--forward-via-same"),
        *("--tenant", company.name),
    )
    number = f"7495300{next(places):03}"
    company.add_number(f"{number}1", trunk=name, to="101")
    company.add_number(f"{number}2", trunk=name, to="102")
    company.wait_until_in_effect()
    return number


def everything_shown(leg: SipCall) -> str:
    """All that the phone is told of its caller."""
    return "\n".join(f"{key}: {value}" for key, value in leg.invite.headers) + leg.invite.body


async def rung_by(
    carrier: Carrier, desk: PlainPhone, number: str, caller: str, *headers: str
) -> tuple[SipCall, SipCall]:
    """A caller whom the carrier vouches for, and the leg that rings."""
    identity = f'P-Asserted-Identity: "Ivan" <sip:+{MOBILE}@{carrier.place.host}>'
    call = carrier.call(number, caller=caller, name="Ivan", headers=(identity, *headers))
    return call, await desk.rings()


async def test_a_phone_does_not_show_who_wants_to_stay_unknown(
    company: Tenant, number: str, exchange: Exchange, elsewhere: Place
) -> None:
    calls = company.new_calls()
    async with (
        Carrier(elsewhere, exchange) as carrier,
        PlainPhone(company.account("101"), plays=sound.BORIS) as desk,
    ):
        for caller in ("anonymous", MOBILE):
            for wish in HIDDEN:
                call, leg = await rung_by(carrier, desk, f"{number}1", caller, f"Privacy: {wish}")
                shown = everything_shown(leg)
                assert MOBILE not in shown, f"{caller}, Privacy: {wish}: {leg.shown}"
                leg.refuse()
                await call.closed()

    records = await calls.ended(2 * len(HIDDEN))
    assert {record.caller_number for record in records} == {""}


async def test_a_phone_shows_who_does_not_mind(
    company: Tenant, number: str, exchange: Exchange, elsewhere: Place
) -> None:
    async with (
        Carrier(elsewhere, exchange) as carrier,
        PlainPhone(company.account("101")) as desk,
    ):
        for headers in ((), ("Privacy: none",)):
            call, leg = await rung_by(carrier, desk, f"{number}1", MOBILE, *headers)
            assert MOBILE in leg.shown
            leg.refuse()
            await call.closed()


@pytest.mark.parametrize(("headers", "is_shown"), [(("Privacy: id",), False), ((), True)])
async def test_a_mobile_is_shown_a_forwarded_caller_only_if_they_do_not_mind(
    company: Tenant,
    number: str,
    exchange: Exchange,
    elsewhere: Place,
    headers: tuple[str, ...],
    is_shown: bool,
) -> None:
    async with Carrier(elsewhere, exchange) as carrier:
        identity = f"P-Asserted-Identity: <sip:+{MOBILE}@{elsewhere.host}>"
        call = carrier.call(f"{number}2", caller=MOBILE, headers=(identity, *headers))
        mobile = await carrier.rings()
        assert (MOBILE in everything_shown(mobile)) is is_shown, mobile.shown
        mobile.refuse()
        await call.closed()
