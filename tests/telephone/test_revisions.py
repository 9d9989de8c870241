"""A plan that changes while people call: who is talking keeps it, the next call has the new one."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.support import sound
from tests.support.plain_phone import PlainPhone
from tests.support.tenant import Tenant
from tests.telephone.conftest import add_announcements

CHANGES = 3


class SeenRevision(msgspec.Struct):
    """One row of ``pbx tenant history --json``."""

    revision: int
    what: str


class LiveCall(msgspec.Struct):
    """One row of ``pbx calls live --json``."""

    caller_number: str
    revision: int


@pytest.fixture(scope="module")
def company(a_tenant: Callable[..., Tenant], sounds: dict[str, Path]) -> Tenant:
    """Two people, and a greeting whose only key leads to the news."""
    tenant = a_tenant("100", "101")
    add_announcements(tenant, sounds)
    tenant.add_sound("welcome", sounds["welcome"])
    tenant.add_element("greeting", "5000", sound="welcome", keys__1="5101", first_digit_s="60")
    tenant.wait_until_in_effect()
    return tenant


async def history(tenant: Tenant) -> list[SeenRevision]:
    said = await tenant.exchange.pbx("tenant", "history", tenant.name)
    return msgspec.json.decode(said, type=list[SeenRevision])


async def revisions_of_live_calls(tenant: Tenant) -> dict[str, int]:
    said = await tenant.exchange.pbx("calls", "live", "--tenant", tenant.name)
    calls = msgspec.json.decode(said, type=list[LiveCall])
    return {call.caller_number: call.revision for call in calls}


def lead_key_one_to(tenant: Tenant, number: str) -> None:
    changed = ("element", "set", "5000", "--set", f"keys.1={number}", "--tenant", tenant.name)
    tenant.exchange.pbx_now(*changed)
    tenant.wait_until_in_effect()


async def test_who_is_on_the_line_keeps_the_plan_and_the_next_caller_has_the_new_one(
    company: Tenant,
) -> None:
    lead_key_one_to(company, "5101")
    old = (await history(company))[0]
    async with (
        PlainPhone(company.account("100")) as early,
        PlainPhone(company.account("101")) as late,
    ):
        before = early.dial("5000")
        await before.established()
        await before.ear.hears(sound.WELCOME)

        lead_key_one_to(company, "5102")
        new = (await history(company))[0]
        after = late.dial("5000")
        await after.established()
        await after.ear.hears(sound.WELCOME)
        assert await revisions_of_live_calls(company) == {"100": old.revision, "101": new.revision}

        await before.press("1")
        await before.ear.hears(sound.NEWS)
        await after.press("1")
        await after.ear.hears(sound.SILENT_END)
        await before.hang_up()
        await after.hang_up()

    assert (old.revision < new.revision, new.what) == (True, "element set 5000")


async def test_every_change_is_in_effect_and_asterisk_reloads_nothing(company: Tenant) -> None:
    reloaded = await company.exchange.inside.last_reload()
    for change in range(CHANGES):
        lead_key_one_to(company, f"510{1 + change % 3}")
    async with PlainPhone(company.account("100")) as caller:
        call = caller.dial("5000")
        await call.established()
        newest = (await history(company))[0]
        assert await revisions_of_live_calls(company) == {"100": newest.revision}
        await call.hang_up()
    assert await company.exchange.inside.last_reload() == reloaded


async def test_a_phone_that_was_removed_by_mistake_works_again_after_the_way_back(
    company: Tenant,
) -> None:
    before = (await history(company))[0]
    company.remove("extension", "101")
    company.exchange.pbx_now(
        *("tenant", "rollback", company.name, str(before.revision), "--yes"),
    )
    company.wait_until_in_effect()
    async with (
        PlainPhone(company.account("100")) as caller,
        PlainPhone(company.account("101")) as callee,  # with the password it had
    ):
        calling = caller.dial("101")
        await (await callee.rings()).answer()
        await calling.established()
        await calling.hang_up()
