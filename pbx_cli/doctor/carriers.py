"""The doctor's question about carriers by TLS: do they show certificates that can be believed?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from asterisk_conf import AsteriskError
from models.errors import ModelsError
from pbx_cli.carrier_certificates import disbelieved_carriers
from pbx_cli.doctor.findings import Finding, up, warning
from pbx_cli.output import in_words
from stasis_apps.settings import Settings

NAME: Final = "carriers by TLS"

ASKED_EVERY: Final = timedelta(hours=1)
"""A carrier is connected to at least as often as it is asked whether it is there; what was refused
before then may be a trunk that is not there any more."""


async def check_carriers(settings: Settings) -> Finding:
    """Has a carrier shown a certificate that Asterisk refused?"""
    if settings.tls is None:
        return up(NAME, "none; they need what phones by TLS need")
    try:
        refused = await disbelieved_carriers(settings)
    except (AsteriskError, ModelsError) as problem:
        return warning(NAME, str(problem))
    since = datetime.now(UTC) - ASKED_EVERY
    told = [f"{host} ({one.text})" for host, one in refused.items() if one.at > since]
    if not told:
        return up(NAME, "no certificate was refused")
    return warning(NAME, f"no calls to {in_words(told)}: its certificate is refused")
