"""Finds out, before Asterisk starts, whether it could listen where the settings want it to."""

from __future__ import annotations

import errno
import socket

from asterisk_conf import certificate
from asterisk_conf.errors import PortInUse, UnusableSetting
from asterisk_conf.node import NodeSettings, shown

KINDS = {socket.SOCK_DGRAM: "UDP", socket.SOCK_STREAM: "TCP"}


def check_ports(settings: NodeSettings) -> None:
    """Stop with the setting's name when an address is taken or is not ours to take.

    Raises:
        PortInUse: Another program listens there; names setting, transport and address.
        UnusableSetting: The address is not this machine's, or the port is not ours to use; or the
            certificate with which it should listen is no good.
    """
    check_that_ports_are_apart(settings)
    sip = (settings.sip_bind_host, settings.sip_bind_port)
    ari = (settings.ari_host, settings.ari_port)
    _try_to_listen("PBX_SIP_BIND", socket.SOCK_DGRAM, *sip)
    _try_to_listen("PBX_SIP_BIND", socket.SOCK_STREAM, *sip)
    if settings.tls is not None:
        certificate.check(settings.tls, settings.certificate_file)
        _try_to_listen("PBX_TLS_BIND", socket.SOCK_STREAM, settings.tls.host, settings.tls.port)
    _try_to_listen("PBX_ARI_BIND", socket.SOCK_STREAM, *ari)
    if settings.ami_bind is not None:
        ami = (settings.ami_bind.host, settings.ami_bind.port)
        _try_to_listen("PBX_AMI_BIND", socket.SOCK_STREAM, *ami)


def check_that_ports_are_apart(settings: NodeSettings) -> None:
    """Refuse ports that no machine could give out like that.

    Raises:
        UnusableSetting: SIP would share a port with the sound, or with TLS.
    """
    if settings.rtp_first <= settings.sip_bind_port <= settings.rtp_last:
        raise UnusableSetting(
            "PBX_RTP_PORTS",
            f"{settings.rtp_first}-{settings.rtp_last}",
            f"must not contain the SIP port {settings.sip_bind_port} of PBX_SIP_BIND",
        )
    if settings.tls is not None and settings.tls.port == settings.sip_bind_port:
        raise UnusableSetting(
            "PBX_TLS_BIND",
            f"{shown(settings.tls.host)}:{settings.tls.port}",
            "must have another port than PBX_SIP_BIND, where SIP is spoken over TCP",
        )


def _try_to_listen(setting: str, kind: socket.SocketKind, host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, kind) as trial:
            if kind == socket.SOCK_STREAM:
                # As Asterisk does: connections that are only fading out do not keep the port.
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
            if kind == socket.SOCK_STREAM:
                trial.listen()
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise PortInUse(setting, KINDS[kind], shown(host), port) from None
        raise UnusableSetting(
            setting, f"{shown(host)}:{port}", f"cannot listen there: {problem.strerror}"
        ) from None
