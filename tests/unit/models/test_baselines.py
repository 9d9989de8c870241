"""Tenants that are older than revisions: the upgrade writes them down, whatever comes first."""

import pytest

from models import provisioning
from models.database import SchemaState, migrate, open_database, schema_state
from models.provisioning.baselines import NOTE, WHO, write_baselines
from models.provisioning.revisions import document_at, history
from models.provisioning.secret_marks import marks_of
from models.seal import Seal
from models.tables import Snapshot, Tenant
from models.tenant_file.document import document_of
from tests.support.older_database import (
    PEOPLE,
    REVISION,
    fill_older_database,
    older_database_url,
    older_postgres,
    older_sqlite,
)
from tests.unit.models.builders import a_tenant
from tests.unit.models.life import ACME, CATALOGUE

__all__ = ["older_database_url", "older_postgres", "older_sqlite"]


@pytest.fixture
async def older(older_database_url: str, seal: Seal) -> str:
    """A database of the version before, with acme in it."""
    await fill_older_database(older_database_url, seal)
    return older_database_url


async def test_the_upgrade_writes_a_tenant_down_as_it_is(older: str) -> None:
    await migrate(older, afterwards=write_baselines)
    async with open_database(older):
        (told,) = await history(tenant=ACME)
        assert (told.revision, told.who, told.patch, told.notes) == (REVISION, WHO, {}, (NOTE,))
        tenant = await Tenant.get(name=ACME)
        assert tenant.revision == REVISION
        now = document_of(await provisioning.read_plan_rows(tenant.id))
        assert set(now["extensions"]) == set(PEOPLE)
        assert await document_at(tenant=ACME, revision=REVISION) == now
        snapshot = await Snapshot.get(tenant_id=tenant.id)
        assert snapshot.marks == await marks_of(tenant)
        assert set(snapshot.marks["devices"]) == set(PEOPLE)


async def test_the_first_change_afterwards_tells_no_more_than_itself(older: str) -> None:
    await migrate(older, afterwards=write_baselines)
    async with open_database(older):
        before = await document_at(tenant=ACME, revision=REVISION)
        await provisioning.remove_extension(tenant=ACME, number="102", catalogue=CATALOGUE)
        change, baseline = await history(tenant=ACME)
        assert {one: set(change.patch[one]) for one in change.patch} == {"extensions": {"102"}}
        assert (baseline.revision, baseline.who) == (REVISION, WHO)
        assert await document_at(tenant=ACME, revision=REVISION) == before


async def test_an_upgrade_that_breaks_off_leaves_the_database_as_it_was(older: str) -> None:
    async def break_off() -> None:
        await write_baselines()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await migrate(older, afterwards=break_off)

    assert await schema_state(older) is SchemaState.BEHIND
    await migrate(older, afterwards=write_baselines)
    async with open_database(older):
        assert len(await history(tenant=ACME)) == 1


async def test_who_has_a_history_already_keeps_it(database: str) -> None:
    await a_tenant(ACME)
    before = await history(tenant=ACME)
    assert await migrate(database, afterwards=write_baselines) == []
    assert await history(tenant=ACME) == before
