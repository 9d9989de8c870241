"""Certificates that phones would refuse, or Asterisk could not use, are refused by us first."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asterisk_conf import NodeSettings, UnusableSetting, certificate
from asterisk_conf.node import NodeTls
from asterisk_conf.ports import check_ports
from asterisk_conf.render import write
from tests.support.certificates import Authority, TlsPair
from tests.support.ports import small_block
from tests.unit.asterisk_conf.test_node import node


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def tls(pair: TlsPair, port: int = 5061) -> NodeTls:
    return NodeTls(
        host="127.0.0.1",
        port=port,
        certificate_file=pair.certificate_file,
        key_file=pair.key_file,
    )


def refusal_of(pair: TlsPair) -> str:
    with pytest.raises(UnusableSetting) as refused:
        certificate.check(tls(pair), pair.key_file.with_name("nothing is in use.pem"))
    return str(refused.value)


def test_a_certificate_says_for_whom_it_is_and_how_long(authority: Authority) -> None:
    found = certificate.read(tls(authority.pair(ends_days=20.5)))

    assert found.names == ("pbx.test", "127.0.0.1")
    assert found.days_left(datetime.now(UTC)) == 20
    assert found.days_left(datetime.now(UTC) + timedelta(days=21)) == -1


def test_its_key_is_shown_to_nobody(authority: Authority) -> None:
    found = certificate.read(tls(authority.pair()))

    assert "PRIVATE" in found.pem
    assert "PRIVATE" not in repr(found)


def test_a_key_of_another_certificate_is_refused(authority: Authority) -> None:
    pair = authority.pair()
    old_key = pair.key_file.read_bytes()
    pair = authority.pair()
    pair.key_file.write_bytes(old_key)

    said = refusal_of(pair)
    assert said.startswith(f"PBX_TLS_KEY_FILE={pair.key_file}")
    assert "does not belong" in said


def test_a_certificate_that_has_ended_is_refused(authority: Authority) -> None:
    assert "phones refuse it" in refusal_of(authority.pair(begins_days=-9, ends_days=-1))


def test_a_certificate_that_has_not_begun_is_refused(authority: Authority) -> None:
    assert "until then" in refusal_of(authority.pair(begins_days=1))


def test_what_is_no_certificate_is_refused(authority: Authority) -> None:
    pair = authority.pair()
    pair.certificate_file.write_bytes(b"\x30\x82\xff not PEM")

    assert "holds no certificate" in refusal_of(pair)


def test_what_is_no_key_is_refused(authority: Authority) -> None:
    pair = authority.pair()
    pair.key_file.write_text(pair.certificate_file.read_text())

    assert "holds no private key" in refusal_of(pair)


def test_a_key_that_needs_a_passphrase_is_refused(authority: Authority, tmp_path: Path) -> None:
    pair = authority.pair()
    locked = tmp_path / "locked.pem"
    subprocess.run(
        ["openssl", "pkey", "-aes256", "-passout", "pass:x", "-in", pair.key_file, "-out", locked],
        check=True,
    )

    assert "passphrase" in refusal_of(replace(pair, key_file=locked))


def test_a_file_that_is_not_there_is_named(authority: Authority, tmp_path: Path) -> None:
    pair = replace(authority.pair(), key_file=tmp_path / "gone.pem")

    assert refusal_of(pair).startswith(f"PBX_TLS_KEY_FILE={tmp_path / 'gone.pem'}: cannot be read")


def test_a_key_too_short_for_asterisk_is_refused(authority: Authority, tmp_path: Path) -> None:
    pair = authority.pair()
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=pbx.test"),
            *("-keyout", pair.key_file, "-out", pair.certificate_file),
        ],
        check=True,
        capture_output=True,
    )

    assert "OpenSSL refuses it" in refusal_of(pair)


def a_node(home: Path, pair: TlsPair | None, port: int) -> NodeSettings:
    return replace(
        node(port, port + 1), home=home, tls=None if pair is None else tls(pair, port + 2)
    )


def test_asterisk_is_not_started_with_a_certificate_that_is_no_good(
    authority: Authority, tmp_path: Path
) -> None:
    pair = authority.pair(begins_days=-9, ends_days=-1)

    with small_block() as ports, pytest.raises(UnusableSetting, match="PBX_TLS_CERT_FILE"):
        check_ports(a_node(tmp_path / "home", pair, ports.one()))


def test_tls_is_not_spoken_at_the_port_of_plain_sip(authority: Authority, tmp_path: Path) -> None:
    settings = replace(node(5060), home=tmp_path / "home", tls=tls(authority.pair(), port=5060))

    with pytest.raises(UnusableSetting, match="PBX_TLS_BIND"):
        check_ports(settings)


def test_one_that_ended_while_it_was_in_use_keeps_no_exchange_from_starting(
    authority: Authority, tmp_path: Path
) -> None:
    with small_block() as ports:
        settings = a_node(tmp_path / "home", authority.pair(ends_days=-0.5), ports.one())
        assert settings.tls is not None
        settings.folder.mkdir(parents=True)
        settings.certificate_file.write_text(certificate.read(settings.tls).pem)

        check_ports(settings)


def test_asterisk_gets_a_copy_of_its_own_that_goes_when_tls_is_turned_off(
    authority: Authority, tmp_path: Path
) -> None:
    with small_block() as ports:
        port = ports.one()
        settings = a_node(tmp_path / "home", authority.pair(), port)
        write(settings)

        assert settings.tls is not None
        assert certificate.is_in_place(certificate.read(settings.tls), settings.certificate_file)
        assert settings.certificate_file.stat().st_mode & 0o777 == 0o600

        write(a_node(tmp_path / "home", None, port))
        assert not settings.certificate_file.exists()
