"""What every table promises, the ones that nobody has thought of yet included."""

import pytest
from tortoise.context import require_context
from tortoise.models import Model

from models import tables
from models.base import Row, TenantRow
from models.tenant import ChangeCounter, RemovedTenant, Tenant
from tests.unit.models.builders import a_tenant

ALL = [getattr(tables, name) for name in tables.__all__]
OF_TENANTS = [table for table in ALL if issubclass(table, TenantRow)]

BELONG_TO_NOBODY = {Tenant, RemovedTenant, ChangeCounter}
UNIQUE_OVER_ALL_TENANTS = {
    ("TenantAlias", "domain"): "a phone that knows nothing but an address must find one tenant",
    ("Extension", "address"): "carries the tenant's domain; Asterisk looks it up",
    ("Device", "endpoint"): "carries the tenant's domain; Asterisk looks it up",
    ("DirectSip", "address"): "carries the tenant's domain; Asterisk looks it up",
    ("EmergencyLine", "address"): "carries the tenant's domain; Asterisk looks it up",
    ("Trunk", "endpoint"): "drawn by lot; Asterisk knows trunks by it",
    ("CallRecord", "id"): "Asterisk's unique id of the caller's channel",
    ("Message", "id"): "drawn by lot before it is recorded; names a file",
    ("Delivery", "message, recipient"): "a message belongs to one tenant, see Message.id",
    ("TenantEvent", "notice_id"): "drawn by lot before it is written; telling twice is once",
    ("NoticeMail", "event, recipient"): "an event belongs to one tenant, see TenantEvent.notice_id",
    ("JournalEntry", "call_id, seq"): "a call belongs to one tenant, see CallRecord.id",
}


def test_every_table_is_in_the_list_and_is_a_row() -> None:
    def below(table: type[Model]) -> set[type[Model]]:
        return {table}.union(*(below(child) for child in table.__subclasses__()))

    made = {table for table in below(Row) if table.__module__.startswith("models.")}
    assert {table for table in made if not table.Meta.__dict__.get("abstract")} == set(ALL)


def test_every_row_belongs_to_a_tenant_or_is_known_to_belong_to_nobody() -> None:
    assert {table for table in ALL if table not in OF_TENANTS} == BELONG_TO_NOBODY


@pytest.mark.parametrize("table", OF_TENANTS, ids=lambda table: table.__name__)
async def test_what_is_unique_is_unique_within_a_tenant(
    table: type[TenantRow], database: str
) -> None:
    together = [", ".join(names) for names in table._meta.unique_together if "tenant" not in names]
    alone = [
        name
        for name, field in table._meta.fields_map.items()
        if field.unique and not (field.pk and field.generated)
    ]
    for names in [*together, *alone]:
        assert (table.__name__, names) in UNIQUE_OVER_ALL_TENANTS


@pytest.mark.parametrize("table", OF_TENANTS, ids=lambda table: table.__name__)
async def test_a_question_begins_at_one_tenant(table: type[TenantRow], database: str) -> None:
    acme = await a_tenant("acme")
    sql = table.of(acme.id).sql()
    assert "tenant_id" in sql.split("WHERE")[1]
    assert table.of(await Tenant.get(name="acme")).sql() == sql


@pytest.mark.parametrize("table", OF_TENANTS, ids=lambda table: table.__name__)
async def test_the_rows_of_a_tenant_are_found_by_an_index(
    table: type[TenantRow], database: str
) -> None:
    name = table._meta.db_table
    plan = await explain(f"SELECT * FROM {name} WHERE tenant_id = 1")  # noqa: S608 - our own tables
    assert "SEARCH" in plan or "Index" in plan, plan


@pytest.mark.parametrize("table", ["tenant", "removed_tenant"])
async def test_the_question_for_news_uses_an_index(table: str, database: str) -> None:
    plan = await explain(f"SELECT * FROM {table} WHERE revision > 17")  # noqa: S608 - our own tables
    assert "SEARCH" in plan or "Index" in plan, plan


@pytest.mark.parametrize(
    "question",
    [
        "SELECT * FROM delivery WHERE state IN ('queued', 'deferred') "
        "AND next_attempt_at <= '2026-11-23'",
        "SELECT * FROM delivery WHERE message_id = 'abcdef'",
        "SELECT * FROM message WHERE tenant_id = 1 AND box = '5120' ORDER BY received_at",
        "SELECT * FROM message WHERE state = 'deleted' AND file <> ''",
        "SELECT trunk_id FROM trunk_claim WHERE tenant_id <> 1 "
        "AND (place IN ('a', 'b') OR (place >= 'c' AND place <= 'd'))",
    ],
)
async def test_mailboxes_outbox_and_places_of_trunks_are_asked_by_an_index(
    question: str, database: str
) -> None:
    plan = await explain(question)
    assert "SEARCH" in plan or "Index" in plan, plan


def test_no_row_does_anything_when_it_is_saved() -> None:
    for table in ALL:
        assert table.save is Model.save
        assert not {"_pre_save", "_post_save"} & set(vars(table))


async def explain(query: str) -> str:
    """Ask the database how it would find the answer, were the tables large."""
    connection = require_context().db()
    if connection.capabilities.dialect == "sqlite":
        rows = await connection.execute_query_dict(f"EXPLAIN QUERY PLAN {query}")
        return "\n".join(row["detail"] for row in rows)
    async with connection._in_transaction() as careful:
        await careful.execute_query("SET LOCAL enable_seqscan = off")
        rows = await careful.execute_query_dict(f"EXPLAIN {query}")
    return "\n".join(row["QUERY PLAN"] for row in rows)
