"""What is said after a change that is allowed and yet seldom meant."""

from __future__ import annotations

import asyncio

from models import provisioning
from models.numbering import is_extension_number
from pbx_cli.context import Desk
from pbx_cli.output import note
from stasis_apps.lint import forward_loop_through
from stasis_apps.planning import build_plan


async def warn_about(desk: Desk, tenant: str, owner: str) -> None:
    """Tell the operator on stderr what is doubtful about what they have just saved.

    Args:
        desk: Has the element kinds.
        tenant: Whose.
        owner: What was saved: ``100``, ``5000``, ``number +74951234567``, ``alias info``.
    """
    warnings = await provisioning.warnings_about(
        tenant=tenant, owner=owner, catalogue=desk.catalogue
    )
    if is_extension_number(owner):
        warnings = (*warnings, *await _loops(desk, tenant, owner))
    for warning in warnings:
        note(f"Warning: {warning}.")


async def _loops(desk: Desk, tenant: str, number: str) -> list[str]:
    """The ring in which a call for a person may be handed on for ever, if there is one."""
    facts = await provisioning.get_tenant(name=tenant)
    rows = await provisioning.read_plan_rows(facts.id)
    if not any(one.number == number and one.settings for one in rows.extensions):
        return []  # who has set nothing hands nothing on, and a plan takes its time
    plan = await asyncio.to_thread(build_plan, rows, sound_folder=desk.settings.sound_folder)
    loop = forward_loop_through(plan, number)
    return [loop] if loop else []
