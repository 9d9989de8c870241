"""Trunks that are put into a running Asterisk, and calls that carriers bring."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from ari_client import AriClient
from models.facts import TrunkFacts
from stasis_apps.services.trunk_lines import TrunkLine, TrunkLines
from tests.contract.asterisk_conf import raw_sip
from tests.contract.asterisk_conf.carrier import Carrier
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.test_dialplan import an_application
from tests.contract.asterisk_conf.test_registration import secret
from tests.support.waiting import until_told

pytestmark = pytest.mark.asterisk

MOSCOW = "trunk-1a2b3c4d"
PASSWORD = "the carrier's secret"


@pytest.fixture
async def carrier() -> AsyncIterator[Carrier]:
    async with Carrier.listening(PASSWORD) as listening:
        yield listening


@pytest.fixture
async def ari(running: Exchange) -> AsyncIterator[AriClient]:
    async with running.ari() as client:
        yield client


@pytest.fixture
def lines(ari: AriClient) -> TrunkLines:
    return TrunkLines(ari)


def moscow(carrier: Carrier, **changed: object) -> TrunkLine:
    facts = TrunkFacts(
        id=1,
        name="moscow",
        endpoint=MOSCOW,
        registration="outbound",
        host="127.0.0.1",
        port=carrier.port,
        username="74951234567",
        qualify_s=1,
        password_mark="first",
    )
    return TrunkLine(facts=replace(facts, **changed), password=PASSWORD, tenant_id=1)  # type: ignore[arg-type]  # fields by name


async def test_a_new_trunk_registers_at_once(lines: TrunkLines, carrier: Carrier) -> None:
    await lines.make_equal([moscow(carrier)])

    registration = await carrier.has_registration(300, within_s=2.5)

    assert registration.user == "74951234567"
    assert registration.contact.startswith("<sip:74951234567@")


async def test_a_changed_trunk_registers_anew_and_the_old_registration_does_not_linger(
    lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)

    await lines.make_equal([moscow(carrier, expires_s=120)])
    await carrier.has_registration(120)

    assert [one.expires_s for one in carrier.accepted] == [300, 0, 120]


async def test_a_removed_trunk_takes_its_registration_back(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)

    await lines.make_equal([])

    await carrier.has_registration(0)
    for what in ("registrations", "auths", "identifies", "contacts"):
        assert MOSCOW not in await running.process.console(f"pjsip show {what}")
    told = await running.process.console(f"pjsip show endpoint {MOSCOW}")
    assert "Unable to find" in told


async def test_a_new_password_is_tried_at_once(lines: TrunkLines, carrier: Carrier) -> None:
    line = moscow(carrier)
    await lines.make_equal([replace(line, password="wrong")])
    await carrier.has_refused(1)

    await lines.make_equal([replace(line, facts=replace(line.facts, password_mark="second"))])

    await carrier.has_registration(300)


async def test_the_next_application_leaves_a_trunk_alone_that_is_as_it_should_be(
    lines: TrunkLines, ari: AriClient, carrier: Carrier, running: Exchange
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)
    before = await running.process.console("pjsip show registration " + MOSCOW)

    await TrunkLines(ari).make_equal([moscow(carrier)])

    after = await running.process.console("pjsip show registration " + MOSCOW)
    assert "Registered" in before
    assert "Registered" in after
    assert len(carrier.accepted) == 1


async def test_the_next_application_takes_away_what_nobody_wants(
    lines: TrunkLines, ari: AriClient, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)

    await TrunkLines(ari).make_equal([])

    await carrier.has_registration(0)


async def test_a_trunk_whose_password_cannot_be_read_now_goes_on_as_it_is(
    running: Exchange, lines: TrunkLines, ari: AriClient, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)

    await TrunkLines(ari).make_equal([], left_alone=[MOSCOW])

    assert "Registered" in await running.process.console("pjsip show registrations")
    assert [one.expires_s for one in carrier.accepted] == [300]


async def test_a_restarted_asterisk_gets_its_trunks_again(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)
    await running.process.stop()
    carrier.accepted.clear()
    await running.process.start()

    lines.forget()
    await lines.make_equal([moscow(carrier)])

    await carrier.has_registration(300)


async def test_a_trunk_that_asterisk_refuses_does_not_stop_the_others(
    lines: TrunkLines, carrier: Carrier
) -> None:
    bad = moscow(carrier, endpoint="trunk-00000000", codecs=("no such codec",))

    await lines.make_equal([bad, moscow(carrier)])

    await carrier.has_registration(300)


async def test_the_password_of_a_trunk_stands_in_no_file_of_asterisk(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)
    await lines.make_equal([moscow(carrier, password_mark="second")])
    await lines.make_equal([])
    await running.process.stop()

    files = [path for path in running.settings.folder.rglob("*") if path.is_file()]

    assert running.settings.log_file in files
    assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []


async def test_trunks_are_no_reason_to_complain(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    carrier.refusal = "403 Forbidden"
    await lines.make_equal([moscow(carrier)])
    await carrier.has_refused(1)
    await lines.make_equal([])

    assert await running.process.complaints() == []


async def test_how_fast_a_carrier_answers_is_known(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])

    async def is_available() -> bool:
        contacts = await running.process.console("pjsip show contacts")
        return any(MOSCOW in line and "Avail" in line for line in contacts.splitlines())

    await until_told(is_available, within_s=8, saying="the carrier answers")


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

    assert channel["args"] == ["trunk"]
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

    assert channel["args"] == ["trunk"]


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
    assert channel["args"] == ["trunk"]
    assert channel["tenantid"] == "1"


async def test_while_the_application_is_away_a_carrier_is_told_to_try_later(
    running: Exchange, lines: TrunkLines, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_sip, "ANSWER_LIMIT_S", 30.0)
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

    await lines.make_equal([moscow(carrier, is_enabled=False)])

    await carrier.has_registration(0)
    status = await carrier.call(
        "sip:74951234567@127.0.0.1",
        caller="sip:+79161234567@carrier.example",
        port=running.settings.sip_bind_port,
    )
    assert status == 401
