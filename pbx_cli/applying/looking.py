"""A tenant file before it is applied: read, compared with the database, and judged."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.provisioning.whole import Outlook, faults_of, look_at
from models.tenant_file.parts import FaultyFile, written
from models.tenant_file.patch import changes_in
from models.tenant_file.reading import read_tenant_file
from pbx_cli.applying.cuts import cuts_of
from pbx_cli.context import Desk
from pbx_cli.element_kinds import kind_schemas
from pbx_cli.findings import Found, found_in
from pbx_cli.imagined.tried_routes import deviation_sentence
from pbx_cli.output import json_text
from pbx_cli.patch_story import patch_document
from stasis_apps.lint import Finding, Severity, lint
from stasis_apps.lint.linting import is_told
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.route_tests import run_route_tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was known of a file when it was said that it may be applied.

    Attributes:
        path: The file as it was named.
        mark: Of all that it would change.
        losses: What it would take away and cut off, by place and in sentences.
    """

    path: Path
    mark: str
    losses: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a file would do, and what speaks against it.

    Attributes:
        path: The file as it was named.
        outlook: What it would make of its tenant.
        findings: What is odd about the tenant as it would be, silenced findings left out.
        cuts: What goes and is in use, and what would be opened that somebody has closed.
        failed: The route tests that would fail, where they were asked for.
    """

    path: Path
    outlook: Outlook
    findings: Sequence[Finding] = ()
    cuts: Sequence[Finding] = ()
    failed: Sequence[Finding] = ()

    @property
    def errors(self) -> list[Found]:
        """What cannot work."""
        return self.at_places(one for one in self.findings if one.severity is Severity.ERROR)

    @property
    def warnings(self) -> list[Found]:
        """What is probably not meant."""
        return self.at_places(one for one in self.findings if one.severity is Severity.WARNING)

    def at_places(self, findings: Iterable[Finding]) -> list[Found]:
        """Findings where they stand in the file."""
        return found_in(str(self.path), self.outlook.file, findings)

    @property
    def judged(self) -> Judged:
        """What has to be the same when it is applied."""
        outlook = self.outlook
        changes = [outlook.file.tenant, patch_document(outlook.patch), list(outlook.notes)]
        gone = {written(one.route) for one in changes_in(outlook.patch) if one.is_removal}
        return Judged(
            path=self.path,
            mark=hashlib.sha256(json_text(changes).encode()).hexdigest(),
            losses=frozenset(gone | {one.sentence for one in self.cuts}),
        )


async def outlook_of(desk: Desk, path: Path, earlier: Outlook | None = None) -> Outlook:
    """Read a file and find out what it would make of its tenant.

    Args:
        desk: The operator's.
        path: The file.
        earlier: What was found out before.

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
    return await look_at(
        file=file,
        seal=desk.seal,
        catalogue=desk.catalogue,
        sounds=desk.sounds,
        earlier=earlier,
    )


async def look(
    desk: Desk, path: Path, *, tests: bool = False, earlier: Outlook | None = None
) -> Looked:
    """Look at a file in every way.

    Args:
        desk: The operator's.
        path: The file.
        tests: Run its route tests, too.
        earlier: What was found out before.

    Raises:
        FaultyFile: All that is wrong with it.
    """
    outlook = await outlook_of(desk, path, earlier)
    return await look_through(desk, path, outlook, tests=tests)


async def look_through(desk: Desk, path: Path, outlook: Outlook, *, tests: bool = False) -> Looked:
    """Find out what speaks against what a tenant would become.

    Args:
        desk: The operator's.
        path: Where it comes from.
        outlook: It.
        tests: Run the route tests, too.
    """
    now = datetime.now(UTC)
    plan = await asyncio.to_thread(
        build_plan, outlook.wanted, sound_folder=desk.settings.sound_folder
    )
    speaks_tls = desk.settings.tls is not None
    found = await asyncio.to_thread(lint, outlook.wanted, plan, now=now, speaks_tls=speaks_tls)
    return Looked(
        path=path,
        outlook=outlook,
        findings=[one for one in found if is_told(one)],
        cuts=await cuts_of(desk, outlook),
        failed=await _failed(outlook, plan, now) if tests else (),
    )


async def _failed(outlook: Outlook, plan: NumberPlan, now: datetime) -> list[Finding]:
    tried = await run_route_tests(plan, outlook.wanted.tenant.route_tests, now=now)
    return [
        Finding(
            code="route-test",
            severity=Severity.ERROR,
            route=("tests", one.place),
            sentence=f"{one.name}: {deviation_sentence(deviation)}",
            mend="Mend the plan, or what the test expects.",
        )
        for one in tried
        for deviation in one.deviations
    ]
