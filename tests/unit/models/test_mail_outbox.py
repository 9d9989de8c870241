"""The outbox: who gets which mail next, and what nobody takes from somebody else."""

from datetime import timedelta
from pathlib import Path

import pytest

from models import mail_outbox
from models.facts import TenantFacts
from models.message_files import MessageFolder
from tests.unit.models.builders import NOON, a_tenant, left

LEASE = timedelta(minutes=2)


@pytest.fixture
async def acme(database: str) -> TenantFacts:
    return await a_tenant("acme")


@pytest.fixture
def files(tmp_path: Path) -> MessageFolder:
    return MessageFolder(tmp_path / "voicemail")


async def test_two_senders_never_have_the_same_mail(
    acme: TenantFacts, files: MessageFolder
) -> None:
    await left(acme, files, "a@acme.test")
    (delivery_id,) = await mail_outbox.due(home=await files.home_id(), at=NOON, limit=9)

    assert await mail_outbox.claim(delivery_id, at=NOON, lease=LEASE) is not None
    assert await mail_outbox.claim(delivery_id, at=NOON, lease=LEASE) is None

    after_death = await mail_outbox.claim(delivery_id, at=NOON + LEASE, lease=LEASE)
    assert after_death is not None
    assert after_death.attempts == 2


async def test_what_could_not_be_handed_over_goes_at_once_when_the_server_is_back(
    acme: TenantFacts, files: MessageFolder
) -> None:
    home = await files.home_id()
    await left(acme, files, "unreached@acme.test", "busy@acme.test", "bounced@acme.test")
    unreached, busy, bounced = await mail_outbox.due(home=home, at=NOON, limit=9)
    later = NOON + timedelta(hours=6)
    await mail_outbox.mark_deferred(unreached, until=later, status=0, error="refused")
    await mail_outbox.mark_deferred(busy, until=later, status=451, error="451 busy")
    await mail_outbox.mark_bounced(bounced, at=NOON, status=0, error="given up")

    assert await mail_outbox.hurry_unreached(home="another", at=NOON) == 0
    assert await mail_outbox.hurry_unreached(home=home, at=NOON) == 1
    assert await mail_outbox.due(home=home, at=NOON, limit=9) == [unreached]


async def test_no_tenants_backlog_comes_before_anothers_first_mail(
    acme: TenantFacts, files: MessageFolder
) -> None:
    others = [await a_tenant("bravo"), await a_tenant("coda")]
    home = await files.home_id()
    for _ in range(9):
        await left(acme, files, "backlog@acme.test")
    for other in others:
        await left(other, files, f"first@{other.name}.test", f"second@{other.name}.test")

    for limit in (1, 4, 6):
        ids = await mail_outbox.due(home=home, at=NOON, limit=limit)

        claimed = [await mail_outbox.claim(one, at=NOON, lease=timedelta()) for one in ids]
        tenants = [mail.tenant for mail in claimed if mail is not None]
        assert sorted(tenants[:3]) == ["acme", "bravo", "coda"]
        assert len(tenants) == max(3, limit // 3 * 3)
