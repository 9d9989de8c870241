"""Calls from the internet without an account: whom they reach, and what they cannot do."""

import asyncio

import pytest

from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.raw_sip import RawPhone
from tests.contract.asterisk_conf.test_dialplan import HOSTILE, an_application
from tests.contract.asterisk_conf.test_registration import alike, secret

pytestmark = pytest.mark.asterisk

STRANGER = "ann"
ELSEWHERE = "elsewhere.example"


@pytest.fixture
async def opened(running: Exchange) -> Exchange:
    """An exchange where ``info@acme.test`` is open to everybody."""
    running.open_to_strangers("info@acme.test", "1")
    return running


async def invite(phone: RawPhone, to: str, domain: str = "acme.test") -> int:
    """Call an address as somebody whose own domain we do not know."""
    request = phone.request("INVITE", to, domain, to=to, call_id=f"stranger-{to}-{domain}")
    own = request.replace(
        f"From: <sip:{to}@{domain}>".encode(), f"From: <sip:{STRANGER}@{ELSEWHERE}>".encode()
    )
    phone.send(own)
    return (await phone.final_answer(f"stranger-{to}-{domain}")).status


@pytest.mark.parametrize("domain", ["acme.test", "ACME.Test"])
async def test_a_stranger_reaches_an_address_that_was_opened(opened: Exchange, domain: str) -> None:
    async with an_application(opened) as application, opened.phone() as phone:
        calling = asyncio.create_task(invite(phone, "info", domain))
        channel = await application.refuse_next()

        assert await calling == 403
        await application.no_further_call()

    assert channel["args"] == ["stranger", "1", f"127.0.0.1:{phone.port}"]
    assert channel["caller"] == {"name": "", "number": STRANGER}


@pytest.mark.parametrize(
    ("to", "domain"),
    [
        ("100", "acme.test"),
        ("info", "beta.test"),
        ("info", "127.0.0.1"),
        ("84951234567", "acme.test"),
        ("+74951234567", "acme.test"),
        ("s", "acme.test"),
        ("h", "acme.test"),
        ("info%40acme.test", "acme.test"),
        ("info%2Cid", "acme.test"),
        ("info%22", "acme.test"),
        ("x'%20OR%20'1'%3D'1", "acme.test"),
        ("%25", "acme.test"),
        ("_nfo", "acme.test"),
    ],
)
async def test_for_everything_else_nobody_is_there(opened: Exchange, to: str, domain: str) -> None:
    async with an_application(opened) as application, opened.phone() as phone:
        status = await invite(phone, to, domain)
        await application.no_further_call()

    assert status == 404


@pytest.mark.parametrize("to", HOSTILE)
async def test_what_a_hostile_stranger_dials_is_text_and_nothing_else(
    opened: Exchange, to: str
) -> None:
    async with an_application(opened) as application, opened.phone() as phone:
        assert await invite(phone, to) == 404
        await application.no_further_call()

    assert await opened.process.complaints() == []


async def test_a_stranger_cannot_register(opened: Exchange) -> None:
    async with opened.phone() as phone:
        answer = await phone.ask("REGISTER", STRANGER, ELSEWHERE)

    assert answer.status >= 400
    assert STRANGER not in await opened.process.console("pjsip show contacts")


async def test_who_uses_a_hosted_domain_is_challenged_as_before(opened: Exchange) -> None:
    async with opened.phone() as phone:
        for method in ("REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "MESSAGE"):
            known = await phone.ask(method, "100", "acme.test")
            unknown = await phone.ask(method, "999", "acme.test")

            assert known.status == 401
            assert alike(known, "100") == alike(unknown, "999")


async def test_phones_go_on_as_before(opened: Exchange) -> None:
    async with opened.phone() as phone:
        answer = await phone.log_in("REGISTER", "100", "acme.test", secret("100"))

    assert answer.status == 200


async def test_when_nothing_is_opened_a_stranger_is_challenged(running: Exchange) -> None:
    async with running.phone() as phone:
        assert await invite(phone, "info") == 401
