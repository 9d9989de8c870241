"""What applying a file leaves to be done elsewhere: on phones, and about trunks."""

from __future__ import annotations

from collections.abc import Iterator

from models.provisioning.whole import Outlook


def remarks_on(outlook: Outlook) -> list[str]:
    """Say what people have to do when a tenant becomes what it would be, one sentence each."""
    return [*_new_logins(outlook), *_silent_trunks(outlook)]


def _new_logins(outlook: Outlook) -> Iterator[str]:
    before, tenant = outlook.before, outlook.wanted.tenant
    if before is not None and before.devices and before.tenant.domain != tenant.domain:
        yield f"every phone of {tenant.name} has to log in anew at {tenant.domain}"


def _silent_trunks(outlook: Outlook) -> Iterator[str]:
    tenant = outlook.wanted.tenant.name
    for trunk in outlook.passwords.silent:
        command = f"pbx trunk set {trunk} --tenant {tenant} --password-stdin"
        yield f"trunk {trunk} has no password and does not register: {command}"
