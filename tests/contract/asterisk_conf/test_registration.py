"""Who may register and call, and what a stranger can learn; as seen on the wire."""

import pytest

from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.raw_sip import Answer

pytestmark = pytest.mark.asterisk

METHODS = ["REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "MESSAGE", "PUBLISH", "NONSENSE"]


def secret(name: str, domain: str = "acme.test") -> str:
    return f"secret of {name} at {domain}"


async def test_a_phone_registers_with_its_password(running: Exchange) -> None:
    async with running.phone() as phone:
        answer = await phone.log_in("REGISTER", "100", "acme.test", secret("100"))

    assert answer.status == 200
    assert answer.header("Contact") is not None


async def test_a_phone_is_refused_with_a_wrong_password(running: Exchange) -> None:
    async with running.phone() as phone:
        assert (await phone.log_in("REGISTER", "100", "acme.test", "wrong")).status == 401


async def test_the_same_number_in_two_tenants_is_two_phones(running: Exchange) -> None:
    async with running.phone() as acme, running.phone() as beta:
        first = await acme.log_in("REGISTER", "100", "acme.test", secret("100"))
        other = await beta.log_in("REGISTER", "100", "beta.test", secret("100", "beta.test"))
        crossed = await beta.log_in("REGISTER", "100", "beta.test", secret("100"))

    assert (first.status, other.status, crossed.status) == (200, 200, 401)


async def test_a_phone_whose_row_was_just_committed_registers_at_once(running: Exchange) -> None:
    async with running.phone() as phone:
        before = await phone.log_in("REGISTER", "102", "acme.test", "new")
        running.add_device("102", "acme.test", "new")
        after = await phone.log_in("REGISTER", "102", "acme.test", "new")
        running.remove_device("102", "acme.test")
        removed = await phone.log_in("REGISTER", "102", "acme.test", "new")

    assert (before.status, after.status, removed.status) == (401, 200, 401)


async def test_two_devices_of_one_extension_are_registered_side_by_side(running: Exchange) -> None:
    async with running.phone() as desk, running.phone() as kitchen:
        await desk.log_in("REGISTER", "100", "acme.test", secret("100"))
        await kitchen.log_in("REGISTER", "100-kitchen", "acme.test", secret("100-kitchen"))
        contacts = await running.process.console("pjsip show contacts")

    assert f"100@acme.test/sip:100@127.0.0.1:{desk.port}" in contacts
    assert "100-kitchen@acme.test/sip:100-kitchen@" in contacts


async def test_a_phone_that_moved_is_reached_where_it_is_now(running: Exchange) -> None:
    async with running.phone() as old, running.phone() as new:
        await old.log_in("REGISTER", "100", "acme.test", secret("100"))
        answer = await new.log_in("REGISTER", "100", "acme.test", secret("100"))

    assert f":{new.port}>" in (answer.header("Contact") or "")
    assert answer.raw.lower().count(b"\r\ncontact:") == 1


async def test_nobody_registers_under_a_colleagues_name(running: Exchange) -> None:
    async with running.phone() as phone:
        known = await phone.log_in("REGISTER", "100", "acme.test", secret("100"), to="101")
        unknown = await phone.log_in("REGISTER", "100", "acme.test", secret("100"), to="999")
        pretended = await phone.log_in("REGISTER", "101", "acme.test", secret("100"), login="100")

    assert (known.status, unknown.status, pretended.status) == (404, 404, 401)
    assert alike(known, "101") == alike(unknown, "999")
    assert "101@acme.test" not in await running.process.console("pjsip show contacts")


async def test_a_phone_that_knows_only_an_address_is_known_by_it(running: Exchange) -> None:
    async with running.phone() as phone:
        challenge = (await phone.ask("REGISTER", "100", "127.0.0.1")).challenge
        registered = await phone.log_in("REGISTER", "100", "127.0.0.1", secret("100"))

    assert challenge["realm"] == "acme.test"
    assert registered.status == 200


@pytest.mark.parametrize("domain", ["acme.test", "beta.test", "127.0.0.1", "unknown.test"])
async def test_a_stranger_does_not_learn_who_exists(running: Exchange, domain: str) -> None:
    async with running.phone() as phone:
        for method in METHODS:
            known = await phone.ask(method, "100", domain)
            unknown = await phone.ask(method, "999", domain)

            assert known.status == 401
            assert alike(known, "100") == alike(unknown, "999"), method


async def test_a_wrong_password_does_not_tell_who_exists(running: Exchange) -> None:
    async with running.phone() as phone:
        for method in METHODS:
            known = await phone.log_in(method, "100", "acme.test", "wrong")
            unknown = await phone.log_in(method, "999", "acme.test", "wrong")
            nobody = await phone.log_in(method, "anonymous", "acme.test", "wrong")

            assert known.status == 401
            assert alike(known, "100") == alike(unknown, "999") == alike(nobody, "anonymous")


async def test_a_colleague_with_a_password_does_not_learn_who_exists(running: Exchange) -> None:
    async with running.phone() as phone:
        known, unknown = [
            await phone.log_in("INVITE", name, "acme.test", secret("100"), login="100")
            for name in ("101", "999")
        ]

    assert known.status == 401
    assert alike(known, "101") == alike(unknown, "999")


async def test_the_strangers_account_opens_to_nobody(running: Exchange) -> None:
    async with running.phone() as phone:
        for password in ("", "anonymous", "MD5:", "acme.test"):
            answer = await phone.log_in("REGISTER", "anonymous", "acme.test", password)
            assert answer.status == 401


async def test_refused_logins_are_written_for_bans(running: Exchange) -> None:
    async with running.phone() as phone:
        await phone.log_in("REGISTER", "100", "acme.test", "wrong")
    await running.process.stop()

    told = running.settings.security_log_file.read_text()

    assert 'SecurityEvent="ChallengeResponseFailed"' in told
    assert "secret of" not in told


async def test_a_registered_phone_is_no_reason_to_complain(running: Exchange) -> None:
    async with running.phone() as phone:
        await phone.log_in("REGISTER", "100", "acme.test", secret("100"))
        await phone.log_in("REGISTER", "100", "acme.test", secret("100"), Expires="0")

    assert await running.process.complaints() == []


def alike(answer: Answer, name: str) -> bytes:
    return answer.without_what_differs_every_time(name)
