"""What applying a tenant file has done, or would do, for people and for scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from models.provisioning.whole import Applied
from models.tenant_file.patch import Patch
from pbx_cli.applying.looking import Looked
from pbx_cli.applying.remarks import remarks_on
from pbx_cli.findings import Found, found_document, note_findings
from pbx_cli.output import emit_line, json_is_wanted, note
from pbx_cli.patch_story import emit_patch, patch_document, sum_of

LONGEST_STORY: Final = 40
"""So many lines are told of what comes and changes; what goes is always told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file, or would.

    Attributes:
        file: As it was named.
        tenant: Which one it is.
        revision: Of the tenant; 0 where there is none yet.
        is_new: Whether the tenant was not there before.
        patch: What changes.
        notes: What changes besides, one sentence each.
        passwords: That were made now, by phone.
        remarks: What is left to be done elsewhere, one sentence each.
        errors: What the lint says cannot work.
        warnings: What it says is probably not meant.
        cuts: What goes and was in use, and what is opened.
    """

    file: Path
    tenant: str
    revision: int
    is_new: bool = False
    patch: Patch = field(default_factory=dict)
    notes: Sequence[str] = ()
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    remarks: Sequence[str] = ()
    errors: Sequence[Found] = ()
    warnings: Sequence[Found] = ()
    cuts: Sequence[Found] = ()

    @property
    def word(self) -> str:
        """What becomes of the tenant, in a word."""
        if self.is_new:
            return "created"
        return "changed" if self.patch or self.notes else "unchanged"


def outcome_of(looked: Looked, applied: Applied | None = None) -> Outcome:
    """What has become of a file; what would, where it has not been applied."""
    outlook = looked.outlook
    return Outcome(
        file=looked.path,
        tenant=outlook.file.tenant,
        revision=_revision(looked, applied),
        is_new=outlook.before is None,
        patch=(applied or outlook).patch,
        notes=(applied or outlook).notes,
        passwords=applied.passwords if applied else {},
        remarks=remarks_on(outlook),
        errors=looked.errors,
        warnings=looked.warnings,
        cuts=looked.at_places(looked.cuts),
    )


def tell_cuts(looked: Looked) -> None:
    """Tell people on stderr what would need a yes."""
    if looked.cuts and not json_is_wanted():
        note("This would need --yes:")
        note_findings(looked.at_places(looked.cuts))


def tell_outcome(outcome: Outcome, *, most: int | None, is_done: bool) -> None:
    """Print what became of a file, or would.

    Args:
        outcome: It.
        most: So many lines of what comes and changes; None for all.
        is_done: Whether it has been done.
    """
    emit_patch(outcome.patch, outcome.notes, most=most)
    emit_line((f"{outcome.file}: {_sentence(outcome, is_done=is_done)}", "bold"))
    if outcome.passwords:
        emit_line(f"Passwords of {outcome.tenant}, shown this once:")
        width = max(map(len, outcome.passwords))
        for name, password in outcome.passwords.items():
            emit_line(f"  {name.ljust(width)}  {password}")
    for remark in outcome.remarks:
        note(f"Note: {remark}")


def outcome_document(outcome: Outcome) -> dict[str, object]:
    """The same for scripts."""
    return {
        "file": str(outcome.file),
        "tenant": outcome.tenant,
        "result": outcome.word,
        "revision": outcome.revision,
        "changes": patch_document(outcome.patch),
        "notes": list(outcome.notes),
        "passwords": dict(outcome.passwords),
        "remarks": list(outcome.remarks),
        "errors": [found_document(one) for one in outcome.errors],
        "warnings": [found_document(one) for one in outcome.warnings],
        "in_use": [found_document(one) for one in outcome.cuts],
    }


def _revision(looked: Looked, applied: Applied | None) -> int:
    if applied is not None:
        return applied.tenant.revision
    before = looked.outlook.before
    return before.tenant.revision if before else 0


def _sentence(outcome: Outcome, *, is_done: bool) -> str:
    tenant = f"tenant {outcome.tenant}"
    told = sum_of(outcome.patch) or "secrets only"
    match outcome.word, is_done:
        case "created", True:
            return f"{tenant} is there, {told}."
        case "created", False:
            return f"{tenant} would be made, {told}."
        case "changed", True:
            return f"{tenant} is as the file says now, {told}."
        case "changed", False:
            return f"{tenant} would change, {told}."
        case _:
            return f"{tenant} is as the file says already."
