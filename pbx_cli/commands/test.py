"""`pbx test`: route tests, run on the engine of live calls; nobody is called."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from pbx_cli.context import Desk
from pbx_cli.errors import FAILED
from pbx_cli.junit import junit_of
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import emit_json, json_is_wanted, note, printing
from pbx_cli.suites import Suite, suite_in, suite_of
from pbx_cli.tried_routes import Tried, tell_tried, tried_document
from stasis_apps.route_tests import TriedRoute, run_route_tests
from stasis_apps.settings import read_settings


@click.command(cls=PbxCommand)
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
    desk = Desk(read_settings())
    tried = asyncio.run(_tried(desk, files, tenant, only or ""))
    if junit is not None:
        junit.write_text(junit_of(tried), encoding="utf-8")
    if json_is_wanted():
        emit_json(tried_document(tried))
    else:
        tell_tried(tried)
    routes = [route for _, of_suite in tried for route in of_suite]
    if not routes:
        note("There are no such tests.")
    if not all(route.has_passed for route in routes):
        context.exit(FAILED)


async def _tried(desk: Desk, files: Sequence[Path], tenant: str | None, only: str) -> list[Tried]:
    suites = [await suite_in(file, desk) for file in files]
    if not files:
        if not tenant:
            raise click.UsageError("Name a FILE with route tests, or --tenant.")
        suites = [await suite_of(tenant, desk)]
    now = datetime.now(UTC)
    return [(suite, await _run(suite, only, now)) for suite in suites]


async def _run(suite: Suite, only: str, now: datetime) -> list[TriedRoute]:
    routes = await run_route_tests(suite.plan, suite.tests, now=now)
    return [route for route in routes if only in route.name]
