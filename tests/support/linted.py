"""The lint asked about a tenant, for tests that say what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from models.facts import TenantRows
from models.tenant_file.parts import written
from stasis_apps.lint import Finding, lint
from stasis_apps.planning import build_plan
from tests.support.builders import SOUND_FOLDER

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""A Monday."""


def found_in(
    rows: TenantRows, absent_sounds: Sequence[str] = (), *, speaks_tls: bool = True
) -> list[Finding]:
    """All findings about a tenant."""
    plan = build_plan(rows, sound_folder=SOUND_FOLDER)
    return lint(rows, plan, now=NOW, absent_sounds=absent_sounds, speaks_tls=speaks_tls)


def codes(rows: TenantRows) -> set[str]:
    """The codes that are found somewhere."""
    return {one.code for one in found_in(rows)}


def told_of(rows: TenantRows, code: str) -> list[str]:
    """Where a code is found."""
    return [written(one.route) for one in found_in(rows) if one.code == code]
