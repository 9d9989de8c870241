"""The doctor's question about trunks: does a carrier refuse our registration?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from asterisk_conf import AsteriskError
from models import provisioning
from models.database import open_database
from models.errors import ModelsError
from pbx_cli.doctor.findings import Finding, up, warning
from pbx_cli.trunk_refusals import Refusal
from pbx_cli.trunk_states import rejected_trunks
from stasis_apps.settings import Settings

NAME: Final = "trunks"
TRUNKS_SHOWN: Final = 3


async def check_trunks(settings: Settings) -> Finding:
    """Is a registration refused, so that no calls come by a trunk?"""
    try:
        refused = await rejected_trunks(settings)
        if not refused:
            return up(NAME, "no carrier refuses a registration")
        async with open_database(settings.database_url):
            owners = await provisioning.registering_trunks()
    except (AsteriskError, ModelsError) as problem:
        return warning(NAME, str(problem))
    return finding_of(refused, owners)


def finding_of(
    refused: Mapping[str, Refusal | None], owners: Mapping[str, provisioning.TrunkOwner]
) -> Finding:
    """Say which trunks are refused, those that are there no more left out; pure."""
    told = [
        f"{owner.trunk} of tenant {owner.tenant} ({_why(refused[endpoint])})"
        for endpoint, owner in owners.items()
        if endpoint in refused
    ]
    if not told:
        return up(NAME, "no carrier refuses a registration")
    shown, more = told[:TRUNKS_SHOWN], len(told) - TRUNKS_SHOWN
    if more > 0:
        shown.append(f"{more} more")
    words = f"not registered at the carrier: {', '.join(shown)}"
    return warning(NAME, f"{words}; pbx trunk list --tenant TENANT says more")


def _why(refusal: Refusal | None) -> str:
    """A few words: ``403 Forbidden``."""
    if refusal is None:
        return "refused"
    return " ".join(str(part) for part in (refusal.status, refusal.text) if part)
