"""What speaks against applying some files: told for all of them before anything is changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from models.tenant_file.parts import FaultyFile, FileFault
from pbx_cli.applying.claims import ClaimsOfFiles
from pbx_cli.applying.looking import Looked
from pbx_cli.asking import agree_to
from pbx_cli.errors import FAILED, Refused
from pbx_cli.findings import Found, findings_as_text, found_document, note_findings
from pbx_cli.output import counted, json_is_wanted, note, say

INVALID: Final = 5
IN_USE: Final = 4
MOST_WARNINGS: Final = 50


@dataclass(slots=True, kw_only=True)
class Verdict:
    """Collects what is found file by file; holds little of each, for there may be thousands.

    Attributes:
        what_now: What has become of the files when they are refused.
        faults: What breaks rules.
        errors: What the lint calls errors.
        warnings: What it calls warnings.
        failed: Route tests that would fail.
        cuts: What goes and is in use, and what would be opened.
    """

    what_now: str = "nothing was changed"
    faults: list[FileFault] = field(default_factory=list)
    errors: list[Found] = field(default_factory=list)
    warnings: list[Found] = field(default_factory=list)
    failed: list[Found] = field(default_factory=list)
    cuts: list[Found] = field(default_factory=list)
    _claims: ClaimsOfFiles = field(default_factory=ClaimsOfFiles)

    def of_one(self) -> Verdict:
        """A new verdict about one of the files when its turn has come."""
        return Verdict(what_now="this file was not applied", _claims=self._claims)

    def hear(self, looked: Looked) -> None:
        """Take in what was found about one file."""
        self.errors += looked.errors
        self.warnings += looked.warnings
        self.failed += looked.at_places(looked.failed)
        self.cuts += looked.at_places(looked.cuts)
        self.faults += self._claims.faults_of(looked.outlook.file, looked.outlook.wanted)

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
            raise self.refused("Some of it cannot work", self.errors, INVALID)
        if is_strict and self.warnings:
            raise self.refused("There are warnings (--strict)", self.warnings, INVALID)
        if self.failed:
            raise self.refused("Route tests would fail", self.failed, FAILED)

    def tell_warnings(self) -> None:
        """Tell people what is probably not meant; scripts find it with each file."""
        if json_is_wanted():
            return
        note_findings(self.warnings[:MOST_WARNINGS])
        if (more := len(self.warnings) - MOST_WARNINGS) > 0:
            note(f"And {counted(more, 'more warning')}; pbx check lists all of them.")

    def ask_about_cuts(self, *, is_confirmed: bool) -> None:
        """Let nobody be cut off, and nothing be opened, without a yes.

        Args:
            is_confirmed: It was said beforehand.

        Raises:
            Refused: There is nobody to ask, or the answer was no.
        """
        if not self.cuts or is_confirmed:
            return
        if not sys.stdin.isatty():
            raise self.refused("This needs --yes", self.cuts, IN_USE)
        say(f"This needs a yes:\n{findings_as_text(self.cuts)}", to_stderr=True)
        agree_to("Go on?")

    def refused(self, why: str, found: Sequence[Found], exit_code: int) -> Refused:
        """A refusal that lists findings."""
        message = f"{why}; {self.what_now}:\n{findings_as_text(found)}"
        documents = [found_document(one) for one in found]
        return Refused(message, exit_code=exit_code, faults=documents)
