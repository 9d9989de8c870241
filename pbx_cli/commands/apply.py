"""`pbx apply`: make tenants equal to their files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from models.provisioning.whole import Outlook, applied_fingerprints
from models.tenant_file.parts import FaultyFile
from models.tenant_file.reading import fingerprint_of
from pbx_cli.applying.applied_story import (
    LONGEST_STORY,
    Outcome,
    outcome_document,
    outcome_of,
    tell_cuts,
    tell_outcome,
)
from pbx_cli.applying.looking import Judged, Looked, look
from pbx_cli.applying.looking_again import agree, carry_out
from pbx_cli.applying.looks_kept import LooksKept
from pbx_cli.applying.tenant_files import files_in
from pbx_cli.applying.verdict import Verdict
from pbx_cli.asking import yes_option
from pbx_cli.context import Desk, with_database
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import JsonList, counted, emit_line, json_is_wanted, note, printing
from pbx_cli.progress_bar import progress_bar

TOLD_IN_FULL: Final = 3
"""Of so many files what comes and changes is told line by line; of more, only what goes."""


@click.command(cls=PbxCommand, short_help="Make tenants equal to their files.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@click.option("--strict", is_flag=True, help="Warnings of the lint refuse, too (exit code 5).")
@click.option("--test", "tests", is_flag=True, help="Refuse when a route test would fail.")
@yes_option
@printing
@with_database
async def apply(
    desk: Desk, paths: tuple[Path, ...], dry_run: bool, strict: bool, tests: bool, yes: bool
) -> None:
    """Make tenants equal to their files; PATHS are files, and folders of files.

    Every file is checked before anything is changed, and all faults are told at once. Each file is
    one transaction. A file that was applied before is passed over: running it again after an
    interruption goes on where it stopped. What is in use is removed after a yes only.
    """
    files = files_in(paths)
    demands = _Demands(is_strict=strict, tests=tests, is_confirmed=yes)
    with _running(desk, demands, count=len(files)) as run:
        await run.check(files)
        run.refuse()
        if dry_run:
            await run.tell_only()
        else:
            run.verdict.ask_about_cuts(is_confirmed=yes)
            await run.apply()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Demands:
    """How much has to be right, and whether a yes was said beforehand."""

    is_strict: bool
    tests: bool
    is_confirmed: bool

    @property
    def any_look_will_do(self) -> bool:
        """Whether files that were applied before may be passed over unread."""
        return not (self.is_strict or self.tests)


@contextmanager
def _running(desk: Desk, demands: _Demands, *, count: int) -> Iterator[_Run]:
    """Tell what is left to be told at the end, also when it comes early."""
    run = _Run(desk, demands, count=count)
    try:
        yield run
    finally:
        run.finish()


class _Run:
    """All files of one command."""

    def __init__(self, desk: Desk, demands: _Demands, *, count: int) -> None:
        self.verdict = Verdict()
        self._desk, self._demands, self._count = desk, demands, count
        self._turns = LooksKept()
        self._documents = JsonList()
        self._unchanged = 0

    async def check(self, files: Sequence[Path]) -> None:
        """Look at every file that its tenant is not equal to already."""
        equal = await applied_fingerprints() if self._demands.any_look_will_do else {}
        with progress_bar("Checking", len(files)) as step:
            for file in files:
                tenant = equal.get(await asyncio.to_thread(fingerprint_of, file))
                if tenant is not None and await self._desk.sounds.is_settled(tenant, ()):
                    self._tell(Outcome(file=file, tenant=tenant, revision=0), is_done=True)
                else:
                    await self._look_at(file)
                step()

    def refuse(self) -> None:
        """Refuse all files when something speaks against one of them."""
        is_strict = self._demands.is_strict
        if not is_strict:
            self.verdict.tell_warnings()
        self.verdict.refuse(is_strict=is_strict)

    async def apply(self) -> None:
        """Apply the files one after the other."""
        done = 0
        try:
            with progress_bar("Applying", len(self._turns)) as step:
                for turn in self._turns:
                    await self._apply(await self._at_its_turn(turn))
                    done += 1
                    step()
        finally:
            if done < len(self._turns):
                note(f"{done} of {len(self._turns)} files were applied; run it again to go on.")

    async def tell_only(self) -> None:
        """Tell what the files would change."""
        for turn in self._turns:
            looked = turn if isinstance(turn, Looked) else await look(self._desk, turn.path)
            self._tell(outcome_of(looked), is_done=False)
            tell_cuts(looked)

    def finish(self) -> None:
        """Tell what is left to be told."""
        self._documents.close()
        if self._unchanged:
            is_one = self._unchanged == 1
            same = "its tenant is as it says" if is_one else "their tenants are as they say"
            emit_line(f"{counted(self._unchanged, 'file')}: {same} already.")

    async def _look_at(self, file: Path) -> None:
        try:
            looked = await look(self._desk, file, tests=self._demands.tests)
        except FaultyFile as fault:
            self.verdict.hear_faults(fault)
            return
        self.verdict.hear(looked)
        self._turns.add(looked)

    async def _at_its_turn(self, turn: Looked | Judged) -> Looked:
        """What was found out about a file; it is found out and judged again where it is not kept.

        Raises:
            FaultyFile: It has faults by now.
            Refused: Something speaks against it by now.
        """
        if isinstance(turn, Looked):
            return turn
        looked = await self._look_again(turn.path)
        agree(looked, turn, is_confirmed=self._demands.is_confirmed)
        return looked

    async def _look_again(self, path: Path, earlier: Outlook | None = None) -> Looked:
        looked = await look(self._desk, path, tests=self._demands.tests, earlier=earlier)
        verdict = self.verdict.of_one()
        verdict.hear(looked)
        verdict.refuse(is_strict=self._demands.is_strict)
        return looked

    async def _apply(self, looked: Looked) -> None:
        looked, applied = await carry_out(
            self._desk,
            looked,
            lambda seen: self._look_again(seen.path, seen.outlook),
            is_confirmed=self._demands.is_confirmed,
        )
        self._tell(outcome_of(looked, applied), is_done=True)

    def _tell(self, outcome: Outcome, *, is_done: bool) -> None:
        if json_is_wanted():
            self._documents.add(outcome_document(outcome))
        elif outcome.word == "unchanged" and self._count > TOLD_IN_FULL:
            self._unchanged += 1
        else:
            most = LONGEST_STORY if self._count <= TOLD_IN_FULL else 0
            tell_outcome(outcome, most=most, is_done=is_done)
