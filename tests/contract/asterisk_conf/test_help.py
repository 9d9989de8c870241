"""Emergency calls while the application is away: Asterisk finds a trunk. The carriers are ours."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import phonenumbers
import pytest

from models.emergency_lines import dials_of
from models.feature_codes import feature_codes
from stasis_apps.plan import NumberPlan
from stasis_apps.services.help_while_away import HelpWhileAway
from stasis_apps.services.notices import Notices
from stasis_apps.services.trunk_lines import TrunkLine, TrunkLines
from stasis_apps.settings import read_settings
from tests.contract.asterisk_conf import raw_sip
from tests.contract.asterisk_conf.carrier import Carrier
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.raw_sip import RawPhone
from tests.contract.asterisk_conf.test_registration import secret
from tests.contract.asterisk_conf.trunks import PASSWORD, moscow
from tests.support.builders import a_plan, a_tenant
from tests.support.waiting import until, until_told

pytestmark = pytest.mark.asterisk

SPARE = "trunk-0000beef"


@pytest.fixture
async def other() -> AsyncIterator[Carrier]:
    async with Carrier.listening(PASSWORD) as listening:
        yield listening


def spare(carrier: Carrier, **changed: object) -> TrunkLine:
    """A second line; a trunk that is known by its address."""
    return moscow(
        carrier, **{"id": 2, "name": "spare", "endpoint": SPARE, "registration": "none", **changed}
    )


async def call(
    exchange: Exchange, dialled: str, device: str = "100", password: str | None = None
) -> int:
    """Dial, and give the status of the final answer."""
    async with exchange.phone() as phone:
        return (await dial(phone, dialled, device, password or secret(device))).status


async def dial(phone: RawPhone, dialled: str, device: str, password: str) -> raw_sip.Answer:
    return await phone.log_in("INVITE", device, "acme.test", password, to=dialled)


def shown(invitation: bytes) -> str:
    """The user of the From header."""
    found = re.search(rb"^From:.*?sip:([^@>]*)@", invitation, re.MULTILINE)
    assert found is not None
    return found[1].decode()


async def test_one_trunk_after_the_other_is_tried_and_shows_the_number_of_the_place(
    running: Exchange, lines: TrunkLines, carrier: Carrier, other: Carrier
) -> None:
    both = [moscow(carrier, caller_id_format="e164_plus"), spare(other)]
    await lines.make_equal(both)
    running.help_through("112@acme.test", dials_of([one.facts for one in both], "112", "RU"))
    running.shows_for_help("100@acme.test", "1|84951234567|74951234567||")

    status = await call(running, "112")

    assert status == 503
    assert [one.split(b" ")[1].split(b"@")[0] for one in carrier.invitations] == [b"sip:112"] * 2
    assert [shown(one) for one in carrier.invitations] == ["+74951234567"] * 2
    assert [shown(one) for one in other.invitations] == ["84951234567"] * 2


async def test_a_trunk_that_answers_no_questions_is_tried_last(
    running: Exchange, lines: TrunkLines, carrier: Carrier, other: Carrier
) -> None:
    other.is_silent, carrier.says = True, "180 Ringing"
    silent = spare(other)
    first = replace(silent, facts=replace(silent.facts, qualify_s=1))
    await lines.make_equal([first, moscow(carrier, registration="none")])
    await until_unavailable(running, SPARE)
    trunks = [first.facts, moscow(carrier).facts]
    running.help_through("112@acme.test", dials_of(trunks, "112", "RU"))
    async with running.phone() as phone:
        calling = asyncio.create_task(dial(phone, "112", "100", secret("100")))
        await until(lambda: carrier.invitations, saying="nobody called")
        calling.cancel()

    assert other.invitations == []


SHOWN = {
    "112": ("1|84951234567|74951234567||", {"caller_id_format": "national"}, "84951234567"),
    "113": ("1|84951234567|74951234567||", {"caller_id_format": "e164"}, "74951234567"),
    "114": ("1|+12125550100|12125550100||", {"caller_id_format": "national"}, "+12125550100"),
    "115": ("1|||84957654321|74957654321", {"caller_id_format": "e164"}, "74957654321"),
    "116": ("1|||84957654321|74957654321", {"caller_id": "74950000000"}, "74950000000"),
    "117": ("1||||", {}, "74951234567"),
    "118": ("1||||", {"username": "acme", "caller_id_format": "e164_plus"}, "acme"),
    "119": ("1||||", {"username": "a&b|c"}, "100"),
}
"""What the tables say of the caller and of the trunk, and what the carrier sees; by number."""


async def test_the_number_shown_follows_the_chain_and_the_form_that_the_trunk_wants(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    line = moscow(carrier, registration="none")
    await lines.make_equal([line])
    for number, (caller, changed, _expected) in SHOWN.items():
        trunk = moscow(carrier, registration="none", **changed).facts
        running.help_through(f"{number}@acme.test", dials_of([trunk], number, "RU"))
        running.add_device(f"100-{number}", "acme.test", f"of {number}", "100")
        running.shows_for_help(f"100-{number}@acme.test", caller)

    await asyncio.gather(
        *(call(running, number, f"100-{number}", f"of {number}") for number in SHOWN)
    )

    seen = {one.split(b"@")[0][-3:].decode(): shown(one) for one in carrier.invitations}
    assert seen == {number: expected for number, (_, _, expected) in SHOWN.items()}


HIDING = sorted(
    {
        code.code
        for country in phonenumbers.SUPPORTED_REGIONS
        for code in feature_codes(country)
        if code.takes_number
    }
)


@pytest.mark.parametrize("code", HIDING)
async def test_behind_a_code_that_hides_the_number_help_is_called_all_the_same(
    running: Exchange, lines: TrunkLines, carrier: Carrier, code: str
) -> None:
    line = moscow(carrier, registration="none")
    await lines.make_equal([line])
    running.help_through("112@acme.test", dials_of([line.facts], "112", "RU"))

    await call(running, f"{code}112")

    assert [one.split(b" ")[1].split(b"@")[0] for one in carrier.invitations] == [b"sip:112"] * 2


async def test_no_other_number_leaves_by_itself(
    running: Exchange, lines: TrunkLines, carrier: Carrier
) -> None:
    line = moscow(carrier, registration="none")
    await lines.make_equal([line])
    for tenant in ("acme", "beta"):
        running.help_through(f"112@{tenant}.test", dials_of([line.facts], "112", "RU"))

    others = ["113", "0112", "1120", "112x", "+112", "%2B112", "112%40beta.test", "*112", "*66112"]
    statuses = await asyncio.gather(*(call(running, dialled) for dialled in others))

    assert set(statuses) == {503}
    assert carrier.invitations == []


async def until_unavailable(exchange: Exchange, endpoint: str) -> None:
    """Wait until Asterisk has found out that the other end does not answer."""

    async def is_known_to_be_away() -> bool:
        return "Unavail" in await exchange.process.console(f"pjsip show aor {endpoint}")

    await until_told(is_known_to_be_away, saying="it is still taken for reachable")


async def test_administrators_hear_of_a_call_that_nobody_of_us_has_seen(running: Exchange) -> None:
    running.help_through("112@acme.test", "trunk-none|PJSIP/112@trunk-none|as_written||||7|8")
    running.shows_for_help("100@acme.test", "1||||")
    plan = a_plan(tenant=a_tenant(id=1))
    notices = Notices()
    away = HelpWhileAway(
        read_settings({"PBX_HOME": str(running.settings.home)}), OnePlan(plan), notices
    )
    await away.look()
    assert list(notices.told) == []
    await call(running, "112")

    await away.look()
    await away.look()

    (notice,) = notices.told
    assert (notice.kind, notice.facts["number"]) == ("emergency_call", "112")
    assert (notice.facts["phone"], notice.facts["alone"]) == ("100", "yes")
    assert "0 results" in await running.process.console("database show emergency")


class OnePlan:
    """The plans of an exchange with one tenant."""

    def __init__(self, plan: NumberPlan) -> None:
        self._plan = plan

    def plan_of(self, tenant_id: str) -> NumberPlan | None:
        return self._plan if tenant_id == str(self._plan.tenant.id) else None
