"""`pbx trunk`: lines to carriers and other exchanges, and how they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Unpack, cast

import click

from asterisk_conf import AsteriskError
from models import provisioning
from models.facts import TrunkFacts
from models.trunk_presets import trunk_presets
from models.trunk_refusals import TrunkRefusal, last_refusals
from models.trunk_rules import (
    CALLER_ID_FORMATS,
    CODECS,
    FORWARDED_BY,
    TRANSPORTS,
    TrunkSettings,
)
from pbx_cli.asking import confirm, given_password_option, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.nouns import NounGroup
from pbx_cli.output import (
    document_of,
    emit_done,
    emit_one,
    emit_rows,
    json_is_wanted,
    moment,
    note,
    printing,
)
from pbx_cli.trunk_states import TrunkState, newer, refused_call, trunk_states
from pbx_cli.warning import warn_about

COLUMNS: Final = {
    "Name": "name",
    "Registration": "registration",
    "Host": "host",
    "Default": "is_default",
    "State": "state",
    "Round trip (ms)": "round_trip_ms",
    "Last refusal": "last_refusal",
}
PRESET_COLUMNS: Final = {"Preset": "preset", "Where it suits": "description", "Gives": "settings"}

States = Mapping[str, TrunkState]

_REACHABLE: Final = {None: "not known yet", True: "reachable", False: "does not answer"}

_SIP_CODE: Final = re.compile(r"[0-9]{3}", re.ASCII)

_OPTIONS: Final = (
    click.option("--preset", help="Where unnamed settings come from; see `pbx trunk presets`."),
    click.option(
        "--registration",
        help="outbound: we register there; inbound: they register here; none: known by address.",
    ),
    click.option("--host", help="Where it is: a DNS name or an address."),
    click.option("--port", type=int, help="Its port; 0 for what DNS says, or 5060."),
    click.option("--transport", help=f"{' or '.join(TRANSPORTS)}."),
    click.option("--proxy", metavar="HOST[:PORT]", help="What everything is sent through."),
    click.option("--username", help="Our login there."),
    click.option("--auth-username", help="The name in the digest, where it is not the login."),
    click.option("--from-user", help="The user of the From header, instead of the caller."),
    click.option("--from-domain", help="The domain of the From header, instead of the host."),
    click.option(
        "--address",
        "addresses",
        multiple=True,
        metavar="IP[/BITS]",
        help="From where its calls come. Repeat; an empty text removes all.",
    ),
    click.option("--max-channels", type=int, help="Calls at once; 0 for no limit."),
    click.option(
        "--forward-via-same/--no-forward-via-same",
        default=None,
        help="Whether calls that came in here and are forwarded leave here, too.",
    ),
    click.option(
        "--default",
        "is_default",
        flag_value=True,
        default=None,
        type=bool,
        help="Calls go out here when nothing says otherwise.",
    ),
    click.option("--caller-id", help="The number that the called see; empty for the caller's."),
    click.option(
        "--passes-caller-id/--no-passes-caller-id",
        default=None,
        help="Whether the called see the number of a forwarded caller.",
    ),
    click.option("--number-source", help="Dialled number: request_uri, to, or a header's name."),
    click.option("--caller-source", help="Caller's number: from, identity, or a header's name."),
    click.option("--codecs", metavar="LIST", help=f"In order, of {','.join(CODECS)}."),
    click.option("--expires-s", type=int, help="For how long we register."),
    click.option("--qualify-s", type=int, help="How often it is asked whether it is there."),
    click.option("--enabled/--disabled", "is_enabled", default=None, help="Whether it is used."),
    click.option(
        "--patience-s", type=int, help="Until a phone must ring there; then the next trunk."
    ),
    click.option(
        "--final-codes",
        metavar="LIST",
        help="SIP answers (404,484) after which no other trunk is tried; empty for the usual.",
    ),
    click.option("--caller-id-format", help=f"{', '.join(CALLER_ID_FORMATS)}."),
    click.option("--forwarded-by", help=f"How we say who forwards: {', '.join(FORWARDED_BY)}."),
)


def trunk_options(command: Callable[..., object]) -> Callable[..., object]:
    """Let every setting of a trunk be given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group(cls=NounGroup)
def trunk() -> None:
    """Lines to carriers and other exchanges."""


@trunk.command("list")
@tenant_option
@printing
@with_database
async def list_(desk: Desk, tenant: str) -> None:
    """List a tenant's trunks: registered or not, how fast they answer, what they refused last."""
    trunks = await provisioning.list_trunks(tenant=tenant)
    states = await _states_if_known(desk)
    refused = await last_refusals(tenant=tenant)
    rows = [_for_people(_document(one, states, refused.get(one.name))) for one in trunks]
    emit_rows(rows, COLUMNS, empty=f"{tenant} has no trunks.")


@trunk.command()
@click.argument("name")
@tenant_option
@printing
@with_database
async def show(desk: Desk, name: str, tenant: str) -> None:
    """Show one trunk; its password is shown to nobody."""
    found = await provisioning.get_trunk(tenant=tenant, name=name)
    numbers = await provisioning.list_numbers(tenant=tenant)
    mine = [one.number for one in numbers if one.trunk == name]
    refused = await last_refusals(tenant=tenant)
    document = _document(found, await _states_if_known(desk), refused.get(name))
    document["numbers"] = mine
    emit_one(_for_people(document), hide=["id"])


@trunk.command()
@click.argument("name")
@tenant_option
@trunk_options
@given_password_option
@click.option("--if-missing", is_flag=True, help="Do nothing when it is there already.")
@printing
@with_database
async def create(
    desk: Desk,
    /,
    name: str,
    tenant: str,
    password: str | None,
    if_missing: bool,
    **given: Unpack[TrunkSettings],
) -> None:
    """Open a line to a carrier; it is in use at once, and the tenant's first is its default.

    A SIP account: pbx trunk create moscow --host sip.carrier.example --username acme
    --password-stdin. A carrier without logins: --preset by-address --address 192.0.2.10.
    """
    made = await provisioning.create_trunk(
        tenant=tenant,
        name=name,
        seal=desk.seal,
        password=password,
        if_missing=if_missing,
        **_settings(given),
    )
    emit_done(f"Trunk {made.name} is there.{_login_sentence(made)}", _plain(made))


@trunk.command("set")
@click.argument("name")
@tenant_option
@click.option("--new-name", help="What it is called from now on.")
@trunk_options
@given_password_option
@printing
@with_database
async def set_(
    desk: Desk,
    /,
    name: str,
    tenant: str,
    new_name: str | None,
    password: str | None,
    **given: Unpack[TrunkSettings],
) -> None:
    """Change a trunk; what is not given stays as it is."""
    before = await _default_of(tenant)
    now = await provisioning.set_trunk(
        tenant=tenant,
        name=name,
        seal=desk.seal,
        new_name=new_name,
        password=password,
        **_settings(given),
    )
    await warn_about(desk, tenant, f"trunk {now.name}")
    took = ""
    if now.is_default and before is not None and before.id != now.id:
        took = f"\nIt is the default trunk now, in the place of {before.name}."
    emit_done(f"Trunk {now.name} is as wanted.{took}", _plain(now))


@trunk.command()
@click.argument("name")
@tenant_option
@yes_option
@printing
@with_database
async def remove(_desk: Desk, name: str, tenant: str, yes: bool) -> None:
    """Close a line; refused while numbers belong to it, or rules send calls through it."""
    gone = await provisioning.get_trunk(tenant=tenant, name=name)
    confirm(f"Remove trunk {name}", is_confirmed=yes)
    await provisioning.remove_trunk(tenant=tenant, name=name)
    emit_done(f"Trunk {name} is gone.", _plain(gone))


@trunk.command()
@printing
def presets() -> None:
    """List the presets: settings that suited a carrier once."""
    rows: list[dict[str, object]] = [
        {"preset": one.name, "description": one.description, "settings": dict(one.settings)}
        for one in trunk_presets().values()
    ]
    emit_rows(rows, PRESET_COLUMNS, empty="There are no presets.")


def _settings(given: Mapping[str, Any]) -> TrunkSettings:
    """What was given, without what was not; lists as lists, and no port for 0."""
    settings = {name: value for name, value in given.items() if value is not None}
    if not settings["addresses"]:
        del settings["addresses"]
    elif settings["addresses"] == ("",):
        settings["addresses"] = ()
    if "codecs" in settings:
        settings["codecs"] = tuple(one.strip() for one in settings["codecs"].split(","))
    if "final_codes" in settings:
        settings["final_codes"] = _sip_codes(settings["final_codes"])
    if settings.get("port") == 0:
        settings["port"] = None
    return cast("TrunkSettings", settings)


def _sip_codes(listed: str) -> tuple[int | str, ...]:
    """Read SIP answers that are parted by commas; the empty text is none.

    What is no number is left as it is, and refused with all else that is wrong.
    """
    codes = [code.strip() for code in listed.split(",")] if listed.strip() else []
    return tuple(int(code) if _SIP_CODE.fullmatch(code) else code for code in codes)


async def _states_if_known(desk: Desk) -> States | None:
    try:
        return await trunk_states(desk.settings)
    except AsteriskError as fault:
        note(f"Asterisk cannot be asked how trunks are: {fault}")
        return None


async def _default_of(tenant: str) -> TrunkFacts | None:
    """The trunk through which calls go out, switched on or not."""
    trunks = await provisioning.list_trunks(tenant=tenant)
    return next((one for one in trunks if one.is_default), None)


def _plain(found: TrunkFacts) -> dict[str, object]:
    document = document_of(found)
    del document["password_mark"]
    return document


def _login_sentence(made: TrunkFacts) -> str:
    if made.registration != "inbound":
        return ""
    return f"\nThe other side registers here as {made.endpoint}, with the password you gave."


def _document(
    found: TrunkFacts, known: States | None, refused: TrunkRefusal | None
) -> dict[str, object]:
    state = None if known is None else known.get(found.endpoint, TrunkState())
    return _plain(found) | {
        "state": _state_words(found, state),
        "is_reachable": state and state.is_reachable,
        "round_trip_ms": state and state.round_trip_ms,
        "next_try_s": state and state.next_try_s,
        "calls_from": state and list(state.calls_from),
        "last_refusal": _refusal_document(state, refused),
    }


def _state_words(found: TrunkFacts, state: TrunkState | None) -> str:
    if not found.is_enabled:
        return "disabled"
    if state is None:
        return "unknown"
    if found.registration == "none":
        return _REACHABLE[state.is_reachable]
    if state.registration == "registered" and state.is_reachable is False:
        return "registered, does not answer"
    return "unregistered" if state.registration == "not used" else state.registration


def _refusal_document(
    state: TrunkState | None, refused: TrunkRefusal | None
) -> dict[str, object] | None:
    """The last thing that was refused, a registration or a call."""
    of_calls = refused_call(refused.status, refused.at) if refused else None
    refusal = newer(state.last_refusal if state else None, of_calls)
    return document_of(refusal) if refusal else None


def _for_people(document: dict[str, object]) -> dict[str, object]:
    """Write the refusal in a few words: ``call: 403 Forbidden at 2026-11-21 12:00:00Z``."""
    if json_is_wanted():
        return document
    refusal: Any = document["last_refusal"]
    if refusal is None:
        return document
    words = " ".join(str(refusal[part]) for part in ("status", "text") if refusal[part])
    told = f"{refusal['of']}: {words} at {moment(refusal['at'])}"
    return document | {"last_refusal": told}
