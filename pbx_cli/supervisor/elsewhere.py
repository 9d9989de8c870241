"""An Asterisk that somebody else starts, in another container or unit: waited for, not started."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Final

import structlog

from asterisk_conf import AsteriskError
from pbx_cli.asterisk import ari_access
from stasis_apps.settings import SettingInvalid, Settings

SET_UP_PERIOD_S: Final = 0.5

log = structlog.get_logger(__name__)


def refuse_doors_out_of_reach(settings: Settings) -> None:
    """Refuse addresses at which an Asterisk elsewhere could not be reached from here.

    Raises:
        SettingInvalid: ARI or AMI would listen on loopback, over there.
    """
    if not settings.asterisk_host:
        return
    for name, bind in (("PBX_ARI_BIND", settings.ari_bind), ("PBX_AMI_BIND", settings.ami_bind)):
        if bind is None or ipaddress.ip_address(bind.host).is_loopback:
            rule = (
                f"must be where {settings.asterisk_host} (PBX_ASTERISK_HOST) listens for other "
                "machines, as in 0.0.0.0:8088; let nothing but the application reach it"
            )
            raise SettingInvalid(name, str(bind or ""), rule)


async def until_set_up(settings: Settings) -> None:
    """Wait until Asterisk has been set up in this home; whether it answers is seen later."""
    is_told = False
    while True:
        try:
            await asyncio.to_thread(ari_access, settings)
        except AsteriskError as problem:
            if not is_told:
                log.warning("asterisk_awaited", reason=str(problem))
                is_told = True
            await asyncio.sleep(SET_UP_PERIOD_S)
        else:
            return
