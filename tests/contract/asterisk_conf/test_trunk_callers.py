"""Calls that carriers bring: whose they are, and what the application is told of them."""

import asyncio
from dataclasses import replace

import pytest

from ari_client import AriClient
from stasis_apps.services.trunk_lines import TrunkLines
from tests.contract.asterisk_conf.carrier import Carrier
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.test_dialplan import an_application
from tests.contract.asterisk_conf.test_registration import secret
from tests.contract.asterisk_conf.trunks import MOSCOW, PASSWORD, has_heard_of_it, moscow

pytestmark = pytest.mark.asterisk


@pytest.mark.parametrize("dialled", ["74951234567", "+74951234567", "info", "100", "5000", "h1"])
async def test_a_carriers_call_reaches_the_application_as_the_trunks(
    running: Exchange, lines: TrunkLines, carrier: Carrier, dialled: str
) -> None:
    await lines.make_equal([moscow(carrier)])
    async with an_application(running) as application:
        calling = asyncio.create_task(
            carrier.call(
                f"sip:{dialled}@127.0.0.1",
                caller="sip:+79161234567@carrier.example",
                port=running.settings.sip_bind_port,
            )
        )
        channel = await application.refuse_next()
        assert await calling == 403
        await application.no_further_call()

    assert channel["args"] == ["trunk", "allowed_not_screened", ""]
    assert channel["tenantid"] == "1"
    assert channel["dialplan"]["exten"] == dialled  # type: ignore[index]  # JSON from Asterisk
    assert channel["caller"] == {"name": "", "number": "+79161234567"}
    assert str(channel["name"]).startswith(f"PJSIP/{MOSCOW}-")


async def test_a_carriers_call_without_a_number_reaches_the_application(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    async with an_application(running) as application:
        calling = asyncio.create_task(
            carrier.call(
                "sip:127.0.0.1",
                caller="sip:anonymous@anonymous.invalid",
                port=running.settings.sip_bind_port,
            )
        )
        channel = await application.refuse_next()
        await calling

    assert channel["args"] == ["trunk", "allowed_not_screened", ""]


@pytest.mark.parametrize(
    ("source", "also", "told"),
    [
        ("identity", "Privacy: id", ["prohib_not_screened", "id"]),
        ("identity", "Privacy: none", ["allowed_not_screened", "none"]),
        ("identity", "X-Other: id", ["allowed_not_screened", ""]),
        ("from", "Privacy: header;id, ${EXTEN},x", ["allowed_not_screened", "headeridEXTENx"]),
        ("from", "X-Other: id", ["allowed_not_screened", ""]),
    ],
)
async def test_the_application_is_told_whether_a_caller_may_be_shown(
    running: Exchange, lines: TrunkLines, carrier: Carrier, source: str, also: str, told: list[str]
) -> None:
    await lines.make_equal([moscow(carrier, caller_source=source)])
    identity = "P-Asserted-Identity: <sip:+79031112233@carrier.example>"
    async with an_application(running) as application:
        calling = asyncio.create_task(
            carrier.call(
                "sip:74951234567@127.0.0.1",
                caller="sip:+79161234567@carrier.example",
                port=running.settings.sip_bind_port,
                also=(identity, also),
            )
        )
        channel = await application.refuse_next()
        await calling

    assert channel["args"] == ["trunk", *told]
    assert await running.process.complaints() == []


async def test_two_customers_of_one_carrier_are_told_apart(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    ours = moscow(carrier)
    theirs = replace(
        moscow(carrier, endpoint="trunk-5e6f7a8b", username="74957654321"), tenant_id=2
    )
    for line in (ours, theirs):
        carrier.accepted.clear()
        await lines.make_equal([ours] if line is ours else [ours, theirs])
        contact = (await carrier.has_registration(300)).contact.strip("<>")
        async with an_application(running) as application:
            calling = asyncio.create_task(
                carrier.call(
                    contact,
                    caller="sip:+79161234567@carrier.example",
                    port=running.settings.sip_bind_port,
                )
            )
            channel = await application.refuse_next()
            await calling

        assert channel["tenantid"] == str(line.tenant_id)


@pytest.mark.parametrize("first", [1, 2])
async def test_a_call_that_does_not_say_whose_customers_it_is_for_is_given_to_neither(
    running: Exchange, lines: TrunkLines, carrier: Carrier, first: int
) -> None:
    """Two tenants register at one carrier, which calls without the mark of a registration."""
    ours = moscow(carrier)
    theirs = replace(
        moscow(carrier, endpoint="trunk-5e6f7a8b", username="74957654321"), tenant_id=2
    )
    both = [ours, theirs] if first == 1 else [theirs, ours]
    await lines.make_equal(both[:1])
    await carrier.has_registration(300)
    carrier.accepted.clear()
    await lines.make_equal(both)
    contact = (await carrier.has_registration(300)).contact.strip("<>")
    async with an_application(running) as application:
        for user in ("74951234567", "74957654321"):
            assert await carrier.call(
                f"sip:{user}@127.0.0.1",
                caller="sip:+79161234567@carrier.example",
                port=running.settings.sip_bind_port,
            ) in (401, 404)
        await application.no_further_call()
        calling = asyncio.create_task(
            carrier.call(
                contact,
                caller="sip:+79161234567@carrier.example",
                port=running.settings.sip_bind_port,
            )
        )
        channel = await application.refuse_next()
        await calling

    assert channel["tenantid"] == str(both[1].tenant_id)


async def test_where_a_carriers_calls_come_from_changes_without_a_call_lost(
    running: Exchange, ari: AriClient, carrier: Carrier
) -> None:
    """The name leads elsewhere, then here again, and nobody registers anew."""
    answers = [("127.0.0.1",), ("127.0.0.1", "192.0.2.7"), ("127.0.0.1",)]

    async def look_up(_: str) -> tuple[str, ...]:
        return answers[0]

    lines = TrunkLines(ari, look_up)
    line = moscow(carrier, proxy=f"127.0.0.1:{carrier.port}", host="sip.carrier.example")
    await lines.make_equal([line])
    await carrier.has_registration(300)
    while answers:
        await lines.ask_dns_again()
        told = await running.process.console("pjsip show identifies")
        assert ("192.0.2.7/32" in told) is ("192.0.2.7" in answers[0])
        assert told.count("Identify:  trunk-") == 1
        answers.pop(0)

    assert len(carrier.accepted) == 1


async def test_the_next_application_keeps_the_senders_while_dns_is_silent(
    running: Exchange, ari: AriClient, carrier: Carrier
) -> None:
    async def look_up(_: str) -> tuple[str, ...]:
        return ("192.0.2.7", "192.0.2.6", "2001:db8::1")

    async def silence(_: str) -> tuple[str, ...]:
        return ()

    line = moscow(carrier, proxy=f"127.0.0.1:{carrier.port}", host="sip.carrier.example")
    lines = TrunkLines(ari, look_up)
    await lines.make_equal([line])
    await lines.ask_dns_again()
    await carrier.has_registration(300)
    for _ in range(2):
        next_one = TrunkLines(ari, silence)
        await next_one.make_equal([line])
        await next_one.ask_dns_again()
        told = await running.process.console("pjsip show identifies")
        for sender in ("127.0.0.1/32", "192.0.2.6/32", "192.0.2.7/32", "2001:db8::1/128"):
            assert sender in told
    assert len(carrier.accepted) == 1


async def test_a_phone_behind_the_address_of_a_trunk_is_still_a_phone(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    async with an_application(running) as application, running.phone() as phone:
        registered = await phone.log_in("REGISTER", "100", "acme.test", secret("100"))
        unknown = await phone.ask("INVITE", "100", "acme.test", to="101")
        calling = asyncio.create_task(
            phone.log_in("INVITE", "100", "acme.test", secret("100"), to="101")
        )
        channel = await application.refuse_next()
        await calling

    assert (registered.status, unknown.status) == (200, 401)
    assert channel["args"] == ["phone"]


async def test_a_carrier_that_registers_here_is_known_by_its_login(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    line = moscow(carrier, registration="inbound", host="", port=None)
    await lines.make_equal([line])
    async with an_application(running) as application, running.phone() as exchange:
        host = "pbx.example"
        refused = await exchange.log_in("REGISTER", MOSCOW, host, "wrong")
        registered = await exchange.log_in("REGISTER", MOSCOW, host, PASSWORD)
        calling = asyncio.create_task(
            exchange.log_in("INVITE", "79161234567", host, PASSWORD, to="74951234567", login=MOSCOW)
        )
        channel = await application.refuse_next()
        await calling

    assert (refused.status, registered.status) == (401, 200)
    assert channel["args"] == ["trunk", "allowed_not_screened", ""]
    assert channel["tenantid"] == "1"


async def test_while_the_application_is_away_a_carrier_is_told_to_try_later(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    async with running.phone() as colleague:
        await colleague.log_in("REGISTER", "101", "acme.test", secret("101"))
        colleague.waiting()
        status = await carrier.call(
            "sip:101@acme.test",
            caller="sip:+79161234567@carrier.example",
            port=running.settings.sip_bind_port,
        )
        heard = colleague.waiting()

    assert status == 503
    assert not any(message.startswith(b"INVITE") for message in heard)


async def test_a_trunk_that_is_switched_off_takes_no_calls(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)
    await has_heard_of_it(running)

    await lines.make_equal([moscow(carrier, is_enabled=False)])

    await carrier.has_registration(0)
    status = await carrier.call(
        "sip:74951234567@127.0.0.1",
        caller="sip:+79161234567@carrier.example",
        port=running.settings.sip_bind_port,
    )
    assert status == 401
