"""Settings that no Asterisk could work with are refused before anything is written."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf import (
    AsteriskInstall,
    ModuleMissing,
    NodeSettings,
    PortInUse,
    SqliteDatabase,
    UnusableSetting,
)
from asterisk_conf.modules import EVERY
from asterisk_conf.ports import check_ports


def install(moddir: Path = Path("/nowhere")) -> AsteriskInstall:
    return AsteriskInstall(
        command=("asterisk",), version="22.10.1", moddir=moddir, datadir=Path("/nowhere")
    )


def node(sip_port: int = 5060, ari_port: int = 8088) -> NodeSettings:
    return NodeSettings(
        home=Path("/srv/pbx"),
        asterisk=install(),
        sip_bind_host="127.0.0.1",
        sip_bind_port=sip_port,
        rtp_first=10000,
        rtp_last=20000,
        ari_host="127.0.0.1",
        ari_port=ari_port,
        database=SqliteDatabase(path=Path("/srv/pbx/pbx.db")),
    )


@pytest.mark.parametrize(("first", "last"), [(10000, 10002), (20000, 10000), (80, 90), (1, 70000)])
def test_a_range_without_room_for_voices_is_refused(first: int, last: int) -> None:
    with pytest.raises(UnusableSetting, match=r"PBX_RTP_PORTS"):
        replace(node(), rtp_first=first, rtp_last=last)


def test_a_home_too_deep_for_asterisks_console_is_refused() -> None:
    with pytest.raises(UnusableSetting, match=r"PBX_HOME.*too long"):
        replace(node(), home=Path("/" + "d" * 90))


def test_a_relative_home_is_refused() -> None:
    with pytest.raises(UnusableSetting, match=r"PBX_HOME.*absolute"):
        replace(node(), home=Path("var"))


def test_a_signalling_port_among_the_voices_is_refused() -> None:
    with pytest.raises(UnusableSetting, match=r"PBX_RTP_PORTS.*SIP port 15000"):
        check_ports(node(sip_port=15000))


@pytest.mark.parametrize(
    ("kind", "setting", "transport"),
    [
        (socket.SOCK_DGRAM, "PBX_SIP_BIND", "UDP"),
        (socket.SOCK_STREAM, "PBX_SIP_BIND", "TCP"),
        (socket.SOCK_STREAM, "PBX_ARI_BIND", "TCP"),
    ],
)
def test_a_port_in_use_is_named_with_its_setting(
    kind: socket.SocketKind, setting: str, transport: str
) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            other.listen()
        port = other.getsockname()[1]
        ports = (port, 0) if setting == "PBX_SIP_BIND" else (0, port)

        with pytest.raises(PortInUse, match=f"{setting}: {transport} 127.0.0.1:{port} is in use"):
            check_ports(node(*ports))


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(UnusableSetting, match=r"PBX_SIP_BIND=192\.0\.2\.1:5060: cannot listen"):
        check_ports(replace(node(), sip_bind_host="192.0.2.1"))


def test_an_ipv6_address_of_another_machine_is_named_in_brackets() -> None:
    with pytest.raises(UnusableSetting, match=r"PBX_SIP_BIND=\[2001:db8::1\]:5060: cannot listen"):
        check_ports(replace(node(), sip_bind_host="2001:db8::1"))


def test_an_asterisk_without_a_module_is_refused_by_name(tmp_path: Path) -> None:
    for name in EVERY:
        if name != "chan_pjsip":
            (tmp_path / f"{name}.so").touch()

    with pytest.raises(ModuleMissing, match="has no chan_pjsip;") as refusal:
        install(tmp_path).require_modules()

    assert refusal.value.modules == ("chan_pjsip",)
