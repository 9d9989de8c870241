"""`pbx wizard`: questions whose answers become ordinary elements."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

import click

from models import provisioning
from models.errors import ChangedMeanwhile, Fault, InvalidSettings, refuse_if_any
from models.facts import TenantRows
from models.provisioning.aliases import alias_name_faults
from models.provisioning.reading import read_plan_rows
from models.provisioning.whole import look_at, make_come_true
from models.tenant_file.document import document_of
from models.tenant_file.parts import written
from pbx_cli.asking import agree_to, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.drawing import graph_of
from pbx_cli.errors import USAGE, Refused
from pbx_cli.findings import found_in, note_findings
from pbx_cli.imagined.tried_routes import deviation_sentence
from pbx_cli.nouns import NounGroup
from pbx_cli.output import emit_done, emit_line, json_is_wanted, note, printing, say
from pbx_cli.patch_story import emit_patch, patch_document
from pbx_cli.wizard.answers import Answers
from pbx_cli.wizard.attendant import answers_in, find
from pbx_cli.wizard.proposal import Proposal, propose
from pbx_cli.wizard.questions import QUESTIONS, Ask, Office, Question, settle
from pbx_cli.wizard.tree import tree_of
from stasis_apps.lint import Severity

USUAL_NAME = "attendant"


def _answers(command: Callable[..., object]) -> Callable[..., object]:
    """An option for every question."""
    for question in reversed(QUESTIONS):
        option = click.option(
            f"--{question.name.replace('_', '-')}",
            metavar="ANSWER",
            help=f"{question.text}? ({question.hint})",
        )
        command = option(command)
    return command


@click.group(cls=NounGroup)
def wizard() -> None:
    """Questions whose answers become ordinary elements."""


@wizard.command()
@tenant_option
@click.option(
    "--name", default=USUAL_NAME, show_default=True, help="The alias by which it is found again."
)
@_answers
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@yes_option
@printing
@with_database
async def attendant(
    desk: Desk, /, tenant: str, name: str, dry_run: bool, yes: bool, **answers: str | None
) -> None:
    """Set up an auto attendant, or change the one that is there.

    It asks when somebody is there, what callers hear, whose phones ring and how, where callers go
    when nobody answers and outside the hours, and which numbers it answers. What stands in brackets
    is what is there, or usual. The answers become a time rule, a greeting, a group and a mailbox,
    which can be changed by every other command too; running it again changes what is answered
    otherwise and leaves everything else as it is.
    """
    office, rows = await _office(tenant, name)
    given = {field: text for field, text in answers.items() if text is not None}
    ask = None if yes or dry_run else _somebody_to_ask()
    proposal = await propose(
        rows=rows,
        office=office,
        answers=settle(office, _standing(office), given, ask),
        folder=desk.settings.sound_folder,
        now=datetime.now(UTC),
    )
    _tell(proposal)
    _refuse_what_does_not_work(proposal)
    is_needed = bool(proposal.patch or office.uploads)
    if is_needed and not dry_run:
        if not yes:
            agree_to("Write this?", default=True)
        await _write(desk, rows, proposal)
    emit_done(_outcome(proposal, office, is_needed=is_needed, dry_run=dry_run), _document(proposal))


async def _office(tenant: str, name: str) -> tuple[Office, TenantRows]:
    facts = await provisioning.get_tenant(name=tenant)
    refuse_if_any(alias_name_faults(name))
    rows = await read_plan_rows(facts.id)
    return Office(document_of(rows), name), rows


def _standing(office: Office) -> Answers:
    return answers_in(office.document, find(office.document, office.name))


def _somebody_to_ask() -> Ask:
    """The person at the terminal.

    Raises:
        Refused: There is none.
    """
    if not sys.stdin.isatty() or json_is_wanted():
        words = "nobody can be asked here; give --yes, and answers by options"
        raise Refused(words, exit_code=USAGE)
    return _ask


def _ask(question: Question, standing: Answers, office: Office) -> Answers:
    """Ask until there is an answer."""
    while True:
        words = f"{question.text}? ({question.hint})"
        text = str(click.prompt(words, default=question.default(standing), err=True))
        try:
            return question.answered(standing, text, office)
        except InvalidSettings as wrong:
            say(str(wrong), to_stderr=True)


def _tell(proposal: Proposal) -> None:
    """Show what would change, what lint says of it, where calls would go, and the route tests."""
    if json_is_wanted():
        return
    note_findings(found_in(proposal.file.tenant, None, proposal.findings))
    emit_patch(proposal.patch)
    graph = graph_of(proposal.rows, proposal.plan, proposal.findings)
    for branch in tree_of(graph, proposal.parts.rule):
        emit_line(branch)
    for tried in proposal.tried:
        emit_line(f"{'passed' if tried.has_passed else 'FAILED'}  {tried.name}")
    if not proposal.tried:
        note("There are no route tests: all who could call are rung themselves.")


def _refuse_what_does_not_work(proposal: Proposal) -> None:
    """Nothing is written that lint calls an error, or that makes a route test fail.

    Raises:
        Refused: There is such a thing.
    """
    errors = [one for one in proposal.findings if one.severity is Severity.ERROR]
    if errors:
        faults = [Fault(written(one.route), None, one.sentence, one.sentence) for one in errors]
        raise InvalidSettings(faults)
    failed = proposal.newly_failed
    if failed:
        told = [
            f"  {one.name}: {deviation_sentence(deviation)}"
            for one in failed
            for deviation in one.deviations
        ]
        raise Refused("Route tests would fail; nothing was changed:\n" + "\n".join(told))


async def _write(desk: Desk, rows: TenantRows, proposal: Proposal) -> None:
    """Put the tenant, unless somebody else has changed it meanwhile.

    Raises:
        ChangedMeanwhile: Somebody has.
    """
    seal, catalogue, sounds = desk.seal, desk.catalogue, desk.sounds
    outlook = await look_at(file=proposal.file, seal=seal, catalogue=catalogue, sounds=sounds)
    if outlook.before is None or document_of(outlook.before) != document_of(rows):
        words = f"{rows.tenant.name} was changed by somebody else meanwhile; run the wizard again"
        raise ChangedMeanwhile(words)
    await make_come_true(outlook, seal=seal, sounds=sounds)


def _outcome(proposal: Proposal, office: Office, *, is_needed: bool, dry_run: bool) -> str:
    """What has become of it, and how to try it."""
    if dry_run and is_needed:
        return "Nothing was written."
    numbers = answers_in(proposal.file.document, proposal.parts).numbers
    dial = f"dial {proposal.parts.rule} on a phone"
    call = f", or call {', '.join(numbers)}" if numbers else ""
    done = "is written" if is_needed else "is as wanted already"
    return f"The auto attendant ({office.name}) {done}.\nTo try it, {dial}{call}."


def _document(proposal: Proposal) -> dict[str, object]:
    return {
        "elements": asdict(proposal.parts),
        "changes": patch_document(proposal.patch),
        "findings": [asdict(finding) for finding in proposal.findings],
        "tests": [{"name": one.name, "passed": one.has_passed} for one in proposal.tried],
    }
