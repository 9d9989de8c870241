"""`pbx rule`: how dialled numbers leave: by which trunk, in which form, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypedDict, Unpack, cast

import click

from models import provisioning
from models.errors import Fault, InvalidSettings, refuse_if_any
from models.outbound_rules import DENY, EXCEPT, ONLY, SEND, RuleSettings
from models.provisioning.outbound import NO_PIN
from pbx_cli.asking import ask_pin, confirm, yes_option
from pbx_cli.commands.rule_explain import explain
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.errors import USAGE, Refused
from pbx_cli.nouns import NounGroup
from pbx_cli.option_names import OptionFor
from pbx_cli.output import emit_done, emit_one, emit_rows, json_is_wanted, note, printing
from pbx_cli.rule_words import Hours, for_people, read_hours, read_users, rule_document
from pbx_cli.warning import warn_about

COLUMNS: Final = {
    "Place": "place",
    "Name": "name",
    "Mask": "mask",
    "Sends": "sends",
    "Trunks": "trunks",
    "For": "for",
    "Hours": "hours",
    "Notes": "notes",
}

_SAID_OTHERWISE: Final = ("output", "action", "mode", "users", "notes")
"""Fields that people read in other words."""

_OPTIONS: Final = (
    click.option("--mask", help="The dialled numbers it is for: {p7|7|8|}(dddddddddd)."),
    click.option("--output", help="What is sent; $ stands for what the mask has in ( )."),
    click.option("--deny", "denies", is_flag=True, help="These calls are forbidden."),
    click.option("--send", "sends", is_flag=True, help="They leave, as is usual."),
    click.option(
        "--trunk",
        "trunks",
        multiple=True,
        metavar="NAME",
        help="Repeat, in the order in which they are tried; an empty text for the default trunk.",
    ),
    click.option(
        "--only",
        cls=OptionFor,
        field="users",
        metavar="LIST",
        help="It is for these users alone: 102;103.",
    ),
    click.option(
        "--except",
        "all_but",
        cls=OptionFor,
        field="users",
        metavar="LIST",
        help="It is for all but these users; an empty text for all.",
    ),
    click.option(
        "--hours",
        multiple=True,
        metavar="WINDOW",
        help='When it holds: "mon-fri 09:00-18:00". Repeat; without any, always.',
    ),
    click.option("--timezone", help="Whose clock counts; an empty text for the tenant's."),
    click.option("--caller-id", help="The number shown instead of the caller's own."),
    click.option("--enabled/--disabled", "is_enabled", default=None, help="Whether it is used."),
    click.option(
        "--pin-stdin",
        "asks_pin",
        cls=OptionFor,
        field="pin",
        is_flag=True,
        help="Read a PIN of 4 to 8 digits from the first line of stdin; callers give it first.",
    ),
)


class Given(TypedDict):
    """What the options say about a rule; None and nothing where they do not."""

    mask: str | None
    output: str | None
    denies: bool
    sends: bool
    trunks: tuple[str, ...]
    only: str | None
    all_but: str | None
    hours: tuple[str, ...]
    timezone: str | None
    caller_id: str | None
    is_enabled: bool | None


def rule_options(command: Callable[..., object]) -> Callable[..., object]:
    """Let every setting of a rule be given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group(cls=NounGroup, short_help="Outbound rules: which trunk a dialled number leaves by.")
def rule() -> None:
    """Outbound rules: which trunk a dialled number leaves by, in which form, or that it does not.

    They are read from the first on; the first that is for the number and the caller is taken.
    """


rule.add_command(explain)


@rule.command("list")
@tenant_option
@printing
@with_database
async def list_(_desk: Desk, tenant: str) -> None:
    """List a tenant's outbound rules in the order in which they are read."""
    found = await provisioning.list_rules(tenant=tenant)
    rows = [rule_document(one) if json_is_wanted() else for_people(one) for one in found]
    emit_rows(rows, COLUMNS, empty=f"{tenant} has no outbound rules.")
    if not json_is_wanted():
        trunks = await provisioning.list_trunks(tenant=tenant)
        default = next((one.name for one in trunks if one.is_default and one.is_enabled), None)
        otherwise = f"leaves by {default}, as it was dialled" if default else "does not leave"
        note(f"What no rule is for {otherwise}.")


@rule.command()
@click.argument("name")
@tenant_option
@printing
@with_database
async def show(_desk: Desk, name: str, tenant: str) -> None:
    """Show one rule; its PIN is shown to nobody."""
    found = await provisioning.get_rule(tenant=tenant, name=name)
    emit_one(rule_document(found) if json_is_wanted() else for_people(found), hide=_SAID_OTHERWISE)


@rule.command()
@click.argument("name")
@tenant_option
@rule_options
@click.option("--place", type=int, help="Where in the list, 1 for the first; the end without it.")
@click.option("--if-missing", is_flag=True, help="Do nothing when it is there already.")
@printing
@with_database
async def create(
    desk: Desk,
    /,
    name: str,
    tenant: str,
    place: int | None,
    asks_pin: bool,
    if_missing: bool,
    **given: Unpack[Given],
) -> None:
    """Say how certain numbers leave; the next call goes by it.

    pbx rule create "any format" --mask "{p7|7|8|}(dddddddddd)" --output "8$" --trunk moscow sends
    numbers in the form that a carrier wants. pbx rule create "no calls" --mask + --deny
    --only "100;101" forbids calls.
    """
    _refuse_opposites(given)
    settings, faults = _settings(given, {})
    pin = await asyncio.to_thread(ask_pin) if asks_pin else None
    async with _refusing_along(faults):
        made = await provisioning.create_rule(
            tenant=tenant,
            name=name,
            catalogue=desk.catalogue,
            pin=pin,
            place=place,
            if_missing=if_missing,
            **settings,
        )
    await warn_about(desk, tenant, f"rule {made.name}")
    emit_done(f"Rule {made.name} is there, at place {made.place}.", rule_document(made))


@rule.command("set")
@click.argument("name")
@tenant_option
@click.option("--new-name", help="What it is called from now on.")
@rule_options
@click.option("--no-hours", "has_no_hours", is_flag=True, help="It holds always from now on.")
@click.option("--no-pin", "has_no_pin", is_flag=True, help="Nobody is asked for a PIN any more.")
@printing
@with_database
async def set_(  # noqa: PLR0913 - one argument per option
    desk: Desk,
    /,
    name: str,
    tenant: str,
    new_name: str | None,
    asks_pin: bool,
    has_no_hours: bool,
    has_no_pin: bool,
    **given: Unpack[Given],
) -> None:
    """Change a rule; what is not given stays as it is."""
    _refuse_opposites(given)
    _refuse_both({"--pin-stdin": asks_pin, "--no-pin": has_no_pin})
    _refuse_both({"--hours": given["hours"], "--no-hours": has_no_hours})
    before = await provisioning.get_rule(tenant=tenant, name=name)
    settings, faults = _settings(given, before.hours)
    if has_no_hours:
        settings["hours"] = {}
    pin = NO_PIN if has_no_pin else None
    if asks_pin:
        pin = await asyncio.to_thread(ask_pin)
    async with _refusing_along(faults):
        now = await provisioning.set_rule(
            tenant=tenant,
            name=name,
            catalogue=desk.catalogue,
            new_name=new_name,
            pin=pin,
            **settings,
        )
    await warn_about(desk, tenant, f"rule {now.name}")
    emit_done(f"Rule {now.name} is as wanted.", rule_document(now))


@rule.command()
@click.argument("name")
@tenant_option
@click.option("--up", "steps", flag_value=-1, type=int, help="One place towards the first.")
@click.option("--down", "steps", flag_value=1, type=int, help="One place towards the last.")
@click.option("--to", "place", type=int, metavar="PLACE", help="To this place; 1 is the first.")
@printing
@with_database
async def move(desk: Desk, name: str, tenant: str, steps: int | None, place: int | None) -> None:
    """Put a rule at another place; rules are read from the first on."""
    if (steps is None) == (place is None):
        raise Refused("Say one of --up, --down and --to PLACE", exit_code=USAGE)
    before = await provisioning.get_rule(tenant=tenant, name=name)
    now = await provisioning.move_rule(tenant=tenant, name=name, place=place, steps=steps or 0)
    await warn_about(desk, tenant, f"rule {now.name}")
    stays = " already" if now.place == before.place else ""
    emit_done(f"Rule {now.name} is at place {now.place}{stays}.", rule_document(now))


@rule.command()
@click.argument("name")
@tenant_option
@yes_option
@printing
@with_database
async def remove(_desk: Desk, name: str, tenant: str, yes: bool) -> None:
    """Take a rule away; those behind it move up."""
    gone = await provisioning.get_rule(tenant=tenant, name=name)
    confirm(f"Remove rule {name}", is_confirmed=yes)
    await provisioning.remove_rule(tenant=tenant, name=name)
    emit_done(f"Rule {name} is gone.", rule_document(gone))


@asynccontextmanager
async def _refusing_along(faults: Sequence[Fault]) -> AsyncIterator[None]:
    """Refuse a change for these faults, along with those that it is refused for itself.

    Raises:
        InvalidSettings: All of them; nothing is changed.
    """
    async with provisioning.changing():
        try:
            yield
        except InvalidSettings as others:
            raise InvalidSettings([*faults, *others.faults]) from others
        refuse_if_any(faults)


def _settings(given: Given, hours: Hours) -> tuple[RuleSettings, Sequence[Fault]]:
    """What was given, as provisioning calls it; and what of it cannot be read.

    Args:
        given: By the options.
        hours: Those that the rule has.
    """
    settings: dict[str, object] = {
        name: value
        for name, value in given.items()
        if name in RuleSettings.__annotations__ and name != "hours" and value not in (None, ())
    }
    if given["trunks"]:
        settings["trunks"] = tuple(name for name in given["trunks"] if name)
    if given["denies"] or given["sends"]:
        settings["action"] = DENY if given["denies"] else SEND
    wanted, faults = read_hours(hours, given["hours"], given["timezone"])
    if wanted is not None and ("windows" in wanted or not faults):
        settings["hours"] = wanted
    for mode, listed in ((ONLY, given["only"]), (EXCEPT, given["all_but"])):
        if listed is not None:
            settings |= {"mode": mode, "users": read_users(listed)}
    return cast("RuleSettings", settings), faults


def _refuse_opposites(given: Given) -> None:
    """Refuse options of every rule that say the opposite of each other.

    Raises:
        Refused: Two of these were given.
    """
    _refuse_both({"--only": given["only"], "--except": given["all_but"]})
    _refuse_both({"--send": given["sends"], "--deny": given["denies"]})


def _refuse_both(given: Mapping[str, object]) -> None:
    """Refuse two options that say the opposite of each other.

    Raises:
        Refused: Two of these were given.
    """
    named = [option for option, value in given.items() if value not in (None, False, ())]
    if len(named) > 1:
        raise Refused(f"Say one of {' and '.join(named)}", exit_code=USAGE)
