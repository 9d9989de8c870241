"""What the wizard would write, with what lint and the route tests say of it; changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from models.facts import TenantRows
from models.provisioning.whole_faults import tenant_faults
from models.tenant_file.document import document_of, rows_of_document
from models.tenant_file.parts import Document, FaultyFile, TenantFile
from models.tenant_file.patch import Patch, patch_between
from models.tenant_file.reading import file_of_document
from pbx_cli.element_kinds import kind_schemas
from pbx_cli.wizard.answers import Answers
from pbx_cli.wizard.attendant import Parts, find, planned
from pbx_cli.wizard.proofs import with_proofs
from pbx_cli.wizard.questions import Office
from stasis_apps.element import Catalogue
from stasis_apps.lint import Finding, lint
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.route_tests import TriedRoute, run_route_tests

WHERE_IT_COMES_FROM: Final = Path("wizard")
"""What stands in front of faults, where a tenant file has its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A tenant with its attendant as it would be.

    Attributes:
        file: What would be put.
        parts: The elements of the attendant.
        rows: The tenant as it would be.
        plan: Its plan.
        patch: What would change.
        findings: What lint says that it does not say of the tenant as it is.
        tried: What became of the route tests.
        failed_before: The names of the tests that fail in the tenant as it is, too.
    """

    file: TenantFile
    parts: Parts
    rows: TenantRows
    plan: NumberPlan
    patch: Patch
    findings: Sequence[Finding]
    tried: Sequence[TriedRoute]
    failed_before: frozenset[str]

    @property
    def newly_failed(self) -> list[TriedRoute]:
        """The tests that fail because of what would change."""
        return [
            one for one in self.tried if not one.has_passed and one.name not in self.failed_before
        ]


async def propose(
    *, rows: TenantRows, office: Office, answers: Answers, folder: Path, now: datetime
) -> Proposal:
    """Plan the attendant, and try it.

    Args:
        rows: The tenant as it is.
        office: The same as a document, and the greetings that were answered as files.
        answers: What is wanted.
        folder: Where sounds lie.
        now: The present moment.

    Raises:
        InvalidSettings: The answers do not fit together, or the alias leads elsewhere.
        FaultyFile: What comes out cannot be a tenant.
    """
    document = wanted_document(office, answers, now=now)
    file = _file(document, office)
    wanted = rows_of_document(file, rows)
    faults = tenant_faults(wanted, rows, file.secrets, Catalogue())
    if faults:
        raise FaultyFile([file.at_its_place(fault) for fault in faults])
    plan, plan_before = (build_plan(one, sound_folder=folder) for one in (wanted, rows))
    said_before = {(one.code, one.sentence) for one in lint(rows, plan_before, now=now)}
    findings = [
        one
        for one in lint(wanted, plan, now=now)
        if not one.silenced and (one.code, one.sentence) not in said_before
    ]
    tried_before = await run_route_tests(plan_before, office.document.get("tests", ()), now=now)
    return Proposal(
        file=file,
        parts=find(document, office.name),
        rows=wanted,
        plan=plan,
        patch=patch_between(office.document, document_of(wanted)),
        findings=findings,
        tried=await run_route_tests(plan, file.document.get("tests", ()), now=now),
        failed_before=frozenset(one.name for one in tried_before if not one.has_passed),
    )


def wanted_document(office: Office, answers: Answers, *, now: datetime) -> Document:
    """The tenant's document with the attendant, its greeting and its route tests in it."""
    document: dict[str, Any] = planned(office.document, office.name, answers)
    if office.uploads:
        uploads = {name: sound.sha256 for name, sound in office.uploads.items()}
        document["sounds"] = dict(sorted({**document.get("sounds", {}), **uploads}.items()))
    document["tests"] = with_proofs(office.document, document, office.name, answers, now=now)
    return document


def _file(document: Document, office: Office) -> TenantFile:
    file = file_of_document(document, file=WHERE_IT_COMES_FROM, kinds=kind_schemas())
    sounds: Mapping[str, Any] = {**file.sounds, **office.uploads}
    return replace(file, sounds=sounds)
