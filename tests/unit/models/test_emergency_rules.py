"""Which number help sees, through which trunks, and who must have an address on record first."""

from dataclasses import replace

import pytest

from models.emergency_rules import (
    ASKS_FOR_ADDRESS,
    CallersForHelp,
    emergency_faults,
    emergency_faults_of_change,
    emergency_numbers,
    in_emergency_order,
    numbers_for_help,
)
from models.facts import (
    DeviceFacts,
    ElementFacts,
    EmergencyAddressFacts,
    ExtensionFacts,
    LocationFacts,
    NumberFacts,
    TenantFacts,
    TenantRows,
    TrunkFacts,
)

HEADQUARTERS, BRANCH, DESK = "+12125550100", "+12125550101", "+12125550102"
CITY = TrunkFacts(id=1, name="city", endpoint="trunk-00000001", is_default=True, username="4711")
SPARE = TrunkFacts(id=2, name="spare", endpoint="trunk-00000002")
OFF = TrunkFacts(id=3, name="off", endpoint="trunk-00000003", is_enabled=False)
PHONE = DeviceFacts(
    name="100", extension="100", endpoint="100@acme.test", caller_name=None, caller_id=DESK
)


def an_office(country: str = "US", *, caller_id: str = "", trunk: TrunkFacts = CITY) -> TenantRows:
    """An office with three numbers, of which the headquarters' alone has an address."""
    return TenantRows(
        tenant=TenantFacts(
            id=1,
            name="acme",
            domain="acme.test",
            domain_aliases=(),
            timezone="UTC",
            country=country,
            language="en",
            state="active",
            revision=1,
            caller_id=caller_id,
        ),
        extensions=(ExtensionFacts(number="100", name="Alice", email=None, ring_s=20),),
        devices=(PHONE,),
        elements=(),
        sounds=(),
        trunks=(trunk,),
        numbers=tuple(
            NumberFacts(number=one, digits=one[1:], trunk="city", target="100")
            for one in (HEADQUARTERS, BRANCH, DESK)
        ),
        locations=(
            LocationFacts(name="branch", number=BRANCH),
            LocationFacts(name="hq", number=HEADQUARTERS, is_default=True),
        ),
        emergency_addresses=(
            EmergencyAddressFacts(
                number=HEADQUARTERS,
                digits=HEADQUARTERS[1:],
                party="Acme",
                street="1 A St",
                city="B",
            ),
        ),
    )


NOWHERE_SET = replace(an_office(), locations=())


def shown(rows: TenantRows, device: DeviceFacts = PHONE) -> tuple[str, str] | None:
    found = CallersForHelp(rows).shown_by(device, rows.trunks[0] if rows.trunks else None)
    return None if found is None else (found.number, found.field)


def test_a_phone_that_nobody_has_placed_shows_the_number_of_the_default_location() -> None:
    assert shown(an_office()) == (HEADQUARTERS, "location")


def test_a_phone_shows_the_number_of_its_own_place_before_that_of_its_extension() -> None:
    rows = an_office()
    placed = replace(rows, extensions=(replace(rows.extensions[0], location="branch"),))
    assert shown(placed) == (BRANCH, "location")
    assert shown(placed, replace(PHONE, location="hq")) == (HEADQUARTERS, "location")


def test_where_the_place_says_nothing_the_ordinary_caller_id_is_shown() -> None:
    rows = replace(NOWHERE_SET, tenant=replace(NOWHERE_SET.tenant, caller_id=HEADQUARTERS))
    bare = replace(PHONE, caller_id="")
    of_extension = replace(rows, extensions=(replace(rows.extensions[0], caller_id=BRANCH),))
    of_trunk = replace(rows, trunks=(replace(CITY, caller_id=BRANCH),))
    assert shown(rows) == (DESK, "device")
    assert shown(of_extension, bare) == (BRANCH, "extension")
    assert shown(of_trunk, bare) == (BRANCH, "trunk")
    assert shown(rows, bare) == (HEADQUARTERS, "tenant")


def test_the_login_at_the_carrier_is_shown_when_there_is_nothing_else() -> None:
    bare = replace(PHONE, caller_id="")
    assert shown(NOWHERE_SET, bare) == ("4711", "login")
    assert shown(replace(NOWHERE_SET, trunks=(SPARE,)), bare) is None
    assert shown(replace(NOWHERE_SET, trunks=()), bare) is None


def test_a_number_that_the_tenant_has_lost_is_passed_over() -> None:
    lost = replace(NOWHERE_SET, numbers=NOWHERE_SET.numbers[:1], trunks=(SPARE,))
    assert shown(lost) is None


def test_trunks_are_tried_as_the_tenant_says_and_then_all_others_the_default_first() -> None:
    other = replace(SPARE, id=4, name="backup")
    trunks = [OFF, SPARE, CITY, other]
    assert in_emergency_order((), trunks) == [CITY, other, SPARE]
    assert in_emergency_order(("spare", "off", "gone"), trunks) == [SPARE, CITY, other]


@pytest.mark.parametrize(
    ("country", "numbers"),
    [
        ("US", {"911", "112"}),
        ("DE", {"110", "112"}),
        ("FR", {"15", "17", "18", "112"}),
        ("RU", {"01", "02", "03", "101", "102", "103", "104", "112"}),
    ],
)
def test_every_country_has_its_own_emergency_numbers(country: str, numbers: set[str]) -> None:
    assert set(emergency_numbers(country)) == numbers


def test_a_country_of_which_nothing_is_known_has_none() -> None:
    assert emergency_numbers("GN") == ()


def test_the_number_of_a_colleague_leads_to_the_colleague() -> None:
    rows = an_office("RU")
    ivan = ExtensionFacts(number="101", name="Ivan", email=None, ring_s=20)
    menu = ElementFacts(number="5000", kind="greeting", settings={})
    rows = replace(rows, extensions=(*rows.extensions, ivan), elements=(menu,))
    assert "101" not in numbers_for_help(rows)
    assert {"102", "104", "112"} <= set(numbers_for_help(rows))


def test_a_phone_whose_number_has_no_address_is_refused_where_the_country_asks_for_one() -> None:
    (fault,) = emergency_faults(NOWHERE_SET, PHONE)
    assert (fault.path, fault.value) == ("caller_id", DESK)
    assert "no address is on record" in fault.rule
    assert f"pbx emergency address set {DESK} --tenant acme" in fault.rule


def test_the_place_is_named_when_its_number_has_no_address() -> None:
    (fault,) = emergency_faults(an_office(), replace(PHONE, location="branch"))
    assert (fault.path, fault.value) == ("location", "branch")
    assert BRANCH in fault.rule


@pytest.mark.parametrize("country", ["RU", "DE", "GB"])
def test_elsewhere_no_phone_is_refused(country: str) -> None:
    rows = replace(NOWHERE_SET, tenant=replace(NOWHERE_SET.tenant, country=country))
    assert emergency_faults(rows, PHONE) == []


def test_a_phone_with_an_address_or_without_any_number_is_not_refused() -> None:
    assert emergency_faults(an_office(), PHONE) == []
    assert emergency_faults(replace(NOWHERE_SET, numbers=()), PHONE) == []


def test_a_change_is_refused_for_those_whom_it_makes_worse_and_for_nobody_else() -> None:
    before = an_office()
    after = replace(before, locations=())
    (fault,) = emergency_faults_of_change(before, after, "is_default", False)
    assert (fault.path, fault.value) == ("is_default", False)
    assert fault.rule.startswith(f"in emergency calls 100 would show {DESK}, and no address")
    assert emergency_faults_of_change(after, after, "name", "x") == []


def test_of_many_phones_the_first_few_are_named() -> None:
    before = an_office()
    phones = tuple(replace(PHONE, name=f"100-{one}") for one in range(8))
    before = replace(before, devices=phones)
    after = replace(before, locations=(LocationFacts(name="x", number=BRANCH, is_default=True),))
    (fault,) = emergency_faults_of_change(before, after, "number", BRANCH)
    assert "100-0, 100-1, 100-2, 100-3, 100-4 and 3 more would show" in fault.rule


def test_every_country_that_asks_for_addresses_says_why() -> None:
    assert {"US", "CA", "PR"} <= set(ASKS_FOR_ADDRESS)
    assert all(len(why) > 20 for why in ASKS_FOR_ADDRESS.values())
