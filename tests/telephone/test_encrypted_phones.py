"""Phones that speak encrypted: over TLS and SRTP, and through the renewal of the certificate."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support import sound
from tests.support.account import Account
from tests.support.baresip import Phone
from tests.support.certificates import Authority, TlsPair
from tests.support.exchange import Exchange, started
from tests.support.ports import small_block
from tests.support.talks import a_talk, they_hear_each_other, they_still_talk
from tests.support.tenant import Tenant
from tests.support.waiting import until_told
from tests.telephone.conftest import new_tenant

RENEWAL_S = 60.0
"""Files are looked at every three seconds, and read when they have come to rest."""

ENCRYPTED, PLAIN = "RTP/SAVP", "RTP/AVP"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the certificates of this exchange."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def tls_port() -> Iterator[int]:
    """Where the exchange speaks TLS."""
    with small_block() as ports:
        yield ports.one()


@pytest.fixture(scope="module")
def encrypted_exchange(authority: Authority, tls_port: int) -> Iterator[Exchange]:
    """An exchange that speaks TLS beside UDP and TCP."""
    settings = {"PBX_TLS_BIND": f"127.0.0.1:{tls_port}", **authority.pair().settings}
    with started(Exchange(settings)) as running:
        yield running


@pytest.fixture(scope="module")
def bank(encrypted_exchange: Exchange) -> Tenant:
    """A customer: 100 and 101 must speak encrypted, 102 may, 103 does not."""
    made = new_tenant(encrypted_exchange, "100", "101", "102", "103")
    for name, encryption in {"100": "required", "101": "required", "102": "optional"}.items():
        made.change("device", name, encryption=encryption)
    return made


def over_tls(account: Account, port: int) -> Account:
    return replace(account, transport="tls", port=port)


def audio_of(phone: Phone, *, sent: bool) -> set[str]:
    """The kinds of sound that stood in all that the phone sent or received."""
    return {message.media.split()[2] for message in phone.messages(sent=sent) if message.media}


async def test_two_encrypted_phones_hear_each_other_and_no_key_is_written_down(
    bank: Tenant, tls_port: int
) -> None:
    caller = Phone(over_tls(bank.account("100"), tls_port), plays=sound.ALICE, encrypts=True)
    callee = Phone(over_tls(bank.account("101"), tls_port), plays=sound.BORIS, encrypts=True)
    async with a_talk(caller, callee):
        await they_hear_each_other(caller, callee)
        assert audio_of(caller, sent=True) == audio_of(caller, sent=False) == {ENCRYPTED}
        assert audio_of(callee, sent=True) == audio_of(callee, sent=False) == {ENCRYPTED}
        assert "a=crypto" in callee.messages("INVITE")[0].body

        await caller.hold()
        await caller.resume()
        await caller.receives_sound()
        await callee.ear.hears(sound.ALICE, since=callee.ear.mark())

    assert "inline:" not in bank.exchange.log(lines=10_000)


async def test_an_encrypted_phone_and_a_plain_one_hear_each_other(
    bank: Tenant, tls_port: int
) -> None:
    caller = Phone(over_tls(bank.account("100"), tls_port), plays=sound.ALICE, encrypts=True)
    callee = Phone(bank.account("103"), plays=sound.BORIS)
    async with a_talk(caller, callee):
        await they_hear_each_other(caller, callee)
        assert audio_of(caller, sent=False) == {ENCRYPTED}
        assert audio_of(callee, sent=False) == {PLAIN}


async def test_a_phone_that_must_encrypt_is_not_heard_in_the_clear(
    bank: Tenant, tls_port: int
) -> None:
    async with Phone(over_tls(bank.account("100"), tls_port)) as phone:
        await phone.registered()
        await phone.dial("103")

        assert (await phone.closed()).startswith("488")


@pytest.mark.parametrize("encrypts", [True, False])
async def test_a_phone_that_may_encrypt_does_as_it_likes(
    bank: Tenant, tls_port: int, encrypts: bool
) -> None:
    phone = Phone(over_tls(bank.account("102"), tls_port), plays=sound.ALICE, encrypts=encrypts)
    other = Phone(bank.account("103"), plays=sound.BORIS)
    async with a_talk(phone, other):
        await they_hear_each_other(phone, other)
        assert audio_of(phone, sent=False) == {ENCRYPTED if encrypts else PLAIN}


async def test_a_talk_goes_on_while_the_certificate_is_renewed(
    bank: Tenant, tls_port: int, authority: Authority
) -> None:
    asterisk = bank.exchange.asterisk_pid()
    caller = Phone(over_tls(bank.account("100"), tls_port), plays=sound.ALICE, encrypts=True)
    callee = Phone(over_tls(bank.account("101"), tls_port), plays=sound.BORIS, encrypts=True)
    async with a_talk(caller, callee):
        await they_hear_each_other(caller, callee)
        renewed = authority.pair()
        await new_phones_are_shown(renewed, authority, tls_port)

        await they_still_talk(caller, callee)

        # A phone that registered before is reached by the connection that it had then.
        async with Phone(over_tls(bank.account("102"), tls_port), encrypts=True) as newcomer:
            await newcomer.registered()
            await newcomer.dial("101")
            await callee.rings()
            await newcomer.hang_up()

    assert bank.exchange.asterisk_pid() == asterisk


async def test_a_certificate_without_its_key_changes_nothing(
    bank: Tenant, tls_port: int, authority: Authority
) -> None:
    before = await authority.vouches_for(tls_port)
    pair = authority.pair()
    rightful_key = pair.key_file.read_bytes()
    authority.pair()  # another certificate, with another key
    certificate = pair.certificate_file.read_bytes()
    pair.key_file.write_bytes(rightful_key)

    async def is_refused() -> bool:
        return "certificate_refused" in bank.exchange.log(lines=10_000)

    await until_told(is_refused, within_s=RENEWAL_S, saying="the certificate is refused")
    assert await authority.vouches_for(tls_port) == before
    assert pair.certificate_file.read_bytes() == certificate


async def test_a_renewal_while_the_application_is_away_is_made_up_for(
    encrypted_exchange: Exchange, tls_port: int, authority: Authority
) -> None:
    asterisk = encrypted_exchange.asterisk_pid()
    async with encrypted_exchange.without_application():
        renewed = authority.pair()
        assert await authority.vouches_for(tls_port) != renewed.fingerprint

    await new_phones_are_shown(renewed, authority, tls_port)
    assert encrypted_exchange.asterisk_pid() == asterisk


async def new_phones_are_shown(pair: TlsPair, authority: Authority, port: int) -> None:
    async def is_shown() -> bool:
        return await authority.vouches_for(port) == pair.fingerprint

    await until_told(
        is_shown, within_s=RENEWAL_S, saying="the new certificate is shown", pause_s=0.2
    )
