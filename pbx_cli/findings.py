"""Findings of the lint, and faults of files, as people and scripts read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.tenant_file.parts import FileFault, TenantFile, written
from pbx_cli.output import emit_line, in_words, note
from stasis_apps.lint import Finding, Severity

_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}
_INDENT: Final = "    "
_WIDTH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found in one file, or in one tenant.

    Attributes:
        title: The file as it was named, or the tenant.
        file: The file; None for a tenant of the database.
        faults: What keeps it from being applied; then nothing else was looked for.
        findings: All else, silenced ones among them.
    """

    title: str
    file: TenantFile | None = None
    faults: Sequence[FileFault] = ()
    findings: Sequence[Finding] = ()

    def count(self, severity: Severity) -> int:
        """How many findings are that bad and not silenced."""
        return sum(one.severity is severity and not one.silenced for one in self.findings)

    @property
    def errors(self) -> int:
        """How much of it has to be mended before it can be applied."""
        return len(self.faults) + self.count(Severity.ERROR)

    @property
    def warnings(self) -> int:
        """How much of it is probably not meant."""
        return self.count(Severity.WARNING)

    @property
    def silenced(self) -> int:
        """How much of it somebody has accepted."""
        return sum(bool(one.silenced) for one in self.findings)


def findings_document(checked: Checked) -> dict[str, object]:
    """The same for scripts; silenced findings have their reason in ``silenced``."""
    return {
        "checked": checked.title,
        "errors": checked.errors,
        "warnings": checked.warnings,
        "silenced": checked.silenced,
        "faults": [_fault(fault) for fault in checked.faults],
        "findings": [_finding(finding, checked.file) for finding in checked.findings],
    }


def _fault(fault: FileFault) -> dict[str, object]:
    told = fault.fault.as_fault()
    return {
        "line": fault.place.line,
        "column": fault.place.column,
        "path": told.path,
        "value": in_words(told.value),
        "rule": told.rule,
        "sentence": str(told),
    }


def _finding(finding: Finding, file: TenantFile | None) -> dict[str, object]:
    place = file.place_of(finding.route) if file else None
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "path": written(finding.route),
        "sentence": finding.sentence,
        "mend": finding.mend,
        "silenced": finding.silenced,
    }


def tell_findings(checked: Checked) -> None:
    """Print what is not silenced, a line each; how to mend it below the first of its kind."""
    for fault in checked.faults:
        emit_line((str(fault), _STYLES[Severity.ERROR]))
    told: set[str] = set()
    for finding in (one for one in checked.findings if not one.silenced):
        _tell(finding, _where(finding, checked))
        if finding.mend not in told:
            told.add(finding.mend)
            emit_line((f"{_INDENT}{finding.mend}", "dim"))
    note(f"{checked.title}: {_summary(checked)}.")


def _tell(finding: Finding, where: str) -> None:
    """One line; a sentence that is too long for it gets one of its own."""
    what = (f"{finding.severity.value} {finding.code}", _STYLES[finding.severity])
    if len(where) + len(what[0]) + len(finding.sentence) + len(": : ") <= _WIDTH:
        emit_line(f"{where}: ", what, f": {finding.sentence}")
    else:
        emit_line(f"{where}: ", what)
        emit_line(f"{_INDENT}{finding.sentence}")


def _where(finding: Finding, checked: Checked) -> str:
    """``acme.yaml:12:7``, as editors find it; the path in the document where there is no file."""
    if checked.file is None:
        return written(finding.route)
    place = checked.file.place_of(finding.route)
    return f"{checked.title}:{place.line}:{place.column}"


def _summary(checked: Checked) -> str:
    counted = Counter(error=checked.errors, warning=checked.warnings)
    words = [f"{count} {what}{'s' * (count != 1)}" for what, count in counted.items() if count]
    words += [f"{checked.silenced} silenced"] * bool(checked.silenced)
    return ", ".join(words) or "nothing to mend"
