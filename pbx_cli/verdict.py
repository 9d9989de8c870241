"""What speaks against applying some files: told for all of them before anything is changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from models.errors import Fault
from models.tenant_file.parts import FaultyFile, FileFault, Route, RoutedFault, TenantFile
from pbx_cli.errors import FAILED, Refused
from pbx_cli.looking import Looked
from pbx_cli.output import note, say

INVALID: Final = 5
IN_USE: Final = 4
MOST_WARNINGS: Final = 50


@dataclass(slots=True)
class Verdict:
    """Collects what is found file by file; holds little of each, for there may be thousands.

    Attributes:
        faults: What breaks rules.
        errors: What the lint calls errors, one line each.
        warnings: What it calls warnings.
        failed: Route tests that would fail.
        cuts: What goes and is in use.
    """

    faults: list[FileFault] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    cuts: list[str] = field(default_factory=list)
    _owners: dict[str, Path] = field(default_factory=dict)

    def hear(self, looked: Looked) -> None:
        """Take in what was found about one file."""
        self.errors += looked.errors
        self.warnings += looked.warnings
        self.failed += [f"{looked.path}: {one}" for one in looked.failed]
        self.cuts += [f"{looked.path}: {one}" for one in looked.cuts]
        self._claim(looked.outlook.file)

    def hear_faults(self, fault: FaultyFile) -> None:
        """Take in what is wrong with one file."""
        self.faults += fault.file_faults

    def refuse(self, *, is_strict: bool) -> None:
        """Refuse all files when something speaks against one of them.

        Args:
            is_strict: Warnings do, too.

        Raises:
            FaultyFile: Rules are broken; all faults of all files.
            Refused: The lint has found errors, or route tests would fail.
        """
        if self.faults:
            raise FaultyFile(self.faults)
        if self.errors:
            raise _refused("Some of it cannot work", [*self.errors, *self.warnings], INVALID)
        if is_strict and self.warnings:
            raise _refused("There are warnings (--strict)", self.warnings, INVALID)
        for warning in self.warnings[:MOST_WARNINGS]:
            note(f"Warning: {warning}")
        if len(self.warnings) > MOST_WARNINGS:
            note(f"And {len(self.warnings) - MOST_WARNINGS} more warnings; pbx check lists them.")
        if self.failed:
            raise _refused("Route tests would fail", self.failed, FAILED)

    def ask_about_cuts(self, *, is_confirmed: bool) -> None:
        """Let nobody be cut off without a yes.

        Args:
            is_confirmed: It was said beforehand.

        Raises:
            Refused: There is nobody to ask.
            click.Abort: The answer was no.
        """
        if not self.cuts or is_confirmed:
            return
        if not sys.stdin.isatty():
            raise _refused(
                "What would be removed is in use, and --yes was not given", self.cuts, IN_USE
            )
        say("\n".join(["These are in use:", *(f"  {one}" for one in self.cuts)]), to_stderr=True)
        click.confirm("Remove them?", abort=True, err=True)

    def _claim(self, file: TenantFile) -> None:
        """No two files may be one tenant, or have one domain."""
        aliases: list[str] = list(file.document.get("domain_aliases", ()))
        claims: list[tuple[Route, str]] = [
            (("tenant",), file.tenant),
            (("domain",), f"@{file.document['domain']}"),
            *((("domain_aliases", place), f"@{one}") for place, one in enumerate(aliases)),
        ]
        for route, claim in claims:
            other = self._owners.setdefault(claim, file.file)
            if other != file.file:
                fault = RoutedFault(route, claim.lstrip("@"), f"stands in {other}, too")
                self.faults.append(file.at_its_place(fault))


def _refused(why: str, lines: Sequence[str], exit_code: int) -> Refused:
    faults = [Fault("", None, line, line) for line in lines]
    listed = "\n".join(f"  {line}" for line in lines)
    message = f"{why}; nothing was changed:\n{listed}"
    return Refused(message, exit_code=exit_code, faults=faults)
