"""Mails to administrators: what they say, and that each arrives once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from models import notices as tables
from models import provisioning
from stasis_apps.plan import PlannedTenant
from stasis_apps.services.notice_sender import NoticeSender
from stasis_apps.services.notice_spool import NoticeSpool
from stasis_apps.services.notices import Notices
from stasis_apps.services.pin_guesses import Guess, Verdict, pin_locked
from stasis_apps.services.postman import LEASE
from stasis_apps.settings import MailServer
from tests.support import mail_server
from tests.support.waiting import until_told
from tests.unit.stasis_apps.mail.box import DiesAfter, Killed
from tests.unit.stasis_apps.mail.post import Clock
from tests.unit.stasis_apps.mail.told import (
    ANNA,
    BORIS,
    FARTHEST_STEP,
    a_call_for_help,
    a_limit,
    has_at_least,
    is_empty,
    serving,
    written,
)
from tests.unit.stasis_apps.outside import ABROAD, NOON


async def test_administrators_read_in_a_mail_what_was_refused_and_what_to_do(
    company: PlannedTenant,
    notices: Notices,
    postman: NoticeSender,
    post_office: mail_server.MailServer,
    folder: Path,
) -> None:
    async with serving(notices):
        notices.tell(a_limit(company, destination=ABROAD))
        (event,) = await written(1)
        await is_empty(folder)

    assert event.facts["limit"] == "destination_closed"
    assert await postman.send_due()

    for recipient in (ANNA, BORIS):
        (letter,) = post_office.letters(recipient)
        assert letter.subject == "acme: a closed direction was called"
        assert letter.message["From"] == "Telephone exchange of acme <pbx@acme.test>"
        for told in ("81053 55512345", "+5355512345", "101-desk", "pbx-1.1", "12:00:00"):
            assert told in letter.text
        assert "pbx tenant set acme --open-country CU" in letter.text
    assert await postman.send_due()
    assert len(post_office.letters(ANNA)) == 1


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_call_for_help_tells_who_calls_and_where_they_stand(
    language: str,
    company: PlannedTenant,
    notices: Notices,
    postman: NoticeSender,
    post_office: mail_server.MailServer,
) -> None:
    await provisioning.set_tenant(name="acme", language=language)
    facts = {
        "number": "112",
        "user": "101",
        "name": "Alice",
        "phone": "101-desk",
        "location": "Warehouse",
        "detail": "second floor, gate 4",
        "shown": "+74951234567",
        "address": "Acme, Tverskaya 1, Moscow, RU",
        "trunk": "moscow",
    }
    async with serving(notices):
        notices.tell(replace(a_call_for_help(company), facts=facts))
        await written(1)

    assert await postman.send_due()

    (letter,) = post_office.letters(ANNA)
    assert "112" in letter.subject
    for told in facts.values():
        assert told in letter.text


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("verdict", [Verdict.LOCK_BEGINS, Verdict.RULE_LOCK_BEGINS])
async def test_who_tries_to_find_a_pin_is_told_of(
    language: str,
    verdict: Verdict,
    company: PlannedTenant,
    notices: Notices,
    postman: NoticeSender,
    post_office: mail_server.MailServer,
) -> None:
    await provisioning.set_tenant(name="acme", language=language)
    guess = Guess(tenant_id=company.id, device="101-desk", rule="premium numbers")
    notice = pin_locked(company, guess, verdict, call_id="pbx-1.1", at=NOON)
    assert notice is not None
    async with serving(notices):
        notices.tell(notice)
        await written(1)

    assert await postman.send_due()

    (letter,) = post_office.letters(ANNA)
    assert "premium numbers" in letter.subject
    for told in ("premium numbers", "101-desk", "pbx-1.1", notice.facts["guesses"], "15"):
        assert told in letter.text
    assert "pbx device set 101-desk --new-password" in letter.text


async def test_a_thousand_attempts_are_one_mail_at_once_and_one_when_the_hour_is_over(
    company: PlannedTenant,
    notices: Notices,
    postman: NoticeSender,
    post_office: mail_server.MailServer,
    clock: Clock,
) -> None:
    async with serving(notices):
        notices.tell(a_limit(company, 0, destination=ABROAD))
        await written(1)
        await postman.send_due()
        for n in range(1, 1_000):
            notices.tell(a_limit(company, n, destination=ABROAD))
        await_all = await until_told(lambda: has_at_least(1_000), saying="a thousand events")
    assert await_all
    await postman.send_due()
    assert len(post_office.letters(ANNA)) == 1

    clock.later(hours=1)
    await postman.send_due()

    _, summary = post_office.letters(ANNA)
    assert summary.subject == "acme: a closed direction was called (999 times)"
    assert "This happened 999 times between" in summary.text


async def test_the_mail_goes_out_without_being_waited_for(
    company: PlannedTenant, post_office: mail_server.MailServer, folder: Path
) -> None:
    sender = NoticeSender(MailServer(host=post_office.host, port=post_office.port), folder)
    notices = Notices(NoticeSpool(folder), has_mail=sender.wake)
    sending = asyncio.create_task(sender.serve())
    try:
        async with serving(notices):
            notices.tell(a_call_for_help(company))
            letter = await post_office.letter(ANNA)
    finally:
        sending.cancel()
        await asyncio.wait([sending])

    assert "112" in letter.text


async def test_a_mail_server_that_is_down_gets_each_mail_once_when_it_is_back(
    company: PlannedTenant,
    notices: Notices,
    postman: NoticeSender,
    post_office: mail_server.MailServer,
    clock: Clock,
) -> None:
    post_office.go_down()
    async with serving(notices):
        notices.tell(a_call_for_help(company))
        await written(1)
    for _ in range(24):
        assert not await postman.send_due()
        clock.later(hours=1)

    post_office.go_up()
    assert await postman.send_due()

    assert [len(post_office.letters(one)) for one in (ANNA, BORIS)] == [1, 1]
    (event,) = await tables.list_events(tenant="acme")
    assert event.mails == {ANNA: "sent", BORIS: "sent"}


async def test_a_recipient_who_does_not_exist_is_seen_in_the_list(
    company: PlannedTenant,
    notices: Notices,
    postman: NoticeSender,
    post_office: mail_server.MailServer,
) -> None:
    post_office.refuse(ANNA)
    async with serving(notices):
        notices.tell(a_call_for_help(company))
        await written(1)

    await postman.send_due()

    (event,) = await tables.list_events(tenant="acme")
    assert event.mails == {ANNA: "bounced", BORIS: "sent"}


async def test_wherever_the_sender_dies_the_mail_arrives_once_but_for_the_one_instant(
    company: PlannedTenant,
    notices: Notices,
    postman: NoticeSender,
    post_office: mail_server.MailServer,
    clock: Clock,
) -> None:
    only = replace(company, outside=replace(company.outside, alert_emails=(ANNA,)))
    arrived = 0
    for steps in range(1, FARTHEST_STEP):
        async with serving(notices):
            notices.tell(a_call_for_help(only, steps))
            await written(steps)
        (number,) = await postman._due(limit=9)
        is_killed = await sender_dies(steps, postman, number)
        clock.later(seconds=LEASE.total_seconds())
        assert await postman.send_due()

        letters = post_office.letters(ANNA)
        assert len(letters) - arrived in (1, 2)
        assert len({letter.message["Message-ID"] for letter in letters}) == steps
        arrived = len(letters)
        if not is_killed:
            break
    assert 10 < steps < FARTHEST_STEP - 1


async def sender_dies(steps: int, postman: NoticeSender, number: int) -> bool:
    try:
        await DiesAfter(steps, postman._attempt(number))
    except Killed:
        return True
    return False


async def test_a_tenant_who_reads_russian_is_told_in_russian(
    company: PlannedTenant,
    notices: Notices,
    postman: NoticeSender,
    post_office: mail_server.MailServer,
) -> None:
    await provisioning.set_tenant(name="acme", language="ru")
    async with serving(notices):
        notices.tell(a_limit(company, destination=ABROAD))
        await written(1)

    await postman.send_due()

    (letter,) = post_office.letters(ANNA)
    assert letter.subject == "acme: звонок в закрытое направление"
    assert "смените пароль телефона" in letter.text
    assert letter.message["Content-Language"] == "ru"
