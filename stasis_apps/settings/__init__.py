"""Settings: what the operator decides, read once from the environment and a file."""

from stasis_apps.settings.reading import read_settings
from stasis_apps.settings.values import (
    Address,
    MailServer,
    PortRange,
    SettingInvalid,
    Settings,
    SipTls,
    Tls,
)

__all__ = [
    "Address",
    "MailServer",
    "PortRange",
    "SettingInvalid",
    "Settings",
    "SipTls",
    "Tls",
    "read_settings",
]
