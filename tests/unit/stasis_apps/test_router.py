"""Where a new channel belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from msgspec import structs

from ari_client import models
from models.facts import AliasFacts
from stasis_apps.call import WayIn
from stasis_apps.decisions.ending import Reason
from stasis_apps.plan import NumberPlan
from stasis_apps.router import Arrival, Entry, Stray, endpoint_of, headers_wanted, route
from tests.support.builders import a_plan, a_tenant, a_trunk

NUMBER = "74951234567"
INFO = AliasFacts(name="info", target="5000", allows_direct_sip=True)
INSIDE = AliasFacts(name="inside", target="5000")
HANG_UP = {"kind": "hang_up"}
GREETING = {"5000": {"kind": "greeting", "sound": "welcome"}}


class Plans:
    """The plans of all tenants, by tenant id."""

    def __init__(self, *plans: NumberPlan) -> None:
        self._plans = {str(plan.tenant.id): plan for plan in plans}

    def plan_of(self, tenant_id: str) -> NumberPlan | None:
        return self._plans.get(tenant_id)


def acme(**parts: object) -> NumberPlan:
    return a_plan(
        **{
            "elements": GREETING,
            "trunks": [a_trunk()],
            "numbers": {NUMBER: "5000", "74957654321": ""},
            "aliases": [INFO, INSIDE],
            **parts,
        }
    )


PLANS = Plans(acme(), a_plan(tenant=a_tenant(id=8, name="other", domain="other.test")))


def a_channel(name: str, dialled: str, *, tenant: str = "7", caller: str = "") -> models.Channel:
    return models.Channel(
        id="pbx-1700000000.7",
        name=name,
        state="Ring",
        tenantid=tenant,
        caller=models.CallerID(name="", number=caller),
        dialplan=models.DialplanCEP(
            context="phones", exten=dialled, priority=1, app_name="Stasis", app_data="pbx,phone"
        ),
    )


def a_phone(dialled: str = "101", *, of: str = "acme", tenant: str = "7") -> models.Channel:
    return a_channel(f"PJSIP/100@{of}.test-0000002a", dialled, tenant=tenant)


def by_trunk(dialled: str = NUMBER, *, caller: str = "+79161234567") -> models.Channel:
    return a_channel("PJSIP/trunk-1a2b3c4d-0000002a", dialled, caller=caller)


def entry_of(
    channel: models.Channel,
    *args: str,
    plans: Plans = PLANS,
    headers: Mapping[str, str] | None = None,
) -> Entry:
    entry = route(Arrival(channel=channel, args=args, headers=headers or {}), plans)
    assert isinstance(entry, Entry)
    return entry


def test_a_phone_enters_its_own_tenants_plan_at_the_number_it_dialled() -> None:
    entry = entry_of(a_phone(of="other", tenant="8"), "phone")

    assert entry.plan.tenant.name == "other"
    assert entry.target == "101"
    assert entry.refusal is None
    assert entry.facts.call_id == "pbx-1700000000.7"
    assert (entry.facts.caller.number, entry.facts.caller.name) == ("100", "Alice")


def test_a_phone_cannot_pass_for_another_tenants() -> None:
    arrival = Arrival(channel=a_phone(of="other"), args=("phone",))

    assert isinstance(route(arrival, PLANS), Stray)


@pytest.mark.parametrize("tenant_id", ["", "0", "99999", "acme", "-1", "1; DROP TABLE"])
@pytest.mark.parametrize("argument", ["phone", "trunk"])
def test_a_channel_without_a_known_tenant_is_nobodys_call(tenant_id: str, argument: str) -> None:
    channel = structs.replace(a_phone(), tenantid=tenant_id)

    assert isinstance(route(Arrival(channel=channel, args=(argument,)), PLANS), Stray)


@pytest.mark.parametrize("args", [("leg", "pbx-1700000000.7"), ("trunk",), ("stranger",), ()])
def test_a_leg_or_an_unknown_way_in_is_nobodys_call(args: tuple[str, ...]) -> None:
    assert isinstance(route(Arrival(channel=a_phone(), args=args), PLANS), Stray)


@pytest.mark.parametrize(
    ("channel", "args"), [(a_phone(), ("phone",)), (by_trunk(), ("trunk",))], ids=["phone", "trunk"]
)
def test_a_blocked_tenants_calls_are_refused(
    channel: models.Channel, args: tuple[str, ...]
) -> None:
    entry = entry_of(channel, *args, plans=Plans(acme(tenant=a_tenant(state="blocked"))))

    assert entry.refusal is Reason.BLOCKED


def test_a_phone_reaches_an_alias_by_its_name() -> None:
    entry = entry_of(a_phone("inside"), "phone")

    assert entry.refusal is None
    assert entry.plan.at(entry.target) is not None
    assert entry.note == "inside is an alias of 5000"
    assert entry_of(a_phone("5000"), "phone").note == ""


@pytest.mark.parametrize("dialled", [NUMBER, f"+{NUMBER}", "84951234567", "4951234567"])
def test_a_carrier_reaches_a_number_however_it_writes_it(dialled: str) -> None:
    entry = entry_of(by_trunk(dialled), "trunk")

    assert entry.target == "5000"
    assert entry.refusal is None
    assert (entry.facts.way_in, entry.facts.trunk) == (WayIn.TRUNK, "moscow")
    assert entry.facts.dialled == dialled
    assert entry.facts.caller.number == "+79161234567"


def test_a_number_that_leads_nowhere_says_so() -> None:
    assert entry_of(by_trunk("74957654321"), "trunk").refusal is Reason.NO_ROUTE


@pytest.mark.parametrize("dialled", ["78121234567", "100", "5000", "", "9" * 60, "info"])
def test_a_carrier_reaches_nothing_but_the_numbers_of_the_tenant(dialled: str) -> None:
    assert entry_of(by_trunk(dialled), "trunk").refusal is Reason.NO_SUCH_NUMBER


def test_a_call_to_the_account_means_its_only_number() -> None:
    plans = Plans(acme(numbers={NUMBER: "5000"}))

    assert entry_of(by_trunk("acme"), "trunk", plans=plans).target == "5000"
    assert entry_of(by_trunk("acme"), "trunk").refusal is Reason.NO_SUCH_NUMBER


def test_the_dialled_number_is_read_from_the_header_that_the_trunk_says() -> None:
    trunk = a_trunk(number_source="to", caller_source="P-Asserted-Identity")
    plans = Plans(acme(trunks=[trunk]))
    arrival = Arrival(channel=by_trunk("account"), args=("trunk",))

    assert headers_wanted(arrival, plans) == {"To", "P-Asserted-Identity"}
    heard = {
        "To": f'"Acme" <sip:+{NUMBER}@carrier.test;user=phone>',
        "P-Asserted-Identity": "<tel:+79031112233>",
    }
    entry = route(replace(arrival, headers=heard), plans)

    assert isinstance(entry, Entry)
    assert entry.target == "5000"
    assert entry.facts.caller.number == "+79031112233"


def test_headers_are_read_for_no_other_channel() -> None:
    plans = Plans(acme(trunks=[a_trunk(number_source="to")]))

    assert headers_wanted(Arrival(channel=a_phone(), args=("phone",)), plans) == frozenset()
    assert headers_wanted(Arrival(channel=by_trunk(), args=("trunk",)), PLANS) == frozenset()


@pytest.mark.parametrize("caller", ["anonymous", "Anonymous", "", "unknown"])
def test_a_hidden_caller_has_no_number(caller: str) -> None:
    assert entry_of(by_trunk(caller=caller), "trunk").facts.caller.number == ""


@pytest.mark.parametrize("source", ["from", "identity", "P-Asserted-Identity"])
@pytest.mark.parametrize(
    ("presentation", "privacy", "is_shown"),
    [
        ("allowed_not_screened", "", True),
        ("allowed_passed_screen", "none", True),
        ("unavailable", "", True),
        ("prohib_not_screened", "", False),
        ("prohib", "", False),
        ("allowed_not_screened", "id", False),
        ("allowed_not_screened", "userid", False),
    ],
)
def test_a_caller_who_asked_not_to_be_shown_is_hidden(
    source: str, presentation: str, privacy: str, *, is_shown: bool
) -> None:
    channel = by_trunk()
    channel = structs.replace(channel, caller=models.CallerID(name="Ivan", number="+79161234567"))
    plans = Plans(acme(trunks=[a_trunk(caller_source=source)]))

    entry = entry_of(channel, "trunk", presentation, privacy, plans=plans)

    caller = entry.facts.caller
    assert (caller.number, caller.name) == (("+79161234567", "Ivan") if is_shown else ("", ""))
    assert entry.target == "5000"


def test_a_number_that_is_called_through_another_trunk_is_reached_and_both_are_named() -> None:
    spare = a_trunk(id=2, name="spare", endpoint="trunk-5e6f7a8b")
    plans = Plans(acme(trunks=[a_trunk(), spare]))
    channel = a_channel("PJSIP/trunk-5e6f7a8b-0000002a", NUMBER, caller="+79161234567")

    entry = entry_of(channel, "trunk", plans=plans)

    assert (entry.target, entry.refusal, entry.facts.trunk) == ("5000", None, "spare")
    assert entry.note == f"{NUMBER} belongs to trunk moscow; the call came through spare"
    assert entry_of(by_trunk(), "trunk", plans=plans).note == ""


def test_a_display_name_does_not_pass_for_the_number_dialled() -> None:
    plans = Plans(acme(trunks=[a_trunk(number_source="to")]))
    heard = {"To": f'"sip:74957654321@x" <sip:+{NUMBER}@carrier.test>'}

    assert entry_of(by_trunk("acme"), "trunk", plans=plans, headers=heard).target == "5000"


def test_an_address_without_a_user_is_no_number() -> None:
    plans = Plans(acme(trunks=[a_trunk(number_source="to")]))
    heard = {"To": "<sip:carrier.test>"}

    entry = entry_of(by_trunk(NUMBER), "trunk", plans=plans, headers=heard)

    assert entry.facts.dialled == NUMBER


@pytest.mark.parametrize("caller", ["john.smith", "7" * 60])
def test_a_callers_odd_number_stays_as_it_came(caller: str) -> None:
    assert entry_of(by_trunk(caller=caller), "trunk").facts.caller.number == caller


def test_a_stranger_reaches_an_alias_that_is_open_to_them() -> None:
    entry = entry_of(a_channel("PJSIP/anonymous-1", "info"), "stranger", "7", "192.0.2.1:5060")

    assert entry.refusal is None
    assert entry.facts.way_in is WayIn.DIRECT_SIP
    assert entry.note == "info is an alias of 5000"


@pytest.mark.parametrize("dialled", ["inside", "100", "5000", "+79161234567", NUMBER, "112", ""])
def test_a_stranger_reaches_nothing_that_was_not_opened(dialled: str) -> None:
    entry = entry_of(a_channel("PJSIP/anonymous-1", dialled), "stranger", "7", "192.0.2.1:5060")

    assert entry.refusal is Reason.NO_SUCH_NUMBER


def test_a_stranger_reaches_a_user_who_opted_in() -> None:
    plans = Plans(acme(users={"100": {"allow_direct_sip": True}}))
    channel = a_channel("PJSIP/anonymous-1", "100")

    assert entry_of(channel, "stranger", "7", "192.0.2.1:5060", plans=plans).refusal is None


@pytest.mark.parametrize(
    ("channel_name", "endpoint"),
    [
        ("PJSIP/100@acme.test-0000002a", "100@acme.test"),
        ("PJSIP/100-kitchen@acme.test-0000002a", "100-kitchen@acme.test"),
        ("PJSIP/100@my-company.test-1", "100@my-company.test"),
        ("Surprise", ""),
    ],
)
def test_the_device_is_read_from_the_channels_name(channel_name: str, endpoint: str) -> None:
    assert endpoint_of(channel_name) == endpoint
