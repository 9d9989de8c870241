"""What is said after a change that is allowed and yet seldom meant."""

from __future__ import annotations

from models import provisioning
from pbx_cli.context import Desk
from pbx_cli.output import note


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
    for warning in warnings:
        note(f"Warning: {warning}.")
