"""Locations, emergency addresses and the audit by the shell."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from asterisk_conf import AsteriskError
from models.facts import TrunkFacts
from pbx_cli import emergency_audit
from pbx_cli.emergency_audit import why_down
from pbx_cli.trunk_states import TrunkState
from stasis_apps.settings import Settings
from tests.support.builders import a_trunk
from tests.unit.pbx_cli.shell import Shell

OFFICE = "+12125550100"
OF_US = ("--tenant", "us")
WHERE = ("--party", "Acme", "--street", "1 A St", "--city", "New York")
ADDRESS = (*WHERE, "--region", "NY", "--postal-code", "10001")


@pytest.fixture(autouse=True)
def asterisk_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_states(_settings: Settings, _endpoints: list[str]) -> Mapping[str, TrunkState]:
        raise AsteriskError("it does not run")

    monkeypatch.setattr(emergency_audit, "trunk_states", no_states)


@pytest.fixture
def us(shell: Shell) -> Shell:
    """A tenant in the United States with a trunk, a number and a phone."""
    shell.done("tenant", "create", "us", "--domain", "us.test", "--country", "US")
    line = ("--preset", "by-address", "--address", "192.0.2.1")
    shell.done("trunk", "create", "city", *OF_US, *line)
    shell.done("number", "create", OFFICE, *OF_US, "--trunk", "city")
    shell.done("extension", "create", "100", *OF_US, "--name", "Alice")
    return shell


def test_a_place_is_named_shown_changed_and_forgotten(us: Shell) -> None:
    us.done("emergency", "address", "set", OFFICE, *OF_US, *ADDRESS)
    us.done("location", "create", "hq", *OF_US, "--number", OFFICE, "--default")
    us.done("location", "create", "hq", *OF_US, "--if-missing")

    shown = us.done("location", "show", "hq", *OF_US)
    assert (shown["number"], shown["devices"]) == (OFFICE, ["100"])
    assert us.done("location", "set", "hq", *OF_US, "--new-name", "office")["name"] == "office"
    assert [one["name"] for one in us.done("location", "list", *OF_US)] == ["office"]
    assert us("location", "remove", "office", *OF_US, "--yes").out == "Location office is gone.\n"
    assert "us has no locations" in us("location", "list", *OF_US).err


def test_a_place_whose_number_has_no_address_is_refused_with_what_to_do(us: Shell) -> None:
    ran = us.refused("location", "create", "hq", *OF_US, "--number", OFFICE, "--json", code=5)

    value, rule = ran.faults["number"]
    assert value == OFFICE
    assert f"pbx emergency address set {OFFICE} --tenant us" in rule


def test_a_phone_that_help_could_not_find_is_refused(us: Shell) -> None:
    ran = us.refused("device", "set", "100", *OF_US, "--caller-id", OFFICE, "--json", code=5)

    assert "no address is on record" in ran.faults["caller_id"][1]


def test_addresses_are_listed_and_taken_away(us: Shell) -> None:
    us.done("emergency", "address", "set", OFFICE, *OF_US, *ADDRESS)
    (kept,) = us.done("emergency", "address", "list", *OF_US)
    assert (kept["party"], kept["country"]) == ("Acme", "US")
    us("emergency", "address", "remove", OFFICE, *OF_US, "--yes")
    assert us.done("emergency", "address", "list", *OF_US) == []


def test_an_address_that_takes_the_place_of_another_says_so(us: Shell) -> None:
    setting = ("emergency", "address", "set", OFFICE, *OF_US)
    first = us(*setting, *ADDRESS)
    again = us(*setting, *ADDRESS)
    moved = us(*setting, *ADDRESS, "--street", "2 New Street")

    assert "in the place of" not in first.out + again.out
    new, _, old = moved.out.partition(" in the place of Acme, ")
    assert "2 New Street" in new
    assert old
    assert "2 New Street" not in old


def test_an_address_is_refused_without_what_the_country_asks_for(us: Shell) -> None:
    ran = us.refused("emergency", "address", "set", OFFICE, *OF_US, *WHERE, "--json", code=5)

    assert set(ran.faults) == {"region", "postal_code"}


def test_the_order_of_trunks_is_shown_changed_and_put_back(us: Shell) -> None:
    line = ("--preset", "by-address", "--address", "192.0.2.2")
    us.done("trunk", "create", "backup", *OF_US, *line)

    assert us.done("emergency", "trunks", *OF_US)["order"] == ["city", "backup"]
    ran = us("emergency", "trunks", *OF_US, "backup")
    assert ran.out == "Emergency calls try backup, then city.\n"
    assert us.done("emergency", "trunks", *OF_US, "--usual")["named"] == []
    us.refused("emergency", "trunks", *OF_US, "nobody", code=5)
    us.refused("emergency", "trunks", *OF_US, "city", "--usual", code=2)


def test_the_audit_ends_with_5_while_anything_would_go_wrong_and_0_after_that(us: Shell) -> None:
    ran = us("emergency", "audit", *OF_US, "--json")
    assert ran.code == 5
    assert {one["trouble"] for one in ran.json} == {
        "no_alert_mails",
        "no_caller_id",
        "no_location",
    }
    us.done("emergency", "address", "set", OFFICE, *OF_US, *ADDRESS)
    us.done("location", "create", "hq", *OF_US, "--number", OFFICE, "--default")
    us.done("tenant", "set", "us", "--alert-email", "desk@us.test")

    ran = us("emergency", "audit")

    assert (ran.code, ran.out) == (0, "")
    assert "All is well." in ran.err
    assert "Asterisk cannot be asked how trunks are" in ran.err


def test_a_rule_that_would_forbid_help_is_named_and_nothing_more(us: Shell) -> None:
    us.done("rule", "create", "no short ones", *OF_US, "--mask", "(91d)", "--deny")

    found = us("emergency", "audit", *OF_US, "--json").json

    (caught,) = [one for one in found if one["trouble"] == "rule_catches"]
    assert (caught["is_fault"], "911" in caught["words"]) == (False, True)


MOSCOW = a_trunk()
BY_ADDRESS = replace(MOSCOW, registration="none")


@pytest.mark.parametrize(
    ("trunk", "state", "why"),
    [
        (MOSCOW, TrunkState(registration="registered", is_reachable=True), ""),
        (MOSCOW, TrunkState(registration="registered", is_reachable=None), ""),
        (MOSCOW, TrunkState(registration="registered", is_reachable=False), "does not answer"),
        (MOSCOW, TrunkState(registration="rejected"), "is rejected"),
        (MOSCOW, TrunkState(), "is unregistered"),
        (MOSCOW, None, "is not known to Asterisk"),
        (BY_ADDRESS, None, ""),
        (BY_ADDRESS, TrunkState(), ""),
        (BY_ADDRESS, TrunkState(is_reachable=False), "does not answer"),
    ],
)
def test_a_trunk_is_down_when_asterisk_says_so(
    trunk: TrunkFacts, state: TrunkState | None, why: str
) -> None:
    assert why_down(trunk, state) == why
