"""Who may vouch for carriers: what Asterisk is told, and what is refused before it would be."""

from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf import UnusableSetting
from asterisk_conf.node import NodeTls
from asterisk_conf.render import write
from tests.support.certificates import Authority
from tests.unit.asterisk_conf.test_certificate import tls
from tests.unit.asterisk_conf.test_node import node


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def believing(authority: Authority) -> NodeTls:
    """TLS with an authority of one's own beside those of the machine."""
    return replace(
        tls(authority.pair()),
        authorities_file=authority.file(),
        system_authorities=Path("/etc/ssl/certs"),
    )


def told(home: Path, settings: NodeTls) -> list[str]:
    """What Asterisk is told of its TLS."""
    main_file = write(replace(node(), home=home, tls=settings))
    return main_file.with_name("pjsip.conf").read_text().partition("[tls]")[2].splitlines()


def test_a_carrier_has_to_show_a_certificate_that_is_believed(
    tmp_path: Path, believing: NodeTls
) -> None:
    home = tmp_path / "h"
    lines = told(home, believing)

    own = home / "asterisk" / "authorities.pem"
    assert {"verify_server = yes", "ca_list_path = /etc/ssl/certs"} <= set(lines)
    assert f"ca_list_file = {own}" in lines
    assert believing.authorities_file is not None
    assert own.read_text() == believing.authorities_file.read_text()
    assert own.stat().st_mode & 0o777 == 0o600


def test_where_nobody_is_believed_no_carrier_is(tmp_path: Path, authority: Authority) -> None:
    lines = told(tmp_path / "h", tls(authority.pair()))

    assert "verify_server = yes" in lines
    assert not [line for line in lines if line.startswith("ca_list")]


def test_an_authority_that_is_believed_no_longer_is_taken_away(
    tmp_path: Path, believing: NodeTls
) -> None:
    home = tmp_path / "h"
    told(home, believing)
    told(home, replace(believing, authorities_file=None))

    assert not (home / "asterisk" / "authorities.pem").exists()


@pytest.mark.parametrize(
    ("text", "rule"), [(None, "cannot be read"), ("-----BEGIN", "holds no certificate in PEM")]
)
def test_a_file_without_certificates_is_refused_with_the_settings_name(
    tmp_path: Path, believing: NodeTls, text: str | None, rule: str
) -> None:
    file = tmp_path / "others.pem"
    if text is not None:
        file.write_text(text)

    with pytest.raises(UnusableSetting) as refused:
        told(tmp_path / "h", replace(believing, authorities_file=file))

    assert str(refused.value).startswith(f"PBX_TLS_CA_FILE={file}: {rule}")
