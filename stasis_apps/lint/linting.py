"""All checks over one tenant."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Final

from models.facts import TenantRows
from models.tenant_file.document import SECTIONS
from models.tenant_file.parts import written
from stasis_apps.lint.finding import USELESS_SILENCE, Finding, known_codes
from stasis_apps.lint.view import View
from stasis_apps.plan import NumberPlan

Check = Callable[[View], Iterable[Finding]]

_CHECKS: Final = "stasis_apps.lint.checks"
_RULES: Final = ("outbound", "rules")


def lint(
    rows: TenantRows,
    plan: NumberPlan,
    *,
    now: datetime,
    absent_sounds: Collection[str] = (),
    speaks_tls: bool = True,
) -> list[Finding]:
    """All findings in the order of the document; silenced ones say so and stay in the list.

    Args:
        rows: The tenant as it shall be.
        plan: The plan built from it.
        now: Windows are looked at over the year from here on.
        absent_sounds: Sounds whose files are known not to be there.
        speaks_tls: Whether the exchange does, as far as it is known.
    """
    at = now.astimezone(plan.tenant.timezone)
    view = View(rows=rows, plan=plan, now=at, absent_sounds=absent_sounds, speaks_tls=speaks_tls)
    found = [finding for check in checks() for finding in check(view)]
    told = [_silenced(finding, rows.tenant.silenced) for finding in found]
    useless = _useless(rows.tenant.silenced, found)
    rules = {rule.name: rule.place for rule in rows.outbound}
    return sorted((*told, *useless), key=lambda one: _order(one, rules))


def is_told(finding: Finding) -> bool:
    """Whether nobody has silenced it."""
    return not finding.silenced


@cache
def checks() -> tuple[Check, ...]:
    """The function ``findings`` of each module in ``stasis_apps/lint/checks``."""
    package = importlib.import_module(_CHECKS)
    names = (found.name for found in pkgutil.iter_modules(package.__path__))
    return tuple(importlib.import_module(f"{_CHECKS}.{name}").findings for name in sorted(names))


def _silenced(finding: Finding, silences: Sequence[Mapping[str, object]]) -> Finding:
    for one in silences:
        if _is_about(one, finding):
            return replace(finding, silenced=str(one.get("reason", "")) or "no reason given")
    return finding


def _is_about(silence: Mapping[str, object], finding: Finding) -> bool:
    """Whether an entry is for this finding: its code, at its place or anywhere inside."""
    at, where = str(silence.get("at", "")), written(finding.route)
    is_there = not at or where == at or where.startswith(f"{at}.")
    return is_there and silence.get("code") == finding.code


def _useless(
    silences: Sequence[Mapping[str, object]], found: Sequence[Finding]
) -> Iterator[Finding]:
    for place, one in enumerate(silences):
        code, at = str(one.get("code", "")), str(one.get("at", ""))
        known = known_codes().get(code)
        if any(_is_about(one, finding) for finding in found) or (known and known.is_of_machine):
            continue
        where = f" at {at}" if at else ""
        sentence = f"there is no {code}{where} that could be silenced"
        if known is None:
            sentence = f"there is no code {code}"
        yield USELESS_SILENCE.at(("lint", "ignore", place), sentence)


def _order(finding: Finding, rules: Mapping[str, int]) -> tuple[object, ...]:
    """Sections as they stand in a file; in them, rules by their place and all else by its name."""
    first, *parts = finding.route or ("",)
    section = SECTIONS.index(str(first)) if first in SECTIONS else len(SECTIONS)
    if finding.route[:2] == _RULES and len(parts) > 1:
        parts[1] = rules.get(str(parts[1]), 0)
    keys = [(0, part, "") if isinstance(part, int) else (1, 0, part) for part in parts]
    return section, keys, finding.code, finding.sentence
