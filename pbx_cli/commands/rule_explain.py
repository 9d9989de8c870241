"""`pbx rule explain`: what would become of a number that somebody dials; nothing is dialled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from models import provisioning
from models.errors import NotFound
from models.facts import TenantRows
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.moments import MomentOfTenant
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import (
    emit_beside,
    emit_json,
    emit_line,
    emit_table,
    json_is_wanted,
    printing,
    screen_lines,
)
from pbx_cli.rule_story import FIRES, NOT_ASKED, SWITCHED_OFF, Asked, story_of
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.planning import build_plan

Told = Mapping[str, Any]  # JSON border: the document that `story_of` makes

_HEADINGS: Final = ("", "Rule", "Mask", "", "Why")
_TRUNK_HEADINGS: Final = ("Through", "Sends", "Shows", "Forwarded by")
_WIDTH: Final = 13
_GROUP: Final = "group"
_CLASSES: Final = {
    "": "an ordinary number",
    "premium": "a premium number",
    "shared_cost": "a shared cost number",
    "satellite": "a satellite",
    "personal": "a personal number",
    "unknown": "nobody knows what number that is",
}


@click.command(cls=PbxCommand)
@click.argument("number")
@tenant_option
@click.option(
    "--user", metavar="NUMBER", help="Who dials; or a group or other element that leads there."
)
@click.option("--device", metavar="NAME", help="On which phone; the user's first when not given.")
@click.option("--forwarded", is_flag=True, help="The user's own rules send a call there.")
@click.option(
    "--from-trunk",
    metavar="NAME",
    help="The call came in by this trunk; --user is whose rules, or which element, sends it there.",
)
@click.option(
    "--at",
    "moment",
    type=MomentOfTenant(),
    metavar="MOMENT",
    help="When (2026-11-24T09:00), by the tenant's clock; now when not given.",
)
@printing
@with_database
async def explain(  # noqa: PLR0913 - one argument for each thing that a person can name
    desk: Desk,
    /,
    number: str,
    tenant: str,
    user: str | None,
    device: str | None,
    forwarded: bool,
    from_trunk: str | None,
    moment: datetime | None,
) -> None:
    """Say how NUMBER would leave: which rule fires and why others do not, and what stops it.

    Nothing is dialled, and nothing is counted: how many calls there are now has no say here.
    """
    owner = await provisioning.get_tenant(name=tenant)
    rows = await provisioning.read_plan_rows(owner.id)
    at = _moment(moment, ZoneInfo(owner.timezone))
    asked = _asked(rows, number, user=user, device=device, is_forwarded=forwarded, at=at)
    if from_trunk is not None:
        asked = _from_outside(rows, asked, trunk=from_trunk, device=device)
    plan = build_plan(rows, sound_folder=desk.settings.sound_folder)
    told = story_of(rows, plan, asked)
    if json_is_wanted():
        emit_json(told)
    else:
        _print(told, at)


def _moment(given: datetime | None, zone: ZoneInfo) -> datetime:
    if given is None:
        return datetime.now(zone)
    return given.astimezone(zone) if given.tzinfo else given.replace(tzinfo=zone)


def _asked(
    rows: TenantRows,
    number: str,
    *,
    user: str | None,
    device: str | None,
    is_forwarded: bool,
    at: datetime,
) -> Asked:
    """Who would dial it, and why.

    Raises:
        NotFound: The tenant has no such user, element or phone.
    """
    kinds = {one.number: one.kind for one in rows.elements}
    people = {one.number for one in rows.extensions}
    phones = {one.name: one.extension for one in rows.devices}
    name = rows.tenant.name
    if device is not None and device not in phones:
        raise NotFound(f"{name} has no phone {device}")
    if user is not None and user not in people and user not in kinds:
        raise NotFound(f"{name} has neither a user nor an element {user}")
    acting = user or phones.get(device or "", "")
    if device is not None and phones[device] != acting:
        raise click.UsageError(f"{device} is no phone of {acting}; it is one of {phones[device]}.")
    if is_forwarded and acting not in people:
        raise click.UsageError("--forwarded needs the user whose rules forward: --user 102")
    first = min((one for one, whose in phones.items() if whose == acting), default="")
    is_dialled = not is_forwarded and (not acting or acting in people)
    return Asked(
        number=number,
        acting=acting,
        device=(device or first) if is_dialled else "",
        purpose=_purpose(kinds.get(acting, ""), is_forwarded=is_forwarded, is_dialled=is_dialled),
        at=at,
    )


def _from_outside(rows: TenantRows, asked: Asked, *, trunk: str, device: str | None) -> Asked:
    """The same for a call that came in by a trunk: nobody dials, so a user's own rules send it on.

    Raises:
        NotFound: The tenant has no such trunk.
    """
    if trunk not in {one.name for one in rows.trunks}:
        raise NotFound(f"{rows.tenant.name} has no trunk {trunk}")
    if device is not None:
        raise click.UsageError("A call that came in by a trunk is dialled on no phone: no --device")
    purpose = asked.purpose
    if purpose is Purpose.DIALLED:
        purpose = Purpose.FORWARDED if asked.acting else Purpose.LED
    return replace(asked, purpose=purpose, device="", came_by=trunk)


def _purpose(kind: str, *, is_forwarded: bool, is_dialled: bool) -> Purpose:
    if is_forwarded:
        return Purpose.FORWARDED
    if is_dialled:
        return Purpose.DIALLED
    return Purpose.MEMBER if kind == _GROUP else Purpose.LED


def _print(told: Told, at: datetime) -> None:
    asked = f"{told['number']}, {_who(told)}, {at:%a %Y-%m-%d %H:%M} ({at.tzinfo})"
    for line in screen_lines(asked):
        emit_line((line, "bold"))
    if {rule["is"] for rule in told["rules"]} - {NOT_ASKED, SWITCHED_OFF}:
        emit_line("")
        emit_table(_HEADINGS, [_cells(rule) for rule in told["rules"]])
    emit_line("")
    if told["leaves"]:
        emit_beside(("It leaves.".ljust(_WIDTH), "bold green"), told["note"])
    else:
        why = f"{told['comment']} ({told['refused']})" if told["refused"] else told["note"]
        emit_beside(("It does not leave: ", "bold red"), why)
        _fact("Opened by", told.get("mend", ""))
        _fact("Because", told["note"] if told["refused"] and not told["trunks"] else "")
    if told["trunks"]:
        _print_way(told)


def _print_way(told: Told) -> None:
    _fact("Leads to", "" if told["is_emergency"] else _place(told))
    _fact("PIN", "is asked for before it is dialled" if told["asks_pin"] else "")
    _fact("Emergency", "no rule, PIN or limit stands in its way" if told["is_emergency"] else "")
    emit_line("")
    emit_table(_TRUNK_HEADINGS, [_trunk_cells(one) for one in told["trunks"]])


def _fact(name: str, words: str) -> None:
    if words:
        emit_beside((name.ljust(_WIDTH), "bold"), words)


def _who(told: Told) -> str:
    came = f", by trunk {told['came_by']} from outside" if told["came_by"] else ""
    return _led_by(told) + came


def _led_by(told: Told) -> str:
    acting = told["acting"] or "somebody whom no rule names"
    match Purpose(told["purpose"]):
        case Purpose.DIALLED:
            return f"dialled by {acting}" + (f" on {told['device']}" if told["device"] else "")
        case Purpose.FORWARDED:
            return f"where the rules of {acting} send a call"
        case Purpose.MEMBER:
            return f"a member of {acting}"
        case _:
            return f"where {told['acting'] or 'a number of ours'} leads"


def _place(told: Told) -> str:
    place = told["destination"]
    country = place["country"] or "no country"
    home = ", at home" if place["is_home"] else ""
    return f"{place['e164']}: {country}{home}, {_CLASSES[place['number_class']]}"


def _cells(rule: Told) -> list[str]:
    mark = "->" if rule["is"] == FIRES else ""
    place = f"{mark:2} {rule['place']}"
    return [place, rule["name"], rule["mask"], rule["is"], rule["why"]]


def _trunk_cells(attempt: Told) -> list[str]:
    shows = attempt["shows"] or "-"
    if attempt["is_hidden"]:
        shows = f"nothing ({shows} to the carrier alone)"
    return [attempt["trunk"], attempt["sends"], shows, attempt["forwarded_by"] or "-"]
