"""`pbx apply`: make tenants equal to their files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from models.provisioning.whole import applied_fingerprints, make_come_true
from models.tenant_file.parts import FaultyFile
from models.tenant_file.reading import fingerprint_of
from pbx_cli.applied_story import (
    LONGEST_STORY,
    Outcome,
    outcome_document,
    outcome_of,
    tell_outcome,
)
from pbx_cli.asking import yes_option
from pbx_cli.context import Desk, with_database
from pbx_cli.looking import Looked, look
from pbx_cli.looks_kept import LooksKept
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import JsonList, emit_line, json_is_wanted, note, printing
from pbx_cli.progress_bar import progress_bar
from pbx_cli.tenant_files import files_in
from pbx_cli.verdict import Verdict

TOLD_IN_FULL: Final = 3
"""Of so many files what comes and changes is told line by line; of more, only what goes."""


@click.command(cls=PbxCommand)
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
    with _running(desk, count=len(files)) as run:
        await run.check(files, tests=tests)
        run.verdict.refuse(is_strict=strict)
        if dry_run:
            await run.tell_only()
        else:
            run.verdict.ask_about_cuts(is_confirmed=yes)
            await run.apply()


@contextmanager
def _running(desk: Desk, *, count: int) -> Iterator[_Run]:
    """Tell what is left to be told at the end, also when it comes early."""
    run = _Run(desk, count=count)
    try:
        yield run
    finally:
        run.finish()


class _Run:
    """All files of one command."""

    def __init__(self, desk: Desk, *, count: int) -> None:
        self.verdict = Verdict()
        self._desk, self._count = desk, count
        self._turns = LooksKept()
        self._documents = JsonList()
        self._unchanged = 0

    async def check(self, files: Sequence[Path], *, tests: bool) -> None:
        """Look at every file that its tenant is not equal to already."""
        equal = await applied_fingerprints()
        with progress_bar("Checking", len(files)) as step:
            for file in files:
                tenant = equal.get(await asyncio.to_thread(fingerprint_of, file))
                if tenant is not None and not self._desk.sounds.has_staged(tenant):
                    self._tell(Outcome(file=file, tenant=tenant, revision=0), is_done=True)
                else:
                    await self._look_at(file, tests=tests)
                step()

    async def apply(self) -> None:
        """Apply the files one after the other."""
        done = 0
        try:
            with progress_bar("Applying", len(self._turns)) as step:
                for path, looked in self._turns:
                    await self._apply(looked or await look(self._desk, path))
                    done += 1
                    step()
        finally:
            if done < len(self._turns):
                note(f"{done} of {len(self._turns)} files were applied; run it again to go on.")

    async def tell_only(self) -> None:
        """Tell what the files would change."""
        for path, kept in self._turns:
            looked = kept or await look(self._desk, path)
            self._tell(outcome_of(looked), is_done=False)
            for cut in looked.cuts:
                note(f"Would need --yes: {cut}.")

    def finish(self) -> None:
        """Tell what is left to be told."""
        self._documents.close()
        if self._unchanged:
            emit_line(f"{self._unchanged} files: their tenants are as they say already.")

    async def _look_at(self, file: Path, *, tests: bool) -> None:
        try:
            looked = await look(self._desk, file, tests=tests)
        except FaultyFile as fault:
            self.verdict.hear_faults(fault)
            return
        self.verdict.hear(looked)
        self._turns.add(looked)

    async def _apply(self, looked: Looked) -> None:
        desk = self._desk
        applied = await make_come_true(
            looked.outlook, seal=desk.seal, catalogue=desk.catalogue, sounds=desk.sounds
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
