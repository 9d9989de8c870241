"""Phones register, and only those who may."""

from collections.abc import Callable

import pytest

from tests.support.baresip import Phone
from tests.support.exchange import Exchange
from tests.support.tenant import Tenant, demo_tenant
from tests.support.waiting import until_told


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_phone_with_the_right_password_registers(office: Tenant, transport: str) -> None:
    async with Phone(office.account("100", transport=transport)) as phone:
        await phone.registered()


async def test_a_phone_with_a_wrong_password_stays_outside(office: Tenant) -> None:
    account = office.account("100", password="guessed")
    async with Phone(account) as phone:
        assert await phone.register_fails() == "401 Unauthorized"


async def test_people_of_two_companies_register_with_the_same_extension_number(
    office: Tenant, neighbour: Tenant
) -> None:
    async with Phone(office.account("100")) as ours, Phone(neighbour.account("100")) as theirs:
        await ours.registered()
        await theirs.registered()


async def test_a_password_of_one_company_opens_nothing_in_another(
    office: Tenant, neighbour: Tenant
) -> None:
    account = office.account("100", password=neighbour.passwords["100"])
    async with Phone(account) as phone:
        assert await phone.register_fails() == "401 Unauthorized"


async def test_a_wrong_password_in_one_company_does_not_disturb_its_namesake(
    office: Tenant, neighbour: Tenant
) -> None:
    async with (
        Phone(office.account("100", password="guessed")) as intruder,
        Phone(neighbour.account("100")) as namesake,
    ):
        await intruder.register_fails()
        await namesake.registered()


async def test_a_phone_that_knows_only_an_ip_address_registers_and_calls(
    a_tenant: Callable[..., Tenant],
) -> None:
    tenant = a_tenant("100", "101", aliases=("127.0.0.2",))
    async with (
        Phone(tenant.account("100", domain="127.0.0.2")) as caller,
        Phone(tenant.account("101")) as callee,
    ):
        await caller.registered()
        await callee.registered()

        await caller.dial("101")
        await callee.rings()
        await callee.answer()
        await caller.established()

        await caller.hang_up()
        await callee.closed()


async def test_the_operator_sees_where_a_phone_is_and_that_it_has_gone(office: Tenant) -> None:
    async with Phone(office.account("102")) as phone:
        await phone.registered()

        here = (await office.devices())["102"]
        assert here.is_registered
        assert here.state in ("registered", "reachable")
        assert here.user_agent is not None
        assert here.user_agent.startswith("baresip")
        assert here.address is not None
        assert here.address.startswith("127.0.0.1")

    async def has_gone() -> bool:
        return (await office.devices())["102"].state == "not registered"

    await until_told(has_gone, saying="the phone has signed off")


async def test_a_person_who_was_taken_in_a_moment_ago_registers_and_is_called(
    office: Tenant,
) -> None:
    office.add_extension("177")
    office.wait_until_in_effect()
    async with Phone(office.account("177")) as newcomer, Phone(office.account("100")) as caller:
        await newcomer.registered()
        await caller.registered()

        await caller.dial("177")
        await newcomer.rings()

        await caller.hang_up()
        await newcomer.closed()


async def test_a_demo_phone_that_knows_nothing_but_an_ip_address_reaches_the_greeting(
    exchange: Exchange,
) -> None:
    demo = await demo_tenant(exchange)
    async with Phone(demo.account("100", domain="127.0.0.1")) as phone:
        await phone.registered()
        await phone.dial("5000")
        await phone.established()
        await phone.receives_sound(1.0)
        await phone.hang_up()
