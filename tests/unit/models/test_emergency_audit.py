"""Which phones would go wrong if somebody called help now, and why."""

from dataclasses import replace

import pytest

from models.emergency_audit import Trouble, audit, emergency_warnings
from models.facts import ExtensionFacts, LocationFacts, TenantRows, TrunkFacts
from models.outside_policy import OutsidePolicy
from tests.unit.models.test_emergency_rules import (
    BRANCH,
    CITY,
    DESK,
    HEADQUARTERS,
    NOWHERE_SET,
    OFF,
    PHONE,
    SPARE,
    an_office,
)

FRONT_DESK = OutsidePolicy(alert_emails=("desk@acme.test",))


def told(rows: TenantRows) -> TenantRows:
    """The same tenant, whose front desk is told."""
    return replace(rows, tenant=replace(rows.tenant, outside=FRONT_DESK))


def faults(rows: TenantRows, down: dict[str, str] | None = None) -> list[tuple[str, Trouble]]:
    return [(one.device, one.trouble) for one in audit(rows, down) if one.is_fault]


def hints(rows: TenantRows, down: dict[str, str] | None = None) -> list[Trouble]:
    return [one.trouble for one in audit(rows, down) if not one.is_fault]


def test_a_tenant_that_has_thought_of_everything_has_nothing_to_mend() -> None:
    assert audit(told(an_office()), {}) == []


def test_who_told_nobody_whom_to_tell_hears_it() -> None:
    assert faults(an_office()) == [("", Trouble.NO_ALERT_MAILS)]


@pytest.mark.parametrize("trunks", [(), (OFF,)])
def test_without_a_trunk_every_phone_goes_wrong(trunks: tuple[TrunkFacts, ...]) -> None:
    rows = replace(told(an_office()), trunks=trunks, devices=(PHONE, replace(PHONE, name="100-x")))
    found = faults(rows)
    assert found == [("100", Trouble.NO_TRUNK), ("100-x", Trouble.NO_TRUNK)]


def test_a_number_without_an_address_is_told_with_the_trunk_that_shows_it() -> None:
    rows = told(NOWHERE_SET)
    trunks = (CITY, replace(SPARE, caller_id=HEADQUARTERS))
    bare = replace(PHONE, caller_id="")
    rows = replace(
        rows,
        trunks=trunks,
        devices=(bare,),
        tenant=replace(rows.tenant, caller_id=BRANCH),
    )
    (found,) = [one for one in audit(rows, {}) if one.is_fault]
    assert (found.device, found.trouble, found.shown) == ("100", Trouble.NO_ADDRESS, BRANCH)
    assert "through city" in found.words


@pytest.mark.parametrize("trunk", [CITY, SPARE])
def test_a_login_or_nothing_is_no_number_that_help_could_look_up(trunk: TrunkFacts) -> None:
    bare = replace(PHONE, caller_id="")
    rows = replace(told(NOWHERE_SET), trunks=(trunk,), devices=(bare,))
    assert faults(rows) == [("100", Trouble.NO_CALLER_ID)]


def test_where_no_address_is_asked_for_the_login_will_do() -> None:
    rows = replace(told(an_office("RU")), locations=(), emergency_addresses=())
    assert faults(replace(rows, devices=(replace(PHONE, caller_id=""),))) == []


def test_a_login_that_is_no_phone_number_helps_nobody_in_any_country() -> None:
    named = replace(CITY, username="acme")
    rows = replace(told(an_office("RU")), locations=(), emergency_addresses=(), trunks=(named,))
    rows = replace(rows, devices=(replace(PHONE, caller_id=""),))
    assert faults(rows) == [("100", Trouble.NO_CALLER_ID)]
    (found,) = audit(rows, {})
    assert "only the login acme, which is no phone number" in found.words
    numeric = replace(rows, trunks=(CITY,))
    assert (faults(numeric), hints(numeric)) == ([], [Trouble.NO_CALLER_ID])
    owned = replace(rows, trunks=(replace(CITY, username=DESK.removeprefix("+")),))
    assert audit(owned, {}) == []


def test_a_tenant_that_keeps_addresses_anyway_hears_of_numbers_without_one() -> None:
    rows = replace(told(an_office("DE")), locations=())
    assert faults(rows) == []
    assert hints(rows) == [Trouble.NO_ADDRESS]


def test_trunks_that_are_down_are_named_and_phones_go_wrong_when_all_are() -> None:
    rows = replace(told(an_office()), trunks=(CITY, SPARE))
    assert hints(rows, {"spare": "does not answer"}) == [Trouble.TRUNK_DOWN]
    assert faults(rows, {"spare": "does not answer"}) == []
    both = {"spare": "does not answer", "city": "is rejected"}
    assert faults(rows, both) == [("100", Trouble.TRUNKS_DOWN)]


def test_a_trunk_that_was_named_for_help_and_is_off_is_told() -> None:
    rows = told(an_office())
    named = replace(rows.tenant, emergency_trunks=("off",))
    assert hints(replace(rows, trunks=(CITY, OFF), tenant=named)) == [Trouble.TRUNK_OFF]


def test_phones_that_stand_nowhere_are_named_where_addresses_matter() -> None:
    rows = replace(told(an_office()), locations=(LocationFacts(name="x"),))
    assert Trouble.NO_LOCATION in hints(rows)
    assert Trouble.NO_LOCATION not in hints(replace(rows, devices=()))


def test_a_number_that_was_given_to_somebody_is_told() -> None:
    rows = told(an_office("RU"))
    ivan = ExtensionFacts(number="101", name="Ivan", email=None, ring_s=20)
    (found,) = audit(replace(rows, extensions=(*rows.extensions, ivan)), {})
    assert (found.trouble, found.is_fault) == (Trouble.NUMBER_IS_OURS, False)
    assert found.words.startswith("101 would not reach help")


def test_a_country_without_known_emergency_numbers_is_told() -> None:
    assert ("", Trouble.NO_EMERGENCY_NUMBERS) in faults(told(an_office("GN")))


def test_who_saves_a_phone_is_warned_where_addresses_are_asked_for_and_nowhere_else() -> None:
    bare = replace(told(NOWHERE_SET), devices=(replace(PHONE, caller_id=""),))
    for owner in ("100", "device 100"):
        (warning,) = emergency_warnings(bare, owner)
        assert warning.startswith("in an emergency call from 100, it shows no number")
    assert list(emergency_warnings(bare, "101")) == []
    russian = replace(bare, tenant=replace(bare.tenant, country="RU"))
    assert list(emergency_warnings(russian, "100")) == []
