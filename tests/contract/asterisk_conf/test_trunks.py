"""Trunks that are put into a running Asterisk, and register."""

from dataclasses import replace

import pytest

from ari_client import AriClient
from stasis_apps.services.trunk_lines import TrunkLines
from tests.contract.asterisk_conf.carrier import Carrier
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.trunks import MOSCOW, PASSWORD, has_heard_of_it, moscow
from tests.support.waiting import until_told

pytestmark = pytest.mark.asterisk


async def test_a_new_trunk_registers_at_once(lines: TrunkLines, carrier: Carrier) -> None:
    await lines.make_equal([moscow(carrier)])

    registration = await carrier.has_registration(300)

    assert registration.user == "74951234567"
    assert registration.contact.startswith("<sip:74951234567@")


async def test_a_changed_trunk_registers_anew_and_the_old_registration_does_not_linger(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)
    await has_heard_of_it(running)

    await lines.make_equal([moscow(carrier, expires_s=120)])
    await carrier.has_registration(120)

    assert [one.expires_s for one in carrier.accepted] == [300, 0, 120]


async def test_a_removed_trunk_takes_its_registration_back(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)
    await has_heard_of_it(running)

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
    await has_heard_of_it(running)
    before = await running.process.console("pjsip show registration " + MOSCOW)

    await TrunkLines(ari).make_equal([moscow(carrier)])

    after = await running.process.console("pjsip show registration " + MOSCOW)
    assert "Registered" in before
    assert "Registered" in after
    assert len(carrier.accepted) == 1


async def test_the_next_application_takes_away_what_nobody_wants(
    running: Exchange, lines: TrunkLines, ari: AriClient, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)
    await has_heard_of_it(running)

    await TrunkLines(ari).make_equal([])

    await carrier.has_registration(0)


async def test_a_trunk_whose_password_cannot_be_read_now_goes_on_as_it_is(
    running: Exchange, lines: TrunkLines, ari: AriClient, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await carrier.has_registration(300)
    await has_heard_of_it(running)

    await TrunkLines(ari).make_equal([], left_alone=[moscow(carrier)])

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

    await until_told(is_available, saying="the carrier answers")
