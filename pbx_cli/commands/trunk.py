"""`pbx trunk`: lines to carriers and other exchanges, and how they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, Unpack

import click

from asterisk_conf import AsteriskError
from models import provisioning
from models.errors import Fault, refuse_if_any
from models.facts import TrunkFacts
from models.trunk_presets import trunk_presets
from models.trunk_refusals import TrunkRefusal, last_refusals
from models.trunk_rules import TrunkSettings
from pbx_cli.asking import confirm, given_password_option, yes_option
from pbx_cli.carrier_certificates import connected_to, disbelieved_carriers
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
from pbx_cli.trunk_options import settings_given, trunk_options
from pbx_cli.trunk_refusals import Refusal, newer, refused_call
from pbx_cli.trunk_states import TrunkState, trunk_states
from pbx_cli.warning import warn_about

COLUMNS: Final = {
    "Name": "name",
    "Host": "host",
    "Default": "is_default",
    "State": "state",
    "Round trip (ms)": "round_trip_ms",
    "Last refusal": "last_refusal",
}
PRESET_COLUMNS: Final = {"Preset": "preset", "Where it suits": "description", "Gives": "settings"}

States = Mapping[str, TrunkState]

_NO_TLS: Final = (
    "this exchange speaks no TLS: set PBX_TLS_CERT_FILE and PBX_TLS_KEY_FILE, and start it anew"
)
_REACHABLE: Final = {None: "not known yet", True: "reachable", False: "does not answer"}


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
    states = await _states_if_known(desk, trunks)
    refused = await last_refusals(tenant=tenant)
    certificates = await _certificates(desk, trunks)
    rows = [
        _for_people(_document(one, states, refused.get(one.name), certificates)) for one in trunks
    ]
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
    states, certificates = await _states_if_known(desk, [found]), await _certificates(desk, [found])
    document = _document(found, states, refused.get(name), certificates)
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
    _refuse_without_tls(desk, given)
    made = await provisioning.create_trunk(
        tenant=tenant,
        name=name,
        seal=desk.seal,
        password=password,
        if_missing=if_missing,
        **settings_given(given),
    )
    _warn_of_open_keys(made)
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
    _refuse_without_tls(desk, given)
    before = await _default_of(tenant)
    now = await provisioning.set_trunk(
        tenant=tenant,
        name=name,
        seal=desk.seal,
        new_name=new_name,
        password=password,
        **settings_given(given),
    )
    await warn_about(desk, tenant, f"trunk {now.name}")
    _warn_of_open_keys(now)
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


async def _states_if_known(desk: Desk, trunks: Iterable[TrunkFacts]) -> States | None:
    if desk.settings.tls is None and any(one.transport == "tls" for one in trunks):
        note(f"Trunks by TLS are out of use: {_NO_TLS}.")
    try:
        return await trunk_states(desk.settings, [one.endpoint for one in trunks])
    except AsteriskError as fault:
        note(f"Asterisk cannot be asked how trunks are: {fault}")
        return None


async def _certificates(desk: Desk, trunks: Iterable[TrunkFacts]) -> Mapping[str, Refusal]:
    """Whose certificate is refused, by host."""
    if not any(map(connected_to, trunks)):
        return {}
    with suppress(AsteriskError):  # said already, by those who ask for states
        return await disbelieved_carriers(desk.settings)
    return {}


def _refuse_without_tls(desk: Desk, given: TrunkSettings) -> None:
    if given.get("transport") == "tls" and desk.settings.tls is None:
        refuse_if_any([Fault("transport", "tls", _NO_TLS)])


def _warn_of_open_keys(made: TrunkFacts) -> None:
    if made.encryption != "off" and made.transport != "tls":
        note(
            "The keys to its sound stand in the SIP messages of its calls, which everybody on the "
            f"way reads with transport {made.transport}: take --transport tls."
        )


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
    found: TrunkFacts,
    known: States | None,
    refused: TrunkRefusal | None,
    certificates: Mapping[str, Refusal],
) -> dict[str, object]:
    state = None if known is None else known.get(found.endpoint, TrunkState())
    return _plain(found) | {
        "state": _state_words(found, state),
        "is_reachable": state and state.is_reachable,
        "round_trip_ms": state and state.round_trip_ms,
        "next_try_s": state and state.next_try_s,
        "calls_from": state and list(state.calls_from),
        "last_refusal": _refusal_document(state, refused, certificates.get(connected_to(found))),
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
    state: TrunkState | None, refused: TrunkRefusal | None, certificate: Refusal | None
) -> dict[str, object] | None:
    """The last thing that was refused; a certificate, as long as it is: all else comes of it."""
    if certificate is not None:
        return document_of(certificate)
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
