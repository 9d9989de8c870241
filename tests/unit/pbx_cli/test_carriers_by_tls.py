"""Trunks by TLS by the shell: what they need, and how people are told whom Asterisk refuses."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.facts import TrunkFacts
from pbx_cli.carrier_certificates import connected_to, read_disbelieved
from pbx_cli.commands import trunk as trunk_command
from pbx_cli.trunk_refusals import Refusal
from stasis_apps.settings import Settings
from tests.support.certificates import Authority
from tests.unit.pbx_cli.shell import Shell

OF_ACME = ("--tenant", "acme")
BERLIN = (
    *("trunk", "create", "berlin", *OF_ACME, "--host", "sip.carrier.test", "--username", "acme"),
    *("--transport", "tls", "--password-stdin"),
)
HOST = "sip.carrier.test"
ENDED = "The certificate has expired or not yet valid"
OTHER_NAME = "The server identity does not match to any identities specified in the certificate"
TRUNK = TrunkFacts(id=1, name="berlin", endpoint="trunk-1a2b3c4d", host=HOST, transport="tls")


@pytest.fixture
def with_tls(acme: Shell, tmp_path: Path) -> Shell:
    """A shell of an exchange that speaks TLS."""
    pair = Authority(tmp_path).pair()
    return replace(acme, environment={**acme.environment, **pair.settings})


def logged(verdict: str, host: str = HOST, at: str = "01:09:02.757", level: str = "ERROR") -> str:
    """What Asterisk writes when it has seen a certificate."""
    return (
        f"[2026-11-22 {at}] {level}[5530] res_pjsip/pjsip_transport_events.c: "
        f"Transport 'tls' to remote '{host}' - 192.0.2.1:5061 - {verdict}"
    )


def test_a_trunk_by_tls_is_refused_where_no_tls_is_spoken(acme: Shell) -> None:
    ran = acme.refused(*BERLIN, code=5, typed="secret\n")

    assert "PBX_TLS_CERT_FILE and PBX_TLS_KEY_FILE" in ran.refusal["faults"][0]["rule"]


def test_a_trunk_is_not_changed_to_tls_where_none_is_spoken(acme: Shell) -> None:
    acme.done(*BERLIN[:-2], "udp", "--password-stdin", typed="secret\n")

    acme.refused("trunk", "set", "berlin", *OF_ACME, "--transport", "tls", code=5)


OFFICE = """\
tenant: acme
domain: acme.test
timezone: UTC
country: RU
trunks:
  berlin: {preset: by-address, addresses: [192.0.2.7], transport: tls}
outbound: {default: berlin}
"""


def test_who_applies_a_trunk_by_tls_is_told_that_none_is_spoken_here(
    with_tls: Shell, acme: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(OFFICE)

    refused = acme.refused("apply", "--strict", "--yes", str(file), code=5)
    assert "trunk-without-tls" in refused.refusal["error"]
    applied = acme("apply", "--yes", str(file))
    assert (applied.code, "berlin is out of use" in applied.err) == (0, True)
    assert [one["code"] for one in findings(acme)] == ["trunk-without-tls"]
    assert findings(with_tls) == []


def test_what_is_silenced_for_one_machine_may_be_checked_on_another(
    with_tls: Shell, acme: Shell, tmp_path: Path
) -> None:
    file, why = tmp_path / "acme.yaml", "only the exchange in Berlin has a certificate"
    ignored = f"lint: {{ignore: [{{code: trunk-without-tls, reason: {why}}}]}}\n"
    file.write_text(OFFICE + ignored)

    assert acme("apply", "--strict", "--yes", str(file)).code == 0
    assert [one["silenced"] for one in findings(acme)] == [why]
    assert findings(with_tls) == []


def findings(shell: Shell) -> list[dict[str, object]]:
    """What the lint says of acme as it is in the database."""
    (checked,) = shell.done("check", "--tenant", "acme")
    found: list[dict[str, object]] = checked["findings"]
    return found


def test_who_encrypts_sound_alone_is_told_that_its_keys_are_read_by_everybody(
    with_tls: Shell,
) -> None:
    ran = with_tls(*BERLIN, "--encryption", "required", typed="secret\n")
    assert (ran.code, "keys" in ran.err) == (0, False)

    changed = with_tls("trunk", "set", "berlin", *OF_ACME, "--transport", "tcp")
    assert "The keys to its sound stand in the SIP messages" in changed.err


def test_a_refused_certificate_is_why_a_trunk_does_not_register(
    with_tls: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_tls.done(*BERLIN, typed="secret\n")

    async def refused(_settings: Settings) -> Mapping[str, Refusal]:
        return read_disbelieved([logged(ENDED)])

    monkeypatch.setattr(trunk_command, "disbelieved_carriers", refused)

    shown = with_tls.done("trunk", "show", "berlin", *OF_ACME)
    assert (shown["last_refusal"]["of"], shown["last_refusal"]["status"]) == ("certificate", None)
    listed = with_tls("trunk", "show", "berlin", *OF_ACME).out
    assert "certificate: it has ended, or has not begun" in " ".join(listed.split())


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (ENDED, "it has ended, or has not begun"),
        (OTHER_NAME, "it is for another name"),
        ("The certificate is untrusted", "nobody whom we believe vouches for it"),
        ("The certificate has been revoked", "The certificate has been revoked"),
    ],
)
def test_why_a_certificate_is_refused_is_told_in_a_few_words(verdict: str, words: str) -> None:
    found = read_disbelieved([logged(verdict)])[HOST]

    here = datetime.fromisoformat("2026-11-22 01:09:02.757").astimezone(UTC)
    assert found == Refusal(status=None, text=words, at=here, of="certificate")


def test_a_carrier_that_is_believed_again_is_not_told_of() -> None:
    other = logged(ENDED, host="other.test")
    log = [logged(ENDED), other, logged("OK", at="01:10:00.000", level="NOTICE")]

    assert set(read_disbelieved(log)) == {"other.test"}


@pytest.mark.parametrize(
    ("change", "host"),
    [
        ({}, HOST),
        ({"proxy": "[2001:db8::1]:5061"}, "2001:db8::1"),
        ({"host": "", "addresses": ("192.0.2.1", "192.0.2.2")}, "192.0.2.1"),
        ({"transport": "tcp"}, ""),
        ({"is_enabled": False}, ""),
        ({"registration": "inbound"}, ""),
    ],
)
def test_a_trunk_is_connected_to_at_its_proxy_its_host_or_its_first_address(
    change: Mapping[str, object], host: str
) -> None:
    assert connected_to(replace(TRUNK, **change)) == host  # type: ignore[arg-type] # by name
