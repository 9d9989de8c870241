"""Findings of the lint, and faults of files, as people and scripts read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from rich.text import Text

from models.tenant_file.parts import FileFault, Place, TenantFile, written
from pbx_cli.output import (
    PAGE_WIDTH,
    TEXT_END,
    counted,
    emit_line,
    in_words,
    margin,
    note,
    page_width,
)
from stasis_apps.lint import Finding, Severity

_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}
_INDENT: Final = "    "

Line = tuple[str | tuple[str, str], ...]
"""Texts, and texts with a style; `emit_line` prints them in a row."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding where people and editors look for it.

    Attributes:
        file: As it was named; None for a tenant of the database.
        place: Where in it; None where there is no text.
        finding: It.
    """

    file: str | None
    place: Place | None
    finding: Finding

    @property
    def where(self) -> str:
        """``acme.yaml:12:7``; the path in the document where there is no text."""
        if self.place is None:
            return written(self.finding.route)
        return f"{self.file}:{self.place.line}:{self.place.column}"


def found_in(title: str, file: TenantFile | None, findings: Iterable[Finding]) -> list[Found]:
    """Put findings at their places.

    Args:
        title: The file as it was named.
        file: What was read of it; None for a tenant of the database.
        findings: In any order.
    """
    has_text = file is not None and bool(file.places)
    return [
        Found(
            file=title if has_text else None,
            place=file.place_of(one.route) if file and has_text else None,
            finding=one,
        )
        for one in findings
    ]


def findings_document(checked: Checked) -> dict[str, object]:
    """The same for scripts; silenced findings have their reason in ``silenced``."""
    found = found_in(checked.title, checked.file, checked.findings)
    return {
        "checked": checked.title,
        "errors": checked.errors,
        "warnings": checked.warnings,
        "silenced": checked.silenced,
        "faults": [_fault(fault) for fault in checked.faults],
        "findings": [found_document(one) for one in found],
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


def found_document(found: Found) -> dict[str, object]:
    """One finding for scripts."""
    finding = found.finding
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "file": found.file,
        "line": found.place.line if found.place else None,
        "column": found.place.column if found.place else None,
        "path": written(finding.route),
        "sentence": finding.sentence,
        "mend": finding.mend,
        "silenced": finding.silenced,
    }


def tell_findings(checked: Checked) -> None:
    """Print what is not silenced, a line each; how to mend it below the first of its kind."""
    for fault in checked.faults:
        emit_line((str(fault), _STYLES[Severity.ERROR]))
    told = (one for one in checked.findings if not one.silenced)
    for line in finding_lines(found_in(checked.title, checked.file, told), page_width()):
        emit_line(*line)
    note(f"{checked.title}: {_summary(checked)}.")


def note_findings(found: Iterable[Found]) -> None:
    """Print findings beside the data, on stderr."""
    for line in finding_lines(found, page_width()):
        margin().print(Text.assemble(*line))


def findings_as_text(found: Iterable[Found]) -> str:
    """The same lines as plain text."""
    lines = (
        "".join(part if isinstance(part, str) else part[0] for part in line)
        for line in finding_lines(found, page_width())
    )
    return TEXT_END.join(lines)


def finding_lines(found: Iterable[Found], width: int = PAGE_WIDTH) -> Iterator[Line]:
    """A line for each finding; how to mend it stands below the first of its kind.

    A sentence that is too long for its line gets lines of its own.
    """
    told: set[str] = set()
    for one in found:
        finding = one.finding
        what = (f"{finding.severity.value} {finding.code}", _STYLES[finding.severity])
        if len(f"{one.where}: {what[0]}: {finding.sentence}") <= width:
            yield f"{one.where}: ", what, f": {finding.sentence}"
        else:
            yield f"{one.where}: ", what
            yield from ((part,) for part in _wrapped(finding.sentence, width))
        if finding.mend not in told:
            told.add(finding.mend)
            yield from (((part, "dim"),) for part in _wrapped(finding.mend, width))


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(
        text,
        width,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _summary(checked: Checked) -> str:
    found = {"error": checked.errors, "warning": checked.warnings}
    words = [counted(count, what) for what, count in found.items() if count]
    words += [f"{checked.silenced} silenced"] * bool(checked.silenced)
    return ", ".join(words) or "nothing to mend"
