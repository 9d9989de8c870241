"""Outside numbers: which trunk they belong to and where they lead."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from tortoise.queryset import QuerySet

from models import rules
from models.errors import Fault, InUse, refuse_if_any, taken
from models.facts import NumberAssigned, NumberAssignment, NumberFacts
from models.numbering import normalised
from models.outside_number import OutsideNumber, PastAssignment
from models.provisioning.caller_ids import who_shows
from models.provisioning.catalogue import Wire, target_faults
from models.provisioning.change import changing, stamp
from models.provisioning.finding import every, only, tenant_called
from models.provisioning.lines import number_facts, numbers_of
from models.provisioning.reading import found, rows_of
from models.provisioning.trunks import trunk_of
from models.tenant import Tenant

KEPT_ASSIGNMENTS: Final = 100
"""How far back one can look per number."""

_NUMBER = re.compile(r"\+?[0-9]{5,15}", re.ASCII)


async def create_number(
    *,
    tenant: str,
    number: str,
    trunk: str,
    target: str = "",
    label: str = "",
    if_missing: bool = False,
) -> NumberFacts:
    """Let outsiders reach somebody by a number.

    Args:
        tenant: Whose.
        number: 5 to 15 digits, with or without a plus.
        trunk: The name of the trunk its calls come through.
        target: Where they are led; empty for nowhere yet.
        label: What people call it.
        if_missing: The number may be there already; it is left as it is.

    Raises:
        NotFound: There is no such tenant, or no such trunk in it.
        InvalidSettings: All that is wrong.
        AlreadyExists: The number is there already, perhaps in another spelling.
    """
    async with changing():
        owner = await tenant_called(tenant)
        refuse_if_any(number_shape_faults(number))
        digits = normalised(number, owner.country)
        there = await _row(owner, digits)
        if there is not None and if_missing:
            return number_facts(there)
        line = await trunk_of(owner, trunk)
        wanted = NumberFacts(number=number, digits=digits, trunk=trunk, target=target, label=label)
        refuse_if_any(await _faults(wanted, owner))
        if there is not None:
            sentence = f"Tenant {tenant} has the number {there.number} already"
            raise taken("number", number, sentence)
        await OutsideNumber.create(
            tenant=owner, trunk=line, number=number, digits=digits, target=target, label=label
        )
        await _remember(owner, wanted)
        await stamp(owner)
        return wanted


async def set_number(
    *,
    tenant: str,
    number: str,
    trunk: str | None = None,
    target: str | None = None,
    label: str | None = None,
) -> NumberAssigned:
    """Change where a number leads or belongs; what is None stays as it is.

    Args:
        tenant: Whose.
        number: Which, in any spelling.
        trunk: The name of the trunk it belongs to from now on.
        target: Where its calls are led from now on; empty for nowhere.
        label: What people call it; an empty text removes it.

    Returns:
        The number, and what the new target and the new trunk replaced.

    Raises:
        NotFound: There is no such tenant, or no such number or trunk in it.
        InvalidSettings: All that would be wrong.
    """
    async with changing():
        owner = await tenant_called(tenant)
        row = await _number_of(owner, number)
        before = number_facts(row)
        line = row.trunk if trunk is None else await trunk_of(owner, trunk)
        after = replace(
            before,
            trunk=line.name,
            target=before.target if target is None else target,
            label=before.label if label is None else label,
        )
        refuse_if_any(await _faults(after, owner))
        if after != before:
            row.trunk, row.target, row.label = line, after.target, after.label
            await row.save()
            await stamp(owner)
        if (after.trunk, after.target) != (before.trunk, before.target):
            await _remember(owner, after)
        return NumberAssigned(
            number=after,
            replaced_target=before.target if after.target != before.target else None,
            replaced_trunk=before.trunk if after.trunk != before.trunk else None,
        )


async def remove_number(*, tenant: str, number: str) -> None:
    """Let nobody be reached by a number any more; an assignment before it does not come back.

    Raises:
        NotFound: There is no such tenant, or no such number in it.
        InUse: Calls out show it; the message lists whose.
    """
    async with changing():
        owner = await tenant_called(tenant)
        row = await _number_of(owner, number)
        users = who_shows(row.digits, await rows_of(owner))
        if users:
            raise InUse(f"{row.number} cannot be removed:\n" + "\n".join(users), users)
        await row.delete()
        await _remember(owner, replace(number_facts(row), trunk="", target=""))
        await stamp(owner)


async def list_numbers(*, tenant: str) -> list[NumberFacts]:
    """List a tenant's outside numbers.

    Raises:
        NotFound: There is no such tenant.
    """
    return await numbers_of(await tenant_called(tenant))


async def get_number(*, tenant: str, number: str) -> NumberFacts:
    """Show one outside number, named in any spelling.

    Raises:
        NotFound: There is no such tenant, or no such number in it.
    """
    return number_facts(await _number_of(await tenant_called(tenant), number))


async def number_history(*, tenant: str, number: str) -> list[NumberAssignment]:
    """Tell where a number has led, the latest first; also of a number that is gone.

    Raises:
        NotFound: There is no such tenant.
    """
    owner = await tenant_called(tenant)
    rows = await every(_history(owner, normalised(number, owner.country)))
    return [NumberAssignment(row.assigned_at, row.trunk, row.target) for row in rows]


def number_shape_faults(number: str) -> list[Fault]:
    """Refuse what nobody outside could dial."""
    if _NUMBER.fullmatch(number):
        return []
    return [Fault("number", number, "an outside number has 5 to 15 digits, and may have a plus")]


async def _faults(wanted: NumberFacts, owner: Tenant) -> list[Fault]:
    wire = Wire(f"number {wanted.number}", "", wanted.target)
    return [
        *(rules.display_name_faults(wanted.label, "label") if wanted.label else []),
        *target_faults([wire], await rows_of(owner)),
    ]


async def _row(tenant: Tenant, digits: str) -> OutsideNumber | None:
    return await only(OutsideNumber.of(tenant).select_related("trunk"), digits=digits)


async def _number_of(tenant: Tenant, number: str) -> OutsideNumber:
    row = await _row(tenant, normalised(number, tenant.country))
    return found(row, tenant, f"number {number}")


def _history(tenant: Tenant, digits: str) -> QuerySet[PastAssignment]:
    return PastAssignment.of(tenant).filter(digits=digits).order_by("-id")


async def _remember(tenant: Tenant, now: NumberFacts) -> None:
    await remember_assignments(tenant, [now])


async def remember_assignments(
    tenant: Tenant, numbers: Sequence[NumberFacts], *, is_first: bool = False
) -> None:
    """Note where numbers lead from now on; inside `changing` only.

    Args:
        tenant: Whose.
        numbers: As they are now; one without a trunk is gone.
        is_first: The tenant is new, and nothing old has to be forgotten.
    """
    now = datetime.now(UTC)
    await PastAssignment.bulk_create(
        PastAssignment(
            tenant_id=tenant.id,
            digits=number.digits,
            trunk=number.trunk,
            target=number.target,
            assigned_at=now,
        )
        for number in numbers
    )
    for number in () if is_first else numbers:
        too_old = await _history(tenant, number.digits).offset(KEPT_ASSIGNMENTS).first()
        if too_old is not None:
            await _history(tenant, number.digits).filter(id__lte=too_old.id).delete()
