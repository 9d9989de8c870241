"""A call for help leaves by any trunk there is, and shows where it comes from."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models.emergency_rules import emergency_numbers
from models.facts import EmergencyAddressFacts, LocationFacts, TenantRows
from models.numbering import is_emergency
from stasis_apps.call import FAILED, Exit, Party
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.emergency import EMERGENCY_RING_S, Emergency
from stasis_apps.emergency_way import facts_for_those_who_help, find_emergency_way
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.services.help_while_away import read_note
from stasis_apps.testing import ScriptedCall
from stasis_apps.way_out import NoWayOut, WayOut, Wish
from tests.support.builders import SOUND_FOLDER, a_tenant, a_trunk, tenant_rows

MOSCOW = a_trunk(caller_id_format="e164_plus")
CITY = a_trunk(id=2, name="city", endpoint="trunk-0000c1f1", is_default=False, max_channels=1)
OFF = a_trunk(id=3, name="off", endpoint="trunk-00000bad", is_default=False, is_enabled=False)
OFFICE, STORE = "74951234567", "74957654321"


def an_office() -> TenantRows:
    """The office is where everybody stands; the store has a number without an address."""
    rows = tenant_rows(trunks=[MOSCOW, CITY, OFF], numbers={OFFICE: "100", STORE: "101"})
    return replace(
        rows,
        locations=(
            LocationFacts(name="office", number=OFFICE, detail="third floor", is_default=True),
            LocationFacts(name="store", number=STORE),
            LocationFacts(name="yard"),
        ),
        emergency_addresses=(
            EmergencyAddressFacts(
                number=OFFICE, digits=OFFICE, party="Acme", street="Arbat 1", city="Moscow"
            ),
        ),
    )


def plan_of(rows: TenantRows) -> NumberPlan:
    return build_plan(rows, sound_folder=SOUND_FOLDER)


def a_wish(device: str = "100", **changes: object) -> Wish:
    wish = Wish(
        number="112",
        acting="100",
        purpose=Purpose.DIALLED,
        device=device,
        at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
        caller_number="100",
        caller_name="Alice",
        is_emergency=True,
    )
    return replace(wish, **changes)  # type: ignore[arg-type] # the names are checked


def way(rows: TenantRows, wish: Wish | None = None) -> WayOut:
    found = find_emergency_way(plan_of(rows), wish or a_wish())
    assert isinstance(found, WayOut)
    return found


def placed(rows: TenantRows, location: str, **changes: object) -> TenantRows:
    """The same office, with the first phone elsewhere."""
    first, *others = rows.devices
    return replace(rows, devices=(replace(first, location=location, **changes), *others))  # type: ignore[arg-type] # as above


def test_every_trunk_is_tried_the_default_first_and_none_that_is_switched_off() -> None:
    found = way(an_office())
    assert [one.trunk.name for one in found.attempts] == ["moscow", "city"]
    assert {one.sends for one in found.attempts} == {"112"}
    assert found.is_emergency
    assert not found.pin_hash


def test_the_tenants_own_order_comes_first() -> None:
    rows = replace(an_office(), tenant=a_tenant(emergency_trunks=("city", "off")))
    assert [one.trunk.name for one in way(rows).attempts] == ["city", "moscow"]


def test_the_number_of_the_place_is_shown_in_the_form_that_each_trunk_wants() -> None:
    assert [one.shown.number for one in way(an_office()).attempts] == [f"+{OFFICE}", OFFICE]
    assert way(placed(an_office(), "store")).attempts[1].shown.number == STORE


def test_a_place_without_a_number_leaves_the_ordinary_one() -> None:
    rows = placed(an_office(), "yard", caller_id=STORE)
    assert way(rows).attempts[1].shown.number == STORE


def test_who_shows_no_number_otherwise_shows_it_to_those_who_help() -> None:
    rows = placed(an_office(), "office", hides_number=True)
    assert not any(one.shown.is_hidden for one in way(rows, a_wish(hides_number=True)).attempts)


def test_a_phone_without_any_number_shows_its_extension_sooner_than_not_to_call() -> None:
    rows = replace(tenant_rows(trunks=[a_trunk(username="")]), locations=())
    assert way(rows).attempts[0].shown.number == "100"


def test_a_phone_for_which_nobody_set_a_number_shows_one_of_the_tenants_that_help_can_call() -> (
    None
):
    rows = tenant_rows(trunks=[a_trunk(username="")], numbers={OFFICE: "100"})
    assert way(rows).attempts[0].shown.number == OFFICE
    assert facts_for_those_who_help(plan_of(rows), a_wish())["shown"] == OFFICE


def test_a_phone_that_the_plan_does_not_know_stands_at_the_default_place() -> None:
    assert way(an_office(), a_wish("999")).attempts[1].shown.number == OFFICE


@pytest.mark.parametrize("state", ["active", "blocked", "trial"])
def test_the_state_of_the_tenant_does_not_matter(state: str) -> None:
    assert way(replace(an_office(), tenant=a_tenant(state=state))).attempts


def test_without_any_trunk_the_call_says_so() -> None:
    found = find_emergency_way(plan_of(tenant_rows(trunks=[OFF])), a_wish())
    assert isinstance(found, NoWayOut)
    assert found.outcome is LegOutcome.NO_TRUNK


def test_the_front_desk_hears_who_calls_from_where_and_what_help_sees() -> None:
    assert facts_for_those_who_help(plan_of(an_office()), a_wish("100")) == {
        "number": "112",
        "user": "100",
        "name": "Alice",
        "phone": "100",
        "location": "office",
        "detail": "third floor",
        "shown": OFFICE,
        "address": "Acme, Arbat 1, Moscow",
        "trunk": "moscow",
    }


def test_what_is_not_known_is_not_said() -> None:
    facts = facts_for_those_who_help(plan_of(placed(an_office(), "store")), a_wish())
    assert facts["shown"] == STORE
    assert not {"address", "detail"} & facts.keys()


async def test_help_is_rung_for_as_long_as_the_caller_waits() -> None:
    call = ScriptedCall()
    assert await Emergency(number="112", acting="100").run(call) in Emergency(number="112").exits()
    (rang,) = call.rang
    assert rang.ring_s == EMERGENCY_RING_S
    assert rang.parties == (
        Party(number="112", acting="100", purpose=Purpose.DIALLED, is_emergency=True),
    )


def test_no_exit_of_a_call_for_help_leads_anywhere() -> None:
    exits = Emergency(number="112").exits()
    assert set(exits.values()) == {""}
    assert {FAILED, Exit(LegOutcome.NO_TRUNK)} <= exits.keys()


@pytest.mark.parametrize("country", ["US", "RU", "DE", "FR", "GB", "AU", "IN", "ZA", "TH"])
def test_what_asterisk_dials_alone_is_what_we_take_for_emergency_numbers(country: str) -> None:
    every = [f"{one:0{length}d}" for length in (2, 3, 4) for one in range(10**length)]
    ours = {one for one in every if is_emergency(one, country)}
    assert {one for one in emergency_numbers(country) if len(one) <= 4} == ours


@pytest.mark.parametrize("written", ["", "1|2|3", "x|1|100@acme.test|112", "9" * 30 + "|1|a|112"])
def test_a_note_that_nobody_can_read_is_none(written: str) -> None:
    assert read_note("k", written) is None
