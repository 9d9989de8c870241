"""Elements: what stands behind the numbers from 5000 up, made, changed, removed."""

from collections.abc import Mapping

from models import rules
from models.element import Element
from models.errors import InUse, refuse_if_any, taken
from models.facts import ElementFacts
from models.provisioning.catalogue import ElementCatalogue, element_faults, who_leads_to
from models.provisioning.change import changing, stamp
from models.provisioning.finding import only, tenant_called
from models.provisioning.mailboxes import empty_mailbox
from models.provisioning.merging import merged
from models.provisioning.reading import element_facts, element_of, rows_of
from models.switch import Switch


async def create_element(
    *,
    tenant: str,
    kind: str,
    number: str,
    settings: Mapping[str, object],
    catalogue: ElementCatalogue,
    if_missing: bool = False,
) -> ElementFacts:
    """Put an element behind a number.

    Args:
        tenant: Whose.
        kind: What it does (``greeting``).
        number: 5000 or more, six digits at most.
        settings: What the kind wants to know, exits and their targets included.
        catalogue: Knows the kinds.
        if_missing: The number may have an element already; it is left as it is.

    Raises:
        NotFound: There is no such tenant.
        InvalidSettings: All that is wrong with number, kind, settings, targets and sounds.
        AlreadyExists: The number has an element.
    """
    async with changing():
        owner = await tenant_called(tenant)
        there = await only(Element.of(owner), number=number)
        if there is not None and if_missing:
            return element_facts(there)
        wanted = ElementFacts(number=number, kind=kind, settings=merged({}, settings))
        refuse_if_any(
            [
                *rules.element_number_faults(number, owner.country),
                *element_faults(wanted, await rows_of(owner), catalogue),
            ]
        )
        if there is not None:
            raise taken("number", number, f"Tenant {tenant} has an element {number} already")
        await Element.create(tenant=owner, number=number, kind=kind, settings=dict(wanted.settings))
        await stamp(owner)
        return wanted


async def set_element(
    *,
    tenant: str,
    number: str,
    settings: Mapping[str, object],
    catalogue: ElementCatalogue,
) -> ElementFacts:
    """Change some settings of an element; what is not named stays, what is null goes.

    Args:
        tenant: Whose.
        number: Which.
        settings: Merged into what is there, level by level (RFC 7396).
        catalogue: Knows the kinds.

    Raises:
        NotFound: There is no such tenant, or no such element in it.
        InvalidSettings: All that would be wrong with the settings, targets and sounds.
    """
    async with changing():
        owner = await tenant_called(tenant)
        element = await element_of(owner, number)
        before = element_facts(element)
        after = ElementFacts(
            number=number, kind=element.kind, settings=merged(element.settings, settings)
        )
        refuse_if_any(element_faults(after, await rows_of(owner), catalogue))
        if after != before:
            element.settings = dict(after.settings)
            await element.save(update_fields=["settings"])
            await stamp(owner)
        return after


async def remove_element(*, tenant: str, number: str, catalogue: ElementCatalogue) -> None:
    """Take an element away from its number.

    Raises:
        NotFound: There is no such tenant, or no such element in it.
        InUse: Elements, users, numbers or aliases lead to it; the message lists them.
    """
    async with changing():
        owner = await tenant_called(tenant)
        element = await element_of(owner, number)
        users = who_leads_to(number, await rows_of(owner), catalogue)
        if users:
            raise InUse(f"{number} cannot be removed:\n" + "\n".join(users), users)
        await element.delete()
        await Switch.of(owner).filter(number=number).delete()
        await empty_mailbox(owner, number)
        await stamp(owner)
