"""Revisions: every change leaves one, with who, what and how it was before."""

import asyncio
from pathlib import Path

import pytest

from models import provisioning
from models.errors import InvalidSettings, NotFound
from models.provisioning.authorship import changes_by
from models.provisioning.revisions import RevisionFacts, document_at, history, lost_secrets
from models.seal import Seal
from models.sound_files import SoundFolder
from models.tables import Device, Revision, Snapshot
from models.tenant_file.document import document_of
from models.tenant_file.parts import Document
from tests.unit.models.builders import a_tenant
from tests.unit.models.life import (
    ACME,
    ANOTHER_PIN,
    CATALOGUE,
    PASSWORD,
    PIN,
    Step,
    beginning,
    end,
    middle,
)

WRITERS = ("create_", "set_", "put_", "move_", "remove_", "clear_")
OF_NO_TENANT_THAT_IS_LEFT = {"remove_tenant"}


@pytest.fixture
def life(database: str, seal: Seal, tmp_path: Path) -> list[Step]:
    files = SoundFolder(tmp_path / "sounds")
    return [*beginning(seal), *middle(files), *end(files)]


async def newest() -> RevisionFacts:
    return (await history(tenant=ACME, limit=1))[0]


async def document_now() -> Document:
    tenant = await provisioning.get_tenant(name=ACME)
    return document_of(await provisioning.read_plan_rows(tenant.id))


async def rename_both(*numbers: str) -> None:
    async with provisioning.changing():
        for number in numbers:
            await provisioning.set_extension(tenant=ACME, number=number, name="Olga")


async def test_every_change_leaves_one_revision_that_tells_what_it_was(life: list[Step]) -> None:
    for place, step in enumerate(life, start=1):
        with changes_by("anna", f"{step.function} {place}"):
            await step.make()
        told = await history(tenant=ACME)
        where = f"{step} left {told[0]}"
        assert len(told) == place, where
        assert (told[0].who, told[0].what) == ("anna", f"{step.function} {place}")
        assert step.touches <= told[0].patch.keys(), where
        assert step.touches or not told[0].patch, where
        assert step.note in "\n".join(told[0].notes), where
        assert bool(step.note) == bool(told[0].notes), where
        now = await provisioning.get_tenant(name=ACME)
        assert told[0].revision == now.revision, where
    assert {step.function for step in life} | OF_NO_TENANT_THAT_IS_LEFT == {
        name for name in provisioning.__all__ if name.startswith(WRITERS)
    }


async def test_the_tenant_can_be_read_as_it_was_after_every_change_but_for_its_secrets(
    life: list[Step],
) -> None:
    documents: dict[int, Document] = {}
    for step in life:
        await step.make()
        documents[(await newest()).revision] = await document_now()
    for revision, document in documents.items():
        assert await document_at(tenant=ACME, revision=revision) == document
    kept = repr([await Revision.all().values(), await Snapshot.all().values()])
    assert "was changed" in kept
    assert not any(secret in kept for secret in (PIN, ANOTHER_PIN, PASSWORD))


async def test_what_lost_its_secret_last_is_remembered_as_it_was_first_lost(
    database: str, seal: Seal
) -> None:
    await a_tenant(ACME)
    before = (await newest()).revision
    sealed = []
    for _ in range(2):
        await provisioning.create_extension(tenant=ACME, number="100", name="A", seal=seal)
        sealed.append((await Device.get(name="100")).sealed_password)
        await provisioning.remove_extension(tenant=ACME, number="100", catalogue=CATALOGUE)
    assert await lost_secrets(tenant=ACME, since=before) == {"devices": {"100": sealed[0]}}
    assert await lost_secrets(tenant=ACME, since=(await newest()).revision) == {}


async def test_several_changes_at_once_are_one_revision_of_each_tenant(
    database: str, seal: Seal
) -> None:
    async with provisioning.changing():
        for name in (ACME, "other"):
            await a_tenant(name)
            for number in ("100", "101"):
                await provisioning.create_extension(
                    tenant=name, number=number, name=number, seal=seal
                )
    for name in (ACME, "other"):
        (only_one,) = await history(tenant=name)
        assert set(only_one.patch["extensions"]) == {"100", "101"}


async def test_a_change_that_failed_or_changed_nothing_leaves_none(
    database: str, seal: Seal
) -> None:
    await a_tenant(ACME)
    await provisioning.create_extension(tenant=ACME, number="100", name="Anna", seal=seal)
    before = await history(tenant=ACME)

    await provisioning.set_extension(tenant=ACME, number="100", name="Anna")
    with pytest.raises(InvalidSettings):
        await provisioning.set_extension(tenant=ACME, number="100", ring_s=-1)
    with pytest.raises(NotFound):
        await rename_both("100", "101")

    assert await history(tenant=ACME) == before
    assert await document_at(tenant=ACME, revision=before[0].revision) == await document_now()


async def test_a_part_that_failed_and_was_forgiven_is_not_told(database: str, seal: Seal) -> None:
    await a_tenant(ACME)
    await provisioning.create_extension(tenant=ACME, number="100", name="Anna", seal=seal)
    async with provisioning.changing():
        await provisioning.set_tenant(name=ACME, timezone="Europe/Moscow")
        with pytest.raises(NotFound):
            await rename_both("100", "101")
    assert set((await newest()).patch) == {"timezone"}


async def test_what_was_before_the_first_revision_is_not_known(database: str, seal: Seal) -> None:
    await a_tenant("other")
    await a_tenant(ACME)
    first = (await newest()).revision
    with pytest.raises(NotFound, match="its revisions go from"):
        await document_at(tenant=ACME, revision=first - 1)


async def test_people_who_change_at_the_same_time_leave_one_story(
    database: str, seal: Seal
) -> None:
    await a_tenant(ACME)
    await provisioning.create_extension(tenant=ACME, number="100", name="0", seal=seal)

    async def rename(place: int) -> None:
        with changes_by(f"person {place}", "extension set 100"):
            await provisioning.set_extension(tenant=ACME, number="100", name=str(place))

    await asyncio.gather(*map(rename, range(1, 9)))

    told = (await history(tenant=ACME))[:8]
    names = [one.patch["extensions"]["100"] for one in reversed(told)]
    assert [f"person {after['name']}" for _, after in names] == [one.who for one in reversed(told)]
    assert [before["name"] for before, _ in names] == ["0", *(a["name"] for _, a in names[:-1])]


async def test_a_tenant_takes_its_history_along(database: str, seal: Seal) -> None:
    await a_tenant(ACME)
    await provisioning.remove_tenant(name=ACME)
    with pytest.raises(NotFound):
        await history(tenant=ACME)
    assert await Revision.all().count() == 0
    await a_tenant(ACME)
    assert len(await history(tenant=ACME)) == 1
