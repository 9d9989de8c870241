"""How far a tenant may call: what is chosen, what stays as usual, what is refused."""

from dataclasses import replace
from typing import Any

import phonenumbers
import pytest

from models import provisioning
from models.errors import InvalidSettings
from models.facts import TenantFacts
from models.outside_policy import (
    MOST_EMAILS,
    OutsidePolicy,
    changed,
    policy_faults,
    policy_of,
    to_store,
)
from models.tables import OutsideLock, Tenant
from tests.unit.models.builders import a_tenant

USUAL = OutsidePolicy()


def paths(**changes: Any) -> list[str]:
    return [fault.path for fault in policy_faults(replace(USUAL, **changes))]


def test_what_nobody_chose_keeps_the_thieves_out() -> None:
    assert policy_faults(USUAL) == []
    assert (USUAL.countries, USUAL.classes) == ((), ())
    assert (USUAL.max_calls, USUAL.calls_per_second, USUAL.minutes_per_day) == (5, 2, 2400)
    assert (USUAL.forward_reach, USUAL.night_reach) == ("home", "none")


@pytest.mark.parametrize(
    "field", ["max_calls", "max_calls_per_device", "calls_per_second", "minutes_per_day"]
)
def test_an_amount_is_no_limit_or_a_sensible_one(field: str) -> None:
    assert paths(**{field: 0}) == []
    assert paths(**{field: 1}) == []
    assert paths(**{field: -1}) == [field]
    assert paths(**{field: 10**12}) == [field]


def test_any_country_with_telephones_can_be_opened_or_all() -> None:
    assert paths(countries=tuple(sorted(phonenumbers.SUPPORTED_REGIONS))) == []
    assert paths(countries=("*",)) == []


@pytest.mark.parametrize("country", ["us", "USA", "XX", "", "+1", "001", "ZZ", "\uff0a"])
def test_what_is_no_country_is_named(country: str) -> None:
    faults = policy_faults(replace(USUAL, countries=("KZ", country)))
    assert [(fault.path, fault.value) for fault in faults] == [("countries", country)]
    assert "ISO 3166" in str(faults[0])


def test_all_countries_are_not_named_beside_some() -> None:
    faults = policy_faults(replace(USUAL, countries=("*", "US", "nowhere")))
    assert [fault.value for fault in faults] == ["*", "nowhere"]


def test_classes_of_numbers_have_their_names() -> None:
    known = ("premium", "shared_cost", "satellite", "personal", "unknown")
    assert paths(classes=known) == []
    faults = policy_faults(replace(USUAL, classes=("premium", "Premium", "toll_free")))
    assert [fault.value for fault in faults] == ["Premium", "toll_free"]
    assert all("one of premium" in str(fault) for fault in faults)


@pytest.mark.parametrize("night", ["", "22:00-07:00", "00:00-23:59", "23:59-00:00", "01:00-05:30"])
def test_a_night_may_go_over_midnight(night: str) -> None:
    assert paths(night_hours=night) == []


@pytest.mark.parametrize(
    "night",
    [
        *("22-07", "22:00", "22:00-", "24:00-07:00", "22:60-07:00", "2:00-7:00", "22:00 - 07:00"),
        *(
            "22:00-22:00",
            "22:00-07:00,12:00-13:00",
            "night",
            "22:00-07:00\n",
            "\u0662\u0662:00-07:00",
        ),
    ],
)
def test_what_is_no_night_is_refused_with_an_example(night: str) -> None:
    faults = policy_faults(replace(USUAL, night_hours=night))
    assert [(fault.path, fault.value) for fault in faults] == [("night_hours", night)]
    assert "22:00-07:00" in faults[0].rule


@pytest.mark.parametrize("field", ["night_reach", "forward_reach"])
def test_calls_reach_everywhere_home_or_nowhere(field: str) -> None:
    for reach in ("all", "home", "none"):
        assert paths(**{field: reach}) == []
    for reach in ("", "ALL", "abroad"):
        assert paths(**{field: reach}) == [field]


def test_only_mail_addresses_are_told_and_not_the_whole_world() -> None:
    assert paths(alert_emails=("office@acme.test", "иван@почта.рф")) == []
    assert paths(alert_emails=("office", "", "a@b.test, c@d.test")) == ["alert_emails"] * 3
    many = tuple(f"office{number}@acme.test" for number in range(MOST_EMAILS + 1))
    assert paths(alert_emails=many[:MOST_EMAILS]) == []
    assert paths(alert_emails=many) == ["alert_emails"]


def test_what_is_named_twice_counts_once() -> None:
    now = changed(USUAL, {"countries": ("US", "KZ", "US"), "alert_emails": ("a@b.test",) * 2})
    assert (now.countries, now.alert_emails) == (("US", "KZ"), ("a@b.test",))


def test_only_what_was_chosen_is_stored() -> None:
    assert to_store(USUAL) == {}
    chosen = changed(USUAL, {"max_calls": 10, "countries": ("US",), "forwards_by_rules": True})
    stored = to_store(chosen)
    assert stored == {"max_calls": 10, "countries": ["US"], "forwards_by_rules": True}
    assert policy_of(stored) == chosen
    assert policy_of({**stored, "of_a_newer_version": 1}) == chosen


@pytest.mark.usefixtures("database")
class TestATenant:
    async def the(self) -> TenantFacts:
        return await provisioning.get_tenant(name="acme")

    async def test_has_the_usual_policy_until_somebody_chooses(self) -> None:
        made = await a_tenant("acme")
        assert made.outside == USUAL
        assert (await Tenant.get(name="acme")).outside == {}

    async def test_may_be_made_with_a_policy_of_its_own(self) -> None:
        made = await provisioning.create_tenant(
            name="acme", domain="acme.test", country="RU", outside={"countries": ("KZ", "BY")}
        )
        assert made.outside == replace(USUAL, countries=("KZ", "BY"))
        assert await self.the() == made

    async def test_changes_one_thing_and_keeps_the_others(self) -> None:
        await a_tenant("acme")
        await provisioning.set_tenant(name="acme", outside={"max_calls": 10, "countries": ("US",)})
        now = await provisioning.set_tenant(name="acme", outside={"night_hours": "22:00-07:00"})
        assert now.outside == replace(
            USUAL, max_calls=10, countries=("US",), night_hours="22:00-07:00"
        )
        closed = await provisioning.set_tenant(name="acme", outside={"countries": ()})
        assert closed.outside.countries == ()
        assert await self.the() == closed

    async def test_is_told_to_the_exchange_only_when_something_has_changed(self) -> None:
        before = await a_tenant("acme")
        same = await provisioning.set_tenant(name="acme", outside={"max_calls": 5})
        assert same.revision == before.revision
        now = await provisioning.set_tenant(name="acme", outside={"max_calls": 6})
        assert now.revision > before.revision

    async def test_keeps_its_policy_when_all_that_is_wrong_with_a_new_one_is_listed(self) -> None:
        before = await a_tenant("acme")
        with pytest.raises(InvalidSettings) as refusal:
            await provisioning.set_tenant(
                name="acme",
                state="asleep",
                outside={
                    "max_calls": -1,
                    "countries": ("USA",),
                    "classes": ("cheap",),
                    "night_hours": "all",
                    "night_reach": "far",
                    "forward_reach": "far",
                    "alert_emails": ("office",),
                },
            )
        assert [fault.path for fault in refusal.value.faults] == [
            *("state", "max_calls", "countries", "classes", "night_hours", "night_reach"),
            *("forward_reach", "alert_emails"),
        ]
        assert await self.the() == before

    async def test_is_not_made_with_a_policy_that_is_wrong(self) -> None:
        with pytest.raises(InvalidSettings, match="countries 'USA'"):
            await provisioning.create_tenant(
                name="acme", domain="acme.test", country="RU", outside={"countries": ("USA",)}
            )
        assert await provisioning.list_tenants() == []

    async def test_is_held_by_asterisk_to_what_was_said_last(self) -> None:
        made = await provisioning.create_tenant(
            name="acme", domain="acme.test", country="RU", outside={"countries": ("DE",)}
        )
        assert (await OutsideLock.get(tenant_id=made.id)).codes == "49|7"
        await provisioning.set_tenant(name="acme", outside={"max_calls": 9, "countries": ("*",)})
        lock = await OutsideLock.get(tenant_id=made.id)
        assert (lock.max_calls, lock.codes) == (9, "*")
        await provisioning.set_tenant(name="acme", state="trial")
        assert (await OutsideLock.get(tenant_id=made.id)).codes == "7"
        await provisioning.set_tenant(name="acme", country="DE")
        assert (await OutsideLock.get(tenant_id=made.id)).codes == "49"
