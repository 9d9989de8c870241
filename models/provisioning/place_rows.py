"""Locations and emergency addresses of a tenant, taken off their rows."""

from models.facts import EmergencyAddressFacts, LocationFacts
from models.location import EmergencyAddress, Location
from models.provisioning.finding import every
from models.tenant import Tenant


async def locations_of(tenant: Tenant) -> list[LocationFacts]:
    """Read where a tenant's phones stand, by name."""
    rows = Location.of(tenant).select_related("number").order_by("name")
    return [location_facts(row) for row in await every(rows)]


async def addresses_of(tenant: Tenant) -> list[EmergencyAddressFacts]:
    """Read which addresses are on record with a tenant's numbers, by their digits."""
    rows = EmergencyAddress.of(tenant).select_related("number").order_by("number__digits")
    return [address_facts(row) for row in await every(rows)]


def location_facts(row: Location) -> LocationFacts:
    """Take a location off its row, which has been read with its number."""
    return LocationFacts(
        name=row.name,
        number=row.number.number if row.number is not None else "",
        detail=row.detail,
        is_default=bool(row.is_default),
    )


def address_facts(row: EmergencyAddress) -> EmergencyAddressFacts:
    """Take an address off its row, which has been read with its number."""
    return EmergencyAddressFacts(
        number=row.number.number,
        digits=row.number.digits,
        party=row.party,
        street=row.street,
        city=row.city,
        region=row.region,
        postal_code=row.postal_code,
        country=row.country,
    )
