"""The Asterisk of this home, as the command line reaches it: over ARI and over its console."""

from __future__ import annotations

from typing import Final

from ari_client import AriSettings
from asterisk_conf import (
    AsteriskElsewhere,
    AsteriskError,
    AsteriskInstall,
    AsteriskMissing,
    NodeSettings,
)
from asterisk_conf.console import ask
from asterisk_conf.install import fetched_install, system_install
from pbx_cli.supervisor.node import node_settings
from stasis_apps.settings import Settings

REQUEST_TIMEOUT_S: Final = 3.0
ARI_USER: Final = "pbx"


def ari_access(settings: Settings) -> AriSettings:
    """How the command line reaches the Asterisk of this home.

    Raises:
        AsteriskError: No Asterisk has ever been set up in this home.
    """
    path = settings.home / "asterisk" / "ari.secret"
    try:
        password = path.read_text(encoding="ascii").strip()
    except OSError as problem:
        raise AsteriskError(
            f"no Asterisk has been set up in {settings.home} yet: {path} holds no password for it"
        ) from problem
    return AriSettings(
        base_url=settings.ari_base_url,
        username=ARI_USER,
        password=password,
        request_timeout_s=REQUEST_TIMEOUT_S,
    )


def find_installed(settings: Settings) -> AsteriskInstall:
    """The Asterisk that `pbx run` would start; nothing is fetched.

    Raises:
        AsteriskMissing: There is none yet.
    """
    found = system_install(lambda _: None) or fetched_install(settings.asterisk_root)
    if found is None:
        raise AsteriskMissing("there is no Asterisk on this machine yet; `pbx run` fetches one")
    return found


def home_node(settings: Settings) -> NodeSettings:
    """The Asterisk of this home, wherever it runs: what its folder holds, not its program."""
    return node_settings(settings, AsteriskElsewhere())


async def console(settings: Settings, command: str) -> str:
    """Run a command on Asterisk's console and return what it printed.

    Raises:
        AsteriskError: It does not run, its folder is not shared with us, or it does not answer.
    """
    return await ask(home_node(settings), command)
