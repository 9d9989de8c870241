"""What operators are told about SIP over TLS: by the doctor, and for typing into phones."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asterisk_conf import certificate
from pbx_cli.doctor.findings import Health
from pbx_cli.doctor.tls import check_tls, finding_of
from pbx_cli.tls_server import tls_server
from stasis_apps.settings import SettingInvalid, Settings, read_settings
from tests.support.certificates import Authority
from tests.support.ports import small_block


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def settings_of(given: Mapping[str, str]) -> Settings:
    return read_settings({"PBX_SIP_BIND": "192.0.2.5:5060", **given})


@pytest.mark.parametrize(
    ("later_days", "health", "words"),
    [
        (0, Health.UP, "89 days left"),
        (68, Health.UP, "21 days left"),
        (69, Health.WARNING, "should have been renewed"),
        (91, Health.DOWN, "phones refuse"),
    ],
)
def test_the_doctor_counts_the_days_of_a_certificate(
    authority: Authority, later_days: int, health: Health, words: str
) -> None:
    tls = settings_of(authority.pair(ends_days=90).settings).tls
    assert tls is not None

    now_at = datetime.now(UTC) + timedelta(days=later_days)
    found = finding_of(certificate.read(tls), "127.0.0.1:5061 answers", now_at)

    assert found.health is health
    assert words in found.words
    assert "pbx.test" in found.words


def test_the_doctor_is_content_without_tls() -> None:
    assert asyncio.run(check_tls(settings_of({}))).health is Health.UP


def test_the_doctor_says_that_a_key_does_not_fit(authority: Authority) -> None:
    pair = authority.pair()
    key = pair.key_file.read_bytes()
    authority.pair()
    pair.key_file.write_bytes(key)

    found = asyncio.run(check_tls(settings_of(pair.settings)))
    assert found.health is Health.DOWN
    assert "PBX_TLS_KEY_FILE" in found.words


def test_the_doctor_says_that_nobody_listens(authority: Authority) -> None:
    with small_block() as ports:
        bind = {"PBX_TLS_BIND": f"127.0.0.1:{ports.one()}"}
        found = asyncio.run(check_tls(settings_of(authority.pair().settings | bind)))

    assert found.health is Health.DOWN
    assert "does not answer" in found.words


def test_who_may_vouch_for_carriers_is_nothing_without_tls(
    authority: Authority, tmp_path: Path
) -> None:
    vouching = {"PBX_TLS_CA_FILE": str(authority.file())}

    with pytest.raises(SettingInvalid, match=r"PBX_TLS_CA_FILE.*PBX_TLS_CERT_FILE"):
        settings_of(vouching)
    found = settings_of(authority.pair().settings | vouching).tls
    assert found is not None
    assert found.authorities_file == tmp_path / "authority.pem"


def test_phones_are_given_a_name_of_the_certificate(authority: Authority) -> None:
    pair = authority.pair()

    assert tls_server(settings_of(pair.settings)) == "pbx.test:5061"
    assert tls_server(settings_of({})) is None


def test_who_may_not_read_the_certificate_is_given_the_address(tmp_path: Path) -> None:
    away = {
        "PBX_TLS_CERT_FILE": str(tmp_path / "fullchain.pem"),
        "PBX_TLS_KEY_FILE": str(tmp_path / "privkey.pem"),
    }

    assert tls_server(settings_of(away)) == "192.0.2.5:5061"
