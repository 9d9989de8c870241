"""From which addresses calls are taken for each trunk, whatever DNS says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from models.facts import TrunkFacts
from stasis_apps.services.trunk_senders import Senders, as_held, senders_of

ACME, EVIL = 1, 2
FIRM = TrunkFacts(
    id=1, name="city", endpoint="trunk-1", registration="none", addresses=("192.0.2.10",)
)
ACCOUNT = TrunkFacts(
    id=2,
    name="berlin",
    endpoint="trunk-2",
    registration="outbound",
    host="sip.carrier.test",
    username="acme",
)
OTHER = replace(ACCOUNT, id=3, endpoint="trunk-3", host="sip.other.test")


def senders(
    *trunks: tuple[TrunkFacts, int],
    found: Mapping[str, tuple[str, ...]] | None = None,
    before: Mapping[str, tuple[str, ...]] | None = None,
) -> Senders:
    return senders_of(trunks, found or {}, before or {})


def test_calls_come_from_all_that_a_trunk_names() -> None:
    trunk = replace(
        ACCOUNT, addresses=("203.0.113.0/28", "2001:db8::1"), proxy="[2001:db8::7]:5060"
    )

    told = senders((trunk, ACME), found={"sip.carrier.test": ("192.0.2.1", "192.0.2.2")})

    assert set(told.of["trunk-2"]) == {
        "203.0.113.0/28", "2001:db8::1", "2001:db8::7", "192.0.2.1", "192.0.2.2",
    }  # fmt: skip
    assert told.given_up == frozenset()


@pytest.mark.parametrize("facts", [replace(ACCOUNT, registration="inbound", host="192.0.2.1")])
def test_who_registers_here_is_not_known_by_an_address(facts: TrunkFacts) -> None:
    assert senders((facts, ACME)).of == {}


@pytest.mark.parametrize("tenant_id", [ACME, EVIL])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_name_that_leads_to_a_carrier_known_by_address_takes_no_calls_of_it(
    tenant_id: int, is_first: bool
) -> None:
    trunks = [(FIRM, ACME), (OTHER, tenant_id)]

    told = senders(
        *(trunks if is_first else reversed(trunks)),
        found={"sip.other.test": ("192.0.2.10", "192.0.2.11")},
    )

    assert told.of == {"trunk-1": ("192.0.2.10",), "trunk-3": ("192.0.2.11",)}
    assert told.given_up == {("trunk-3", "192.0.2.10")}


def test_a_name_that_leads_into_a_carriers_network_takes_no_calls_of_it() -> None:
    network = replace(FIRM, addresses=("192.0.2.0/24",))

    told = senders((network, ACME), (OTHER, EVIL), found={"sip.other.test": ("192.0.2.10",)})

    assert told.of == {"trunk-1": ("192.0.2.0/24",)}


def test_two_tenants_at_one_carrier_are_told_apart_by_registration_alone() -> None:
    found = {"sip.carrier.test": ("192.0.2.1",), "sip.other.test": ("192.0.2.1", "192.0.2.3")}

    told = senders((ACCOUNT, ACME), (OTHER, EVIL), found=found)

    assert told.of == {"trunk-3": ("192.0.2.3",)}
    assert told.given_up == {("trunk-2", "192.0.2.1"), ("trunk-3", "192.0.2.1")}


def test_two_accounts_of_one_tenant_at_one_carrier_keep_its_address() -> None:
    found = {"sip.carrier.test": ("192.0.2.1",), "sip.other.test": ("192.0.2.1",)}

    told = senders((ACCOUNT, ACME), (OTHER, ACME), found=found)

    assert told.of == {"trunk-2": ("192.0.2.1",), "trunk-3": ("192.0.2.1",)}


def test_an_address_that_is_named_holds_against_whoever_registers_there() -> None:
    trunk = replace(ACCOUNT, addresses=("192.0.2.1",))
    found = {"sip.carrier.test": ("192.0.2.1",), "sip.other.test": ("192.0.2.1",)}

    told = senders((trunk, ACME), (OTHER, EVIL), found=found)

    assert told.of == {"trunk-2": ("192.0.2.1",)}


def test_what_asterisk_held_goes_on_until_dns_tells() -> None:
    before = {"trunk-2": ("192.0.2.1", "")}

    assert senders((ACCOUNT, ACME), before=before).of == {"trunk-2": ("192.0.2.1",)}
    assert senders(
        (ACCOUNT, ACME), before=before, found={"sip.carrier.test": ("192.0.2.9",)}
    ).of == {"trunk-2": ("192.0.2.9",)}


def test_what_asterisk_held_goes_when_it_has_become_anothers() -> None:
    told = senders((FIRM, EVIL), (ACCOUNT, ACME), before={"trunk-2": ("192.0.2.10",)})

    assert told.of == {"trunk-1": ("192.0.2.10",)}


def test_an_address_that_two_trunks_of_a_tenant_name_is_not_given_up_while_dns_is_silent() -> None:
    trunk = replace(ACCOUNT, addresses=("192.0.2.10",))

    told = senders((FIRM, ACME), (trunk, ACME), before={"trunk-2": ("192.0.2.10",)})

    assert told.of == {"trunk-1": ("192.0.2.10",), "trunk-2": ("192.0.2.10",)}
    assert told.given_up == frozenset()


def test_what_asterisk_says_it_holds_is_read_as_we_write_it() -> None:
    ones = ":".join(["ffff"] * 8)
    told = ["2001:db8::1/" + ones, "192.0.2.0/255.255.255.0", "127.0.0.1/255.255.255.255", "", "x"]

    assert as_held(told) == ("127.0.0.1", "192.0.2.0/24", "2001:db8::1")
