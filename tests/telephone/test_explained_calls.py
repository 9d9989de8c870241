"""Real calls as `pbx calls explain` tells them: each element, rule and trunk with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import sound
from tests.support.carrier import Carrier
from tests.support.plain_phone import PlainPhone
from tests.support.sip_station import Place
from tests.support.tenant import Tenant
from tests.telephone.conftest import MOSCOW, SPB

FRONT_DESK = "74997005300"
MOBILE = "89161112233"
EVER = '[{"days": "mon-sun", "from": "00:00", "to": "24:00"}]'


@pytest.fixture(scope="module")
def company(
    a_tenant: Callable[..., Tenant], sounds: dict[str, Path], cities: dict[str, Place]
) -> Tenant:
    """Office hours, a greeting, a group that nobody picks up for, voicemail; two carriers."""
    tenant = a_tenant("100", "101", ring_s=2)
    tenant.add_sound("welcome", sounds["again"])
    tenant.add_element("voicemail", "5120", greeting="welcome", instructions="false")
    tenant.add_element("group", "5100", members='["100"]', ring_s="2", no_answer="5120")
    tenant.add_element(
        "greeting", "5000", sound="welcome", keys__1="5100", first_digit_s="1", next_digit_s="0.5"
    )
    tenant.add_element("prefix", "5200", text="Front: ", next="5000")
    tenant.add_element("number_rule", "5400", masks='["7903+"]', match="5200")
    tenant.add_element("time_rule", "5300", windows=EVER, match="5400")
    for name, place in cities.items():
        tenant.add_trunk(name, place)
    tenant.add_rule("abroad", "810(+)", trunk=[SPB])
    tenant.add_rule("all", "(+)", trunk=[MOSCOW, SPB])
    tenant.add_number(FRONT_DESK, trunk=MOSCOW, to="5300")
    tenant.wait_until_in_effect()
    return tenant


def told(text: str) -> list[str]:
    """A story without what differs from call to call: moments, lengths, names of messages."""
    text = re.sub(r"\((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [-0-9]+ [:0-9]+\)", "(NOW)", text)
    text = re.sub(r"after \d+\.\d s", "after SOME s", text)
    text = re.sub(r"of \d+\.\d s is in mailbox (\d+): \w+", r"of SOME s is in mailbox \1", text)
    return text.splitlines()


async def test_a_call_through_the_whole_plan_is_told_with_every_reason(
    company: Tenant, two_carriers: dict[str, Carrier]
) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account("100")) as phone:
        caller = two_carriers[MOSCOW].call(FRONT_DESK, caller="79031112233")
        await caller.established()
        await caller.ear.hears(sound.AGAIN)
        await caller.press("7")
        await caller.press("1")
        await phone.rings()
        await caller.ear.hears(sound.AGAIN, since=caller.ear.mark())
        await caller.speaks(for_s=4.0)
        await caller.hang_up()

    record = await calls.one()
    story = told((await company.story(record.id)).text)
    phone_ = f"100@{company.domain}"
    for line in (
        f"The call came in by trunk moscow, dialling {FRONT_DESK}",
        "Note: inside the hours: mon-sun 00:00-24:00 (NOW)",
        "It left 5300 by match towards 5400",
        "Note: the caller's number matches the mask 7903+",
        "It left 5400 by match towards 5200",
        'From here on phones show the caller as "Front: 79031112233"',
        "Note: the keys are no option (1 of 3), asked again",
        "It left 5000 by 1 towards 5100, after SOME s",
        "Note: rings all at once: 100",
        f"It rang at {phone_}",
        f"{phone_} was not picked up, after SOME s of ringing",
        "It left 5100 by no_answer towards 5120, after SOME s",
        "The beep sounded, and the caller speaks to mailbox 5120",
        "A message of SOME s is in mailbox 5120",
        "The caller hung up: a message was left",
    ):
        assert line in story, "\n".join(story)


async def test_a_call_out_is_told_with_its_rules_and_what_each_carrier_said(
    company: Tenant, two_carriers: dict[str, Carrier]
) -> None:
    calls = company.new_calls()
    async with PlainPhone(company.account("101")) as phone:
        caller = phone.dial(MOBILE)
        (await two_carriers[MOSCOW].rings()).refuse("503 Service Unavailable")
        (await two_carriers[SPB].rings()).refuse("486 Busy Here")
        assert (await caller.closed()).startswith("486")

    story = (await company.story((await calls.one()).id)).text
    for words in (
        "Note: rules passed over: abroad: its mask does not fit",
        f"rule all: {MOBILE} through moscow, then spb (for {MOBILE}, by the mask (+))",
        "by trunk moscow was not reached: the carrier did not take the call "
        "(SIP 503: the other end is overloaded or out of service)",
        "trunk spb is tried next",
        "by trunk spb was busy (SIP 486: busy)",
        "subscriber busy (the caller's phone was told SIP 486: busy)",
    ):
        assert words in story, story


async def test_a_phone_that_declines_is_told_with_its_own_answer(company: Tenant) -> None:
    calls = company.new_calls()
    async with (
        PlainPhone(company.account("100")) as phone,
        PlainPhone(company.account("101")) as caller,
    ):
        call = caller.dial("100")
        (await phone.rings()).refuse("603 Decline")
        await call.closed()

    story = (await company.story((await calls.one()).id)).text
    assert f"100@{company.domain} refused the call (SIP 603: declined)" in story
