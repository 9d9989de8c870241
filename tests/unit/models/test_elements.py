"""Elements are put behind numbers, and no wire leads into the void."""

import pytest

from models import provisioning
from models.errors import AlreadyExists, InUse, InvalidSettings, NotFound
from models.facts import ElementFacts
from models.seal import Seal
from models.tables import Element
from tests.unit.models.builders import a_tenant
from tests.unit.models.catalogue import CATALOGUE


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await a_tenant("acme")
    await provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal)


async def a_greeting(number: str = "5000", **settings: object) -> ElementFacts:
    return await provisioning.create_element(
        tenant="acme", kind="greeting", number=number, settings=settings, catalogue=CATALOGUE
    )


async def test_a_greeting_stands_behind_its_number() -> None:
    made = await a_greeting(sound="asterisk:hello-world", keys={"1": "100", "0": "5000"})
    assert await provisioning.get_element(tenant="acme", number="5000") == made
    assert await provisioning.list_elements(tenant="acme") == [made]


async def test_a_key_that_leads_nowhere_is_named() -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await a_greeting(keys={"1": "100", "3": "5209"}, no_input="x1", sound="welcome")
    assert str(refusal.value).splitlines() == [
        "5000: key 3 leads to 5209, which does not exist",
        "5000: no_input leads to x1, which is neither an internal number nor an outside number",
        "5000: plays the sound welcome, which does not exist",
    ]
    assert [fault.path for fault in refusal.value.faults] == ["keys.3", "no_input", "sound"]
    assert await Element.all().count() == 0


async def test_keys_may_lead_outside_and_to_nothing_yet() -> None:
    await a_greeting(keys={"1": "+79161112233", "2": "84951234567", "4": ""})


async def test_no_key_leads_to_emergency_services() -> None:
    with pytest.raises(InvalidSettings, match="key 3 leads to 112, which is an emergency number"):
        await a_greeting(keys={"3": "112"})


async def test_a_key_does_not_lead_into_another_tenant(seal: Seal) -> None:
    await a_tenant("other")
    await provisioning.create_extension(tenant="other", number="200", name="Boris", seal=seal)
    with pytest.raises(InvalidSettings, match="key 1 leads to 200, which does not exist"):
        await a_greeting(keys={"1": "200"})


async def test_unknown_settings_are_all_listed_with_a_wrong_number() -> None:
    with pytest.raises(InvalidSettings) as refusal:
        await a_greeting(number="4999", colour="red", size=3)
    assert [fault.path for fault in refusal.value.faults] == ["number", "colour", "size"]


@pytest.mark.parametrize("number", ["100", "4999", "05000", "1000000", "five", ""])
async def test_an_element_has_a_number_from_5000_up(number: str) -> None:
    with pytest.raises(InvalidSettings, match="an element has a number from 5000 to 999999"):
        await a_greeting(number=number)


async def test_an_unknown_kind_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(InvalidSettings, match="there are greeting, hang_up"):
        await provisioning.create_element(
            tenant="acme", kind="parrot", number="5000", settings={}, catalogue=CATALOGUE
        )


async def test_texts_that_a_database_cannot_keep_are_refused_on_every_database() -> None:
    for text in ("a\x00b", "a\ud800b"):
        with pytest.raises(InvalidSettings, match="no NUL"):
            await a_greeting(keys={"1": text})


async def test_a_number_holds_one_element() -> None:
    first = await a_greeting()
    with pytest.raises(AlreadyExists, match="5000"):
        await a_greeting()
    again = await provisioning.create_element(
        tenant="acme",
        kind="hang_up",
        number="5000",
        settings={},
        catalogue=CATALOGUE,
        if_missing=True,
    )
    assert again == first


async def test_one_setting_is_changed_and_null_takes_one_away() -> None:
    await a_greeting(keys={"1": "100", "2": "100"}, no_input="100")
    before = await provisioning.get_tenant(name="acme")
    changed = await provisioning.set_element(
        tenant="acme",
        number="5000",
        settings={"keys": {"2": None, "3": "5000"}, "no_input": None},
        catalogue=CATALOGUE,
    )
    assert changed.settings == {"keys": {"1": "100", "3": "5000"}}
    assert (await provisioning.get_element(tenant="acme", number="5000")) == changed
    after = await provisioning.get_tenant(name="acme")
    assert after.revision > before.revision
    await provisioning.set_element(
        tenant="acme", number="5000", settings={"no_input": None}, catalogue=CATALOGUE
    )
    assert await provisioning.get_tenant(name="acme") == after


async def test_a_refused_change_changes_nothing() -> None:
    made = await a_greeting(keys={"1": "100"})
    with pytest.raises(InvalidSettings, match="key 2 leads to 5999"):
        await provisioning.set_element(
            tenant="acme",
            number="5000",
            settings={"keys": {"1": None, "2": "5999"}},
            catalogue=CATALOGUE,
        )
    assert await provisioning.get_element(tenant="acme", number="5000") == made


async def test_an_element_that_others_lead_to_stays_and_says_who() -> None:
    await a_greeting("5001", keys={"1": "5001"})
    await a_greeting("5000", keys={"1": "5001"}, no_input="5001")
    with pytest.raises(InUse) as refusal:
        await provisioning.remove_element(tenant="acme", number="5001", catalogue=CATALOGUE)
    assert refusal.value.users == (
        "5000: key 1 leads to 5001",
        "5000: no_input leads to 5001",
    )
    assert refusal.value.exit_code == 4
    await provisioning.remove_element(tenant="acme", number="5000", catalogue=CATALOGUE)
    await provisioning.remove_element(tenant="acme", number="5001", catalogue=CATALOGUE)
    with pytest.raises(NotFound):
        await provisioning.get_element(tenant="acme", number="5001")


async def test_several_changes_are_made_together_or_not_at_all() -> None:
    async def make_both() -> None:
        async with provisioning.changing():
            await a_greeting("5000")
            await a_greeting("5001", keys={"1": "5999"})

    with pytest.raises(InvalidSettings):
        await make_both()
    assert await provisioning.list_elements(tenant="acme") == []


@pytest.mark.parametrize("target", ["+112", "+7112", "007112", "8107112", "+7101"])
async def test_no_key_leads_to_emergency_services_however_they_are_written(target: str) -> None:
    with pytest.raises(InvalidSettings, match="is an emergency number"):
        await provisioning.create_element(
            tenant="acme",
            number="5000",
            kind="greeting",
            settings={"keys": {"3": target}},
            catalogue=CATALOGUE,
        )
