"""What a change of a trunk's settings does to the calls that come from its carrier meanwhile."""

import asyncio

import pytest

from ari_client import AriClient
from stasis_apps.services.trunk_lines import TrunkLines
from stasis_apps.services.trunk_objects import CONFIG_CLASS
from tests.contract.asterisk_conf.carrier import Carrier
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.trunks import MOSCOW, PASSWORD, moscow

pytestmark = pytest.mark.asterisk

CHANGES = 5


async def test_no_request_is_taken_for_a_strangers_while_its_trunk_changes(
    running: Exchange, ari: AriClient, carrier: Carrier
) -> None:
    lines = TrunkLines(ari)
    await lines.make_equal([moscow(carrier)])
    is_over = asyncio.Event()
    statuses: list[int] = []

    async def it_is_asked() -> None:
        async with running.phone() as phone:  # at the carrier's address
            while not is_over.is_set():
                statuses.append((await phone.ask("OPTIONS", "1", "carrier.test")).status)

    asking = asyncio.create_task(it_is_asked())
    for change in range(CHANGES):
        codecs = (("alaw",), ("ulaw", "g722"))[change % 2]
        await lines.make_equal([moscow(carrier, codecs=codecs, qualify_s=60 + change)])
        lines = TrunkLines(ari)  # the next change is an application's that was just started
    is_over.set()
    await asking

    assert len(statuses) > CHANGES
    assert set(statuses) == {200}  # a stranger is asked for a login: 401


async def test_nothing_of_the_old_settings_is_left(
    lines: TrunkLines, ari: AriClient, carrier: Carrier
) -> None:
    wanted = moscow(carrier)
    await lines.make_equal([wanted])
    fresh = await held(ari)

    await lines.make_equal(
        [
            moscow(
                carrier,
                codecs=("gsm", "opus"),
                port=carrier.port + 1,
                from_user="somebody",
                auth_username="another",
                caller_source="identity",
                forwarded_by="none",
                encryption="optional",
                transport="tcp",
                qualify_s=7,
            )
        ]
    )
    assert await held(ari) != fresh
    await lines.make_equal([wanted])

    assert await held(ari) == fresh


async def test_a_new_password_leaves_no_trace_in_asterisks_log(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    await lines.make_equal([moscow(carrier)])
    await lines.make_equal([moscow(carrier, password_mark="second", expires_s=120)])

    assert PASSWORD not in running.settings.log_file.read_text()
    assert await running.process.complaints() == []


async def held(ari: AriClient) -> set[tuple[str, str, str]]:
    """What Asterisk holds of the trunk."""
    return {
        (kind, one.attribute, one.value)
        for kind in ("auth", "aor", "endpoint")
        for one in await ari.asterisk.get_object(CONFIG_CLASS, kind, MOSCOW)
    }
