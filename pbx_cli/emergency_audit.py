"""What the audit of emergency calls asks besides the tables: Asterisk, and the masks of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from asterisk_conf import AsteriskError
from models import provisioning
from models.emergency_audit import Finding, Trouble, audit
from models.emergency_rules import numbers_for_help
from models.facts import TenantRows, TrunkFacts
from pbx_cli.output import note
from pbx_cli.trunk_states import TrunkState, trunk_states
from stasis_apps.decisions.masks import MaskFault, compile_mask, is_ban
from stasis_apps.settings import Settings

WhyDown: TypeAlias = Callable[[TrunkFacts], str]
"""Says why a trunk does not work at this moment; empty when it does, or nobody knows."""

DENIES: Final = "deny"


async def trunks_that_are_down(settings: Settings, tenants: Iterable[str]) -> WhyDown:
    """Ask Asterisk how trunks are; when it cannot be asked, that is said and all count as well.

    Raises:
        NotFound: There is no such tenant.
    """
    trunks = [one for name in tenants for one in await provisioning.list_trunks(tenant=name)]
    try:
        states = await trunk_states(settings, [one.endpoint for one in trunks])
    except AsteriskError as fault:
        note(f"Asterisk cannot be asked how trunks are: {fault}")
        return lambda _trunk: ""
    return lambda trunk: why_down(trunk, states.get(trunk.endpoint))


async def audited(tenant: str, down: WhyDown) -> list[Finding]:
    """List what would go wrong in one tenant.

    Raises:
        NotFound: There is no such tenant.
    """
    facts = await provisioning.get_tenant(name=tenant)
    rows = await provisioning.read_plan_rows(facts.id)
    reasons = {one.name: why for one in rows.trunks if (why := down(one))}
    return [*audit(rows, reasons), *rules_that_would_catch(rows)]


def why_down(trunk: TrunkFacts, state: TrunkState | None) -> str:
    """Why a trunk does not work at this moment; empty when it does, or nobody knows."""
    if state is None:
        return "" if trunk.registration == "none" else "is not known to Asterisk"
    if state.is_reachable is False:
        return "does not answer"
    if trunk.registration == "none" or state.registration == "registered":
        return ""
    return f"is {state.registration if state.registration != 'not used' else 'unregistered'}"


def rules_that_would_catch(rows: TenantRows) -> Iterator[Finding]:
    """Name the rules that forbid emergency numbers, as far as they go; no call for help is stopped.

    Somebody may have meant the rule for something else, or believe that it works.
    """
    for rule in rows.outbound:
        caught = [one for one in numbers_for_help(rows) if _matches(rule.mask, one)]
        forbids = rule.action == DENIES or is_ban(rule.output)
        if rule.is_enabled and forbids and caught:
            yield Finding(
                tenant=rows.tenant.name,
                trouble=Trouble.RULE_CATCHES,
                is_fault=False,
                words=f"rule {rule.name} is for {', '.join(caught)}, too: there it does not hold",
            )


def _matches(mask: str, number: str) -> bool:
    try:
        return compile_mask(mask).match(number) is not None
    except MaskFault:
        return False
