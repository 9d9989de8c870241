"""The lines by which Asterisk dials for help alone are brought up to date at every start."""

import pytest

from models import provisioning
from models.seal import Seal
from models.tables import EmergencyLine
from models.tenant import ChangeCounter
from tests.unit.models.builders import a_tenant


@pytest.fixture(autouse=True)
async def acme(database: str, seal: Seal) -> None:
    await a_tenant("acme", country="US")
    for name in ("city", "spare"):
        await provisioning.create_trunk(
            tenant="acme", name=name, seal=seal, host=f"{name}.test", username=name, password="x"
        )


async def lines() -> dict[str, str]:
    return {row.address: row.dials for row in await EmergencyLine.all()}


async def test_a_newer_version_of_the_program_writes_what_asterisk_reads() -> None:
    before = await lines()
    await EmergencyLine.filter(address="911@acme.test").delete()
    await EmergencyLine.filter(address="112@acme.test").update(dials="as an older one wrote it")
    await provisioning.renew_all_emergency_lines()
    assert await lines() == before


async def test_a_start_keeps_nobody_from_changing_anything_where_nothing_is_to_be_written(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await a_tenant("without-trunks", country="US")
    before = await lines()
    with caplog.at_level("DEBUG", "tortoise.db_client"):
        await provisioning.renew_all_emergency_lines()
    asked = [record.getMessage() for record in caplog.records]
    assert asked
    assert not any(ChangeCounter._meta.db_table in question for question in asked)
    assert await lines() == before


async def test_lines_are_looked_after_however_many_tenants_there_are(
    seal: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.provisioning.emergency._READ_AT_ONCE", 1)
    await a_tenant("other", country="DE")
    await provisioning.create_trunk(
        tenant="other", name="line", seal=seal, host="line.test", username="u", password="x"
    )
    await provisioning.set_emergency_trunks(tenant="acme", trunks=["spare", "city"])
    before = await lines()
    assert set(before) == {"112@acme.test", "911@acme.test", "112@other.test", "110@other.test"}
    await EmergencyLine.filter(address__in=["911@acme.test", "110@other.test"]).delete()
    await provisioning.renew_all_emergency_lines()
    assert await lines() == before
