"""A tenant file before it is applied: read, compared with the database, and judged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.provisioning.whole import Outlook, faults_of, look_at
from models.tenant_file.parts import FaultyFile
from models.tenant_file.reading import read_tenant_file
from pbx_cli.context import Desk
from pbx_cli.cuts import cuts_of
from pbx_cli.plan_at_hand import kind_schemas
from pbx_cli.tried_routes import deviation_sentence
from stasis_apps.lint import Finding, Severity, lint
from stasis_apps.lint.linting import is_told
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.route_tests import run_route_tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a file would do, and what speaks against it.

    Attributes:
        path: The file as it was named.
        outlook: What it would make of its tenant.
        findings: What is odd about the tenant as it would be, silenced findings left out.
        cuts: What goes and is in use, one sentence each.
        failed: The route tests that would fail, one sentence each, where they were asked for.
    """

    path: Path
    outlook: Outlook
    findings: Sequence[Finding] = ()
    cuts: Sequence[str] = ()
    failed: Sequence[str] = ()

    @property
    def errors(self) -> list[str]:
        """What cannot work, one line each."""
        return [self._told(one) for one in self.findings if one.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[str]:
        """What is probably not meant, one line each."""
        return [self._told(one) for one in self.findings if one.severity is Severity.WARNING]

    def _told(self, finding: Finding) -> str:
        """Where, what, and how to mend it."""
        place = self.outlook.file.place_of(finding.route)
        where = f"{self.path}:{place.line}:{place.column}"
        return f"{where}: {finding.sentence} ({finding.code}). {finding.mend}"


async def outlook_of(desk: Desk, path: Path) -> Outlook:
    """Read a file and find out what it would make of its tenant.

    Raises:
        FaultyFile: All that is wrong with it, also where a part of it cannot be understood.
    """
    try:
        file = await asyncio.to_thread(read_tenant_file, path, kind_schemas())
    except FaultyFile as fault:
        if fault.rest is None:
            raise
        rest = await faults_of(file=fault.rest, catalogue=desk.catalogue, sounds=desk.sounds)
        raise fault.along_with(rest) from None
    return await look_at(file=file, seal=desk.seal, catalogue=desk.catalogue, sounds=desk.sounds)


async def look(desk: Desk, path: Path, *, tests: bool = False) -> Looked:
    """Look at a file in every way.

    Args:
        desk: The operator's.
        path: The file.
        tests: Run its route tests, too.

    Raises:
        FaultyFile: All that is wrong with it.
    """
    outlook = await outlook_of(desk, path)
    now = datetime.now(UTC)
    plan = await asyncio.to_thread(
        build_plan, outlook.wanted, sound_folder=desk.settings.sound_folder
    )
    found = await asyncio.to_thread(lint, outlook.wanted, plan, now=now)
    return Looked(
        path=path,
        outlook=outlook,
        findings=[one for one in found if is_told(one)],
        cuts=await cuts_of(desk, outlook),
        failed=await _failed(outlook, plan, now) if tests else (),
    )


async def _failed(outlook: Outlook, plan: NumberPlan, now: datetime) -> list[str]:
    tried = await run_route_tests(plan, outlook.wanted.tenant.route_tests, now=now)
    return [
        f"{one.name}: {deviation_sentence(deviation)}"
        for one in tried
        for deviation in one.deviations
    ]
