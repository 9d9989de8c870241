"""A database that goes away under a process that lives for months, and comes back."""

import pytest

from models.database import open_database, transaction
from models.errors import DatabaseUnavailable
from models.tenant import Tenant
from tests.support.database import PostgresServer

MORE_THAN_THE_POOL_HOLDS = 20


@pytest.mark.postgres
async def test_a_task_writes_again_after_the_database_went_away_as_it_was_to_begin(
    postgres_server: PostgresServer, migrated_postgres: str
) -> None:
    name = postgres_server.create(template=migrated_postgres)
    async with open_database(postgres_server.url(name)):
        await write()
        postgres_server.shut(name)  # nothing of this process runs meanwhile: nobody has noticed
        postgres_server.open(name)

        with pytest.raises(DatabaseUnavailable):
            await write()

        for _ in range(MORE_THAN_THE_POOL_HOLDS):
            try:
                await write()
            except DatabaseUnavailable:
                continue  # another connection from before
            break
        else:
            pytest.fail("the database is back, and nothing can be written")
    postgres_server.drop(name)


async def write() -> None:
    async with transaction():
        await Tenant.filter(name="nobody").update(language="en")
