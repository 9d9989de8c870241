"""Calendars: holidays put into a tenant, read, taken out."""

from models import rules
from models.calendar import Calendar
from models.calendar_import import ImportedCalendar
from models.errors import InUse, NotFound, refuse_if_any
from models.facts import CalendarFacts
from models.provisioning.catalogue import ElementCatalogue, who_goes_by
from models.provisioning.change import changing, stamp
from models.provisioning.finding import only, tenant_called
from models.provisioning.lines import calendar_facts, calendars_of
from models.provisioning.reading import rows_of
from models.tenant import Tenant


async def put_calendar(*, tenant: str, name: str, calendar: ImportedCalendar) -> CalendarFacts:
    """Store holidays, or replace those of that name; the next call goes by them.

    Args:
        tenant: Whose.
        name: What time rules call them.
        calendar: What `import_calendar` made of the file.

    Raises:
        NotFound: There is no such tenant.
        InvalidSettings: The name breaks the rule.
    """
    refuse_if_any(rules.calendar_name_faults(name))
    async with changing():
        owner = await tenant_called(tenant)
        row = await only(Calendar.of(owner), name=name)
        before = None if row is None else calendar_facts(row)
        row = row or Calendar(tenant=owner, name=name)
        row.days = [[str(day.first), str(day.last), day.name] for day in calendar.days]
        row.covers_until = calendar.covers_until
        row.source = calendar.source
        after = calendar_facts(row)
        if after != before:
            await row.save()
            await stamp(owner)
        return after


async def remove_calendar(*, tenant: str, name: str, catalogue: ElementCatalogue) -> None:
    """Forget a calendar.

    Raises:
        NotFound: There is no such tenant, or no such calendar in it.
        InUse: Elements go by it; the message lists them.
    """
    async with changing():
        owner = await tenant_called(tenant)
        row = await _calendar_of(owner, name)
        users = who_goes_by(name, await rows_of(owner), catalogue)
        if users:
            raise InUse(f"The calendar {name} cannot be removed:\n" + "\n".join(users), users)
        await row.delete()
        await stamp(owner)


async def list_calendars(*, tenant: str) -> list[CalendarFacts]:
    """List a tenant's calendars by name.

    Raises:
        NotFound: There is no such tenant.
    """
    return await calendars_of(await tenant_called(tenant))


async def get_calendar(*, tenant: str, name: str) -> CalendarFacts:
    """Show one calendar.

    Raises:
        NotFound: There is no such tenant, or no such calendar in it.
    """
    return calendar_facts(await _calendar_of(await tenant_called(tenant), name))


async def _calendar_of(tenant: Tenant, name: str) -> Calendar:
    row = await only(Calendar.of(tenant), name=name)
    if row is None:
        raise NotFound(f"Tenant {tenant.name} has no calendar {name}")
    return row
