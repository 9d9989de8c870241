"""What somebody does who is rung, as people write it: ``5s``, ``busy``, or each detail by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from models.numbering import is_emergency, is_internal
from stasis_apps.plan import NumberPlan
from stasis_apps.simulation.scenario import Became, Doing

NOBODY_THERE: Final = "is no extension or device of the tenant, and no outside number"
"""What is wrong with a name at which nobody can be rung."""

NOBODY_ACTS: Final = "is no extension, device or trunk of the tenant, and no outside number"
"""What is wrong with a name behind which nobody can do anything."""

NOTHING_LOCKED: Final = "is no number and no outbound rule of the tenant"
"""What is wrong with a name behind which nobody can be asked for a PIN."""

_NUMBER: Final = re.compile(r"[+ ()-]*[0-9][+ ()0-9-]*")
_SECONDS: Final = re.compile(r"(\d{1,5}(?:\.\d+)?)s?", re.ASCII)


def doing_of(given: str | Mapping[str, Any]) -> Doing:  # JSON border: a part of a route test
    """What is meant by a text (seconds until they answer, or what becomes of the ringing) or a map.

    Raises:
        ValueError: It means nothing; the message is the rule, readable after the text.
    """
    if isinstance(given, Mapping):
        details = {"became": Became.ANSWERS, **given}
        return Doing(**{**details, "became": Became(details["became"])})
    seconds = _SECONDS.fullmatch(given)
    if seconds is not None:
        return Doing(became=Became.ANSWERS, after_s=float(seconds[1]))
    if given not in [one.value for one in Became]:
        words = ", ".join(Became)
        raise ValueError(f"is neither seconds until they answer (5s) nor one of {words}")
    return Doing(became=Became(given))


def is_somebody(plan: NumberPlan, name: str) -> bool:
    """Whether somebody with this name or number may be rung: at a phone of ours, or outside."""
    is_ours = name in plan.extensions or plan.phone(name) is not None
    if is_ours or is_emergency(name, plan.tenant.country):
        return True
    return not is_internal(name) and _NUMBER.fullmatch(name) is not None


def acts(plan: NumberPlan, name: str) -> bool:
    """Whether it can be said what they do: those who may be rung, and carriers by their trunk."""
    return is_somebody(plan, name) or any(trunk.name == name for trunk in plan.trunks.values())


def may_ask_for_pin(plan: NumberPlan, name: str) -> bool:
    """Whether there is a number, or an outbound rule of this name, that could ask for a PIN."""
    return name in plan.elements or any(rule.name == name for rule in plan.outbound)
