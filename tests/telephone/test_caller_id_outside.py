"""Who calls, as the carrier is told: the number shown, in which form, or that it is hidden."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support.calls_out import ToldCarrier, ring_out, told_carrier
from tests.support.carrier import Carrier, carrier_place
from tests.support.exchange import Exchange
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import MOSCOW, SPB

WITH_PHONE, WITH_EXTENSION, WITHOUT, HIDES = "100", "101", "102", "103"
OF_PHONE, OF_EXTENSION, OF_TRUNK, OF_TENANT = (
    f"7495111{place}" for place in ("0001", "0002", "0003", "0004")
)
ROAMER, GROUP = "110", "5200"
TO_GROUP = "74951115200"
WAYS = ("diversion", "history_info", "both", "none")
TO_ROAMER = {way: f"7495112000{place}" for place, way in enumerate(WAYS)}
MOBILE, BY_SPB = "89161112233", "88121112233"
STRANGER = "74957654321"

Two = dict[str, Carrier]


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], cities: dict[str, Place]) -> Tenant:
    """Numbers of a phone, a person, Moscow and the customer; Petersburg has none of its own."""
    tenant = a_tenant(WITH_PHONE, WITH_EXTENSION, WITHOUT, HIDES, ROAMER)
    tenant.add_trunk(MOSCOW, cities[MOSCOW])
    tenant.add_trunk(SPB, cities[SPB])
    for number in (OF_PHONE, OF_EXTENSION, OF_TRUNK, OF_TENANT):
        tenant.add_number(number, trunk=MOSCOW)
    tenant.set_tenant(caller_id=OF_TENANT)
    tenant.change("trunk", MOSCOW, caller_id=OF_TRUNK)
    for person in (WITH_PHONE, WITH_EXTENSION):
        tenant.change("extension", person, caller_id=OF_EXTENSION)
    tenant.change("device", WITH_PHONE, caller_id=OF_PHONE)
    tenant.change("device", HIDES, hides_number=True)
    to_mobile = [{"when": "always", "to": f"+7{MOBILE[1:]}", "confirm": False}]
    tenant.set_extension(ROAMER, rules=json.dumps(to_mobile), apply_rules_via__group="true")
    tenant.add_element("group", GROUP, members=f'["{ROAMER}"]', ring_s="20")
    tenant.add_number(TO_GROUP, trunk=SPB, to=GROUP)
    tenant.add_rule("Petersburg", "(8812+)", trunk=SPB)
    tenant.wait_until_in_effect()
    return tenant


@pytest.fixture(scope="module")
def forwarders(company: Tenant) -> Iterator[dict[str, Place]]:
    """Where carriers are that want to be told in different ways who has forwarded a call."""
    with ExitStack() as stack:
        places = {way: stack.enter_context(carrier_place()) for way in TO_ROAMER}
        for way, place in places.items():
            company.add_trunk(way, place, forwarded_by=way, caller_id=OF_TRUNK)
            company.change("trunk", way, forward_via_same=True)
            company.add_number(TO_ROAMER[way], trunk=way, to=ROAMER)
        company.wait_until_in_effect()
        yield places


@pytest.fixture
def form(company: Tenant) -> Iterator[Callable[[str], None]]:
    """Say how Moscow wants numbers to be written; it is as it was after the test."""

    def put(form: str) -> None:
        company.change("trunk", MOSCOW, caller_id_format=form)
        company.wait_until_in_effect()

    yield put
    put("as_written")


@pytest.mark.parametrize(
    ("person", "dialled", "by", "shown"),
    [
        (WITH_PHONE, MOBILE, MOSCOW, OF_PHONE),
        (WITH_EXTENSION, MOBILE, MOSCOW, OF_EXTENSION),
        (WITHOUT, MOBILE, MOSCOW, OF_TRUNK),
        (WITHOUT, BY_SPB, SPB, OF_TENANT),
    ],
    ids=["phone", "person", "trunk", "customer"],
)
async def test_the_number_shown_is_the_nearest_one(
    company: Tenant, two_carriers: Two, person: str, dialled: str, by: str, shown: str
) -> None:
    async with PlainPhone(company.account(person)) as phone:
        told = told_carrier(await ring_out(phone, dialled, two_carriers[by]))
    assert (told.sender, told.privacy, told.diversion) == (shown, "", "")


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("e164_plus", f"+{OF_TRUNK}"),
        ("e164", OF_TRUNK),
        ("national", f"8{OF_TRUNK[1:]}"),
    ],
)
async def test_a_carrier_gets_the_number_in_the_form_it_wants(
    company: Tenant, two_carriers: Two, form: Callable[[str], None], wanted: str, shown: str
) -> None:
    form(wanted)
    async with PlainPhone(company.account(WITHOUT)) as phone:
        told = told_carrier(await ring_out(phone, MOBILE, two_carriers[MOSCOW]))
    assert told.sender == shown


@pytest.mark.parametrize(
    ("person", "dialled", "ours"),
    [(WITHOUT, f"*67{MOBILE}", OF_TRUNK), (HIDES, MOBILE, OF_TRUNK)],
    ids=["prefix", "phone"],
)
async def test_who_hides_their_number_is_known_to_the_carrier_alone(
    company: Tenant, two_carriers: Two, person: str, dialled: str, ours: str
) -> None:
    async with PlainPhone(company.account(person)) as phone:
        told = told_carrier(await ring_out(phone, dialled, two_carriers[MOSCOW]))
    assert (told.sender, told.asserted) == ("anonymous", ours)
    assert "id" in told.privacy


@pytest.mark.parametrize(
    ("way", "is_diverted", "has_history"),
    [
        ("diversion", True, False),
        ("history_info", False, True),
        ("both", True, True),
        ("none", False, False),
    ],
)
@pytest.mark.parametrize(("passes", "shown"), [(False, OF_TRUNK), (True, STRANGER)])
async def test_a_carrier_is_told_who_forwards_as_it_wants(
    company: Tenant,
    exchange: Exchange,
    forwarders: dict[str, Place],
    way: str,
    is_diverted: bool,
    has_history: bool,
    passes: bool,
    shown: str,
) -> None:
    company.change("trunk", way, passes_caller_id=passes)
    company.wait_until_in_effect()
    async with Carrier(forwarders[way], exchange) as carrier:
        told = await forwarded(carrier, TO_ROAMER[way], carrier)

    assert told.sender == shown
    assert told.diversion == (OF_TRUNK if is_diverted else "")
    assert (OF_TRUNK in told.history) is has_history


@pytest.mark.parametrize(("keeps", "by"), [(True, SPB), (False, MOSCOW)])
async def test_a_forwarded_call_leaves_by_the_trunk_that_keeps_its_forwards(
    company: Tenant, two_carriers: Two, keeps: bool, by: str
) -> None:
    """Through a group and the rules of one of its members."""
    company.change("trunk", SPB, forward_via_same=keeps)
    company.wait_until_in_effect()

    await forwarded(two_carriers[SPB], TO_GROUP, two_carriers[by])

    assert sum(one.times_rung for one in two_carriers.values()) == 1


async def forwarded(incoming: Carrier, number: str, outgoing: Carrier) -> ToldCarrier:
    """A stranger calls our number, and a mobile rings; give what its carrier was told."""
    caller = incoming.call(number, caller=STRANGER, name="Ivan")
    mobile = await outgoing.rings()
    mobile.ring()
    await caller.hang_up()
    await mobile.closed()
    return told_carrier(mobile.invite)
