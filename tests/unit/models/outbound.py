"""Outbound rules, made with a line where the details do not matter."""

from collections.abc import Mapping
from typing import TypedDict, Unpack

from models import provisioning
from models.facts import OutboundRuleFacts
from models.seal import Seal
from stasis_apps.element import Catalogue
from tests.unit.models.builders import a_tenant

CATALOGUE = Catalogue()
OFFICE_HOURS: Mapping[str, object] = {
    "timezone": "Europe/Moscow",
    "windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}],
}


class Further(TypedDict, total=False):
    """What may be said of a rule besides its mask."""

    output: str
    action: str
    trunks: tuple[str, ...]
    mode: str
    users: tuple[str, ...]
    hours: Mapping[str, object]
    caller_id: str


async def an_office(seal: Seal) -> None:
    """acme, a tenant with three people and two lines, moscow being the default."""
    await a_tenant("acme")
    for number in ("100", "101", "102"):
        await provisioning.create_extension(tenant="acme", number=number, name=number, seal=seal)
    for trunk in ("moscow", "spb"):
        await provisioning.create_trunk(
            tenant="acme",
            name=trunk,
            seal=seal,
            password="their-secret-not-ours",
            host=f"{trunk}.carrier.test",
            username="acme",
        )


async def a_rule(
    name: str,
    mask: str = "(+)",
    *,
    pin: str | None = None,
    place: int | None = None,
    **given: Unpack[Further],
) -> OutboundRuleFacts:
    """A rule with what a person has to say and no more."""
    return await provisioning.create_rule(
        tenant="acme", name=name, catalogue=CATALOGUE, pin=pin, place=place, mask=mask, **given
    )
