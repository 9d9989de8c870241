"""What plan keepers read: everything of a tenant at one moment, and no change is missed."""

import asyncio
from pathlib import Path

import pytest

from models import provisioning
from models.errors import NotFound
from models.seal import Seal
from models.sound_files import SoundFolder
from models.sound_import import import_sound
from tests.unit.models.builders import a_tenant
from tests.unit.models.catalogue import CATALOGUE
from tests.unit.models.recordings import a_tone, as_wav

pytestmark = pytest.mark.usefixtures("database")


async def test_a_plan_is_read_with_all_that_belongs_to_it_and_nothing_else(
    seal: Seal, tmp_path: Path
) -> None:
    acme = await a_tenant("acme", domain_aliases=["192.0.2.10"])
    await a_tenant("other")
    for number in ("1000", "100"):
        await provisioning.create_extension(tenant="acme", number=number, name="A", seal=seal)
    await provisioning.create_extension(tenant="other", number="200", name="B", seal=seal)
    files = SoundFolder(tmp_path)
    sound = import_sound(as_wav(a_tone()))
    await provisioning.put_sound(tenant="acme", name="welcome", sound=sound, files=files)
    await provisioning.create_element(
        tenant="acme",
        kind="greeting",
        number="5000",
        settings={"sound": "welcome", "keys": {"1": "100"}},
        catalogue=CATALOGUE,
    )

    rows = await provisioning.read_plan_rows(acme.id)

    assert rows.tenant == await provisioning.get_tenant(name="acme")
    assert [extension.number for extension in rows.extensions] == ["100", "1000"]
    assert [device.endpoint for device in rows.devices] == ["100@acme.test", "1000@acme.test"]
    assert [element.settings["keys"] for element in rows.elements] == [{"1": "100"}]
    assert [sound.name for sound in rows.sounds] == ["welcome"]


async def test_a_tenant_who_is_not_there_has_no_plan() -> None:
    with pytest.raises(NotFound):
        await provisioning.read_plan_rows(12345)


async def test_every_kind_of_change_is_news(seal: Seal, tmp_path: Path) -> None:
    files = SoundFolder(tmp_path)
    sound = import_sound(as_wav(a_tone()))
    acme = await a_tenant("acme")
    changes = [
        provisioning.set_tenant(name="acme", language="ru"),
        provisioning.create_extension(tenant="acme", number="100", name="Alice", seal=seal),
        provisioning.set_extension(tenant="acme", number="100", name="Alice B."),
        provisioning.create_device(
            tenant="acme", name="100-desk", extension="100", caller_name="Desk", seal=seal
        ),
        provisioning.set_device(tenant="acme", name="100-desk", caller_name="", seal=seal),
        provisioning.remove_device(tenant="acme", name="100-desk"),
        provisioning.put_sound(tenant="acme", name="welcome", sound=sound, files=files),
        provisioning.create_element(
            tenant="acme", number="5000", kind="greeting", settings={}, catalogue=CATALOGUE
        ),
        provisioning.set_element(
            tenant="acme", number="5000", settings={"no_input": "100"}, catalogue=CATALOGUE
        ),
        provisioning.remove_element(tenant="acme", number="5000", catalogue=CATALOGUE),
        provisioning.remove_sound(tenant="acme", name="welcome", catalogue=CATALOGUE, files=files),
        provisioning.remove_extension(tenant="acme", number="100", catalogue=CATALOGUE),
        provisioning.remove_tenant(name="acme"),
    ]
    seen = acme.revision
    for change in changes:
        await change
        ((tenant_id, revision),) = await provisioning.revisions_after(seen)
        assert tenant_id == acme.id
        assert revision > seen
        seen = revision
    assert await provisioning.revisions_after(seen) == []


async def test_a_watcher_misses_no_change_while_many_people_make_changes(seal: Seal) -> None:
    tenants = [await a_tenant(f"tenant{number}") for number in range(4)]
    known: dict[int, int] = {}

    async def watch() -> None:
        for tenant_id, revision in await provisioning.revisions_after(
            max(known.values(), default=0)
        ):
            known[tenant_id] = revision

    async def hire(tenant: str, number: int) -> None:
        await provisioning.create_extension(
            tenant=tenant, number=str(number), name="A", seal=seal, with_device=False
        )

    async with asyncio.TaskGroup() as people:
        work = [
            people.create_task(hire(tenant.name, number))
            for number in range(100, 108)
            for tenant in tenants
        ]
        while not all(task.done() for task in work):
            await watch()
    await watch()

    truth = {tenant.id: tenant.revision for tenant in await provisioning.list_tenants()}
    assert known == truth
    assert max(truth.values()) == 4 + 32


async def test_two_people_cannot_give_away_the_same_number_at_once(seal: Seal) -> None:
    await a_tenant("acme")
    results = await asyncio.gather(
        *(
            provisioning.create_extension(tenant="acme", number="100", name="A", seal=seal)
            for _ in range(5)
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert len(await provisioning.list_extensions(tenant="acme")) == 1


@pytest.mark.parametrize("looks", [5, 0], ids=["looks again", "has had enough of looking"])
async def test_a_plan_is_never_half_of_one_change_and_half_of_another(
    seal: Seal, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However fast the tenant changes, it is read."""
    monkeypatch.setattr("models.provisioning.reading._READ_ATTEMPTS", looks)
    acme = await a_tenant("acme")

    async def hire_and_fire() -> None:
        for _ in range(15):
            async with provisioning.changing():
                for number in ("100", "101"):
                    await provisioning.create_extension(
                        tenant="acme", number=number, name="A", seal=seal
                    )
            async with provisioning.changing():
                for number in ("100", "101"):
                    await provisioning.remove_extension(
                        tenant="acme", number=number, catalogue=CATALOGUE
                    )

    async with asyncio.TaskGroup() as people:
        work = people.create_task(hire_and_fire())
        while not work.done():
            rows = await provisioning.read_plan_rows(acme.id)
            assert len(rows.extensions) == len(rows.devices)
            assert len(rows.extensions) in (0, 2)
