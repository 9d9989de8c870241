"""Two companies on one exchange: nobody of one reaches anybody of the other."""

import pytest

from tests.support import sound
from tests.support.baresip import Phone
from tests.support.tenant import Tenant


async def test_the_same_number_leads_to_the_colleague_and_not_to_the_stranger(
    office: Tenant, neighbour: Tenant
) -> None:
    async with (
        Phone(office.account("100"), plays=sound.ALICE) as caller,
        Phone(office.account("101"), plays=sound.BORIS, answers="auto") as colleague,
        Phone(neighbour.account("101"), plays=sound.CLARA, answers="auto") as stranger,
    ):
        for phone in (caller, colleague, stranger):
            await phone.registered()
        await caller.dial("101")

        await colleague.established()
        await caller.ear.hears(sound.BORIS)
        assert not stranger.messages("INVITE", sent=False)
        await caller.hang_up()
        await colleague.closed()


async def test_a_number_of_the_other_company_does_not_exist(
    office: Tenant, neighbour: Tenant
) -> None:
    async with Phone(office.account("100")) as caller, Phone(neighbour.account("1101")) as other:
        await caller.registered()
        await other.registered()

        await caller.dial("1101")

        assert (await caller.closed()).startswith("404")
        assert not other.messages("INVITE", sent=False)


@pytest.mark.parametrize("number", ["101", "1101"])
async def test_naming_the_other_company_in_the_address_does_not_help(
    office: Tenant, neighbour: Tenant, number: str
) -> None:
    async with (
        Phone(office.account("100")) as caller,
        Phone(neighbour.account(number), answers="auto") as stranger,
    ):
        await caller.registered()
        await stranger.registered()

        await caller.dial(f"sip:{number}@{neighbour.domain}")

        assert not (await caller.closed()).startswith("2")
        assert not stranger.messages("INVITE", sent=False)


async def test_calls_of_one_company_are_not_in_the_list_of_the_other(
    office: Tenant, neighbour: Tenant
) -> None:
    ours, theirs = office.new_calls(), neighbour.new_calls()
    async with Phone(office.account("100")) as caller:
        await caller.registered()
        await caller.dial("4999")
        await caller.closed()

    await ours.one()
    assert await theirs.so_far() == []
