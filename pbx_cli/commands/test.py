"""`pbx test`: route tests, run on the engine of live calls; nobody is called."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from models.errors import NotFound
from pbx_cli.context import Desk
from pbx_cli.errors import FAILED
from pbx_cli.imagined.junit import junit_of
from pbx_cli.imagined.suites import Suite, suite_in, suite_of
from pbx_cli.imagined.tried_routes import Tried, tell_tried, tried_document
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import emit_json, json_is_wanted, note, printing
from pbx_cli.plans import check_one_plan
from pbx_cli.written_files import check_writable, write_text
from stasis_apps.route_tests import run_route_tests
from stasis_apps.settings import read_settings


@click.command(cls=PbxCommand, short_help="Run route tests: calls that are imagined.")
@click.argument(
    "files",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE...",
)
@click.option(
    "--tenant",
    envvar="PBX_TENANT",
    metavar="NAME",
    help="Run the tests kept with this tenant, where no FILE is named (PBX_TENANT).",
)
@click.option("--only", metavar="NAME", help="Only tests with this in their name.")
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write the results as JUnit XML, too.",
)
@printing
@click.pass_context
def test(
    context: click.Context,
    files: tuple[Path, ...],
    tenant: str | None,
    only: str | None,
    junit: Path | None,
) -> None:
    """Run route tests: calls that are imagined, and what each must come to.

    Each FILE is a tenant file with its tests, applied or not, or a file of tests alone
    that names the tenant or the tenant file they are for. The exit code is 1 when a test
    has failed.
    """
    check_one_plan(files)
    if junit is not None:
        check_writable(junit)
    desk = Desk(read_settings())
    tried = asyncio.run(_tried(desk, files, tenant, only or ""))
    if json_is_wanted():
        emit_json(tried_document(tried))
    else:
        tell_tried(tried)
    if junit is not None:
        write_text(junit, junit_of(tried))
    for suite in (suite for suite, _ in tried if not suite.tests):
        note(f"{suite.title} has no tests.")
    routes = [route for _, of_suite in tried for route in of_suite]
    if not all(route.has_passed for route in routes):
        context.exit(FAILED)


async def _tried(desk: Desk, files: Sequence[Path], tenant: str | None, only: str) -> list[Tried]:
    suites = [await suite_in(file, desk) for file in files]
    if not files:
        if not tenant:
            raise click.UsageError("Name a FILE with route tests, or --tenant.")
        suites = [await suite_of(tenant, desk)]
    _check_only(only, suites)
    now = datetime.now(UTC)
    return [
        (suite, await run_route_tests(suite.plan, suite.tests, now=now, only=only))
        for suite in suites
    ]


def _check_only(only: str, suites: Sequence[Suite]) -> None:
    """Refuse to run nothing where something was named.

    Raises:
        NotFound: There are tests, but no such ones.
    """
    names = [str(test["name"]) for suite in suites for test in suite.tests]
    if names and not any(only in name for name in names):
        there_are = "\n".join(f"  {name}" for name in names)
        raise NotFound(f"No test has --only {only!r} in its name; there are:\n{there_are}")
