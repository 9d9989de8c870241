"""`pbx simulate`: what would become of a call; nobody is called."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click

from pbx_cli.context import Desk
from pbx_cli.imagined.scenarios import (
    as_refusal,
    check_names,
    scenario_of_options,
    scenario_options,
)
from pbx_cli.imagined.simulated_call import emit_simulated, emit_story, hints, simulated_document
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import emit_json, json_is_wanted, note, printing
from pbx_cli.plans import check_one_plan, planned, tenant_or_file
from stasis_apps.decisions.web_addresses import Network
from stasis_apps.plan import NumberPlan
from stasis_apps.settings import read_settings
from stasis_apps.simulation import Scenario, ScenarioInvalid, SimulatedEnd
from stasis_apps.simulation import simulate as run_through


@click.command(cls=PbxCommand, short_help="Say what would become of a call.")
@tenant_or_file
@scenario_options
@click.option(
    "--ask-servers",
    is_flag=True,
    help="Really ask the servers of HTTP requests for which no --reply is given; the uuid that "
    "they are told is `simulation`.",
)
@click.option("--story", is_flag=True, help="Tell each step, as `pbx calls explain` does.")
@printing
def simulate(
    tenant: str | None, file: Path | None, story: bool, ask_servers: bool, **scenario: object
) -> None:
    """Say what would become of a call: its way, element by element, the reasons, and the end.

    The call is a live one in everything but the telephones: these do what --answers and
    --otherwise say, nobody else is on the line, mailboxes are empty, and trunks are up unless
    --answers says otherwise. Its clock jumps, so that an hour takes no time. Nothing is changed,
    and nobody is called; no server is asked without --ask-servers.
    """
    check_one_plan(file)
    imagined = scenario_of_options(scenario)
    desk = Desk(read_settings())
    asks = desk.settings.webhook_nets if ask_servers else None
    plan, end = asyncio.run(_simulate(desk, (tenant, file), imagined, asks))
    if json_is_wanted():
        emit_json(simulated_document(plan, end))
    elif story:
        emit_story(plan, end)
    else:
        emit_simulated(plan, end)
    for hint in hints(plan, end):
        note(hint)


async def _simulate(
    desk: Desk,
    of: tuple[str | None, Path | None],
    scenario: Scenario,
    asks: Sequence[Network] | None,
) -> tuple[NumberPlan, SimulatedEnd]:
    tenant, file = of
    found = await planned(desk, tenant=tenant, file=file, asked=[scenario.at.date()])
    check_names(found.plan, scenario)
    try:
        return found.plan, await run_through(found.plan, scenario, asks=asks)
    except ScenarioInvalid as invalid:
        raise as_refusal(invalid) from invalid
