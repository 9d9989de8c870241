"""Phones as an operator sets them up: what is typed in; not where they are (see contacts)."""

from __future__ import annotations

from models.facts import DeviceFacts, DeviceSetup
from stasis_apps.settings import Address, Settings


def login_document(device: DeviceFacts | None, password: str | None) -> dict[str, object]:
    """Say how a phone logs in; all None when no phone was made."""
    if device is None:
        return {"device": None, "login": None, "domain": None, "password": None}
    domain = device.endpoint.partition("@")[2]
    return {"device": device.name, "login": device.name, "domain": domain, "password": password}


def login_sentence(device: DeviceFacts, password: str, tenant: str) -> str:
    """Say how a phone logs in, for people."""
    return (
        f"Its phone logs in as {device.name} at the domain {device.endpoint.partition('@')[2]}\n"
        f"with the password {password}  "
        f"(`pbx device show {device.name} --tenant {tenant} --setup` shows it again)"
    )


def setup_document(
    setup: DeviceSetup, settings: Settings, server: str, tls_server: str | None
) -> dict[str, object]:
    """Say what is typed into a phone: servers, domain, login, password, encryption (A18.3)."""
    return {
        "server": str(Address(server, settings.sip_bind.port)),
        "tls_server": tls_server,
        "domain": setup.domain,
        "login": setup.login,
        "password": setup.password,
        "encryption": setup.encryption,
    }
