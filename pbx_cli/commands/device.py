"""`pbx device`: phones, how they log in and where they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, Unpack

import click

from asterisk_conf import AsteriskError
from models import provisioning
from models.facts import DeviceFacts
from models.rules import ENCRYPTIONS
from pbx_cli.asking import confirm, password_option, yes_option
from pbx_cli.contacts import Contact, registered_contacts
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.machine import reachable_address
from pbx_cli.nouns import NounGroup
from pbx_cli.output import document_of, emit_done, emit_one, emit_rows, note, printing
from pbx_cli.phones import login_document, login_sentence, setup_document
from pbx_cli.tls_server import tls_server
from pbx_cli.warning import warn_about

COLUMNS = {
    "Name": "name",
    "Extension": "extension",
    "State": "state",
    "Address": "address",
    "User agent": "user_agent",
    "Round trip (ms)": "round_trip_ms",
}

Contacts = Mapping[str, list[Contact]]


class NewFields(TypedDict):
    """What is given about a new device, as provisioning calls it."""

    tenant: str
    extension: str
    caller_name: str | None
    caller_id: str
    hides_number: bool
    location: str
    encryption: str
    password: str | None
    if_missing: bool


class ChangedFields(TypedDict):
    """What is given about a device that changes."""

    tenant: str
    caller_name: str | None
    caller_id: str | None
    hides_number: bool | None
    location: str | None
    encryption: str | None
    password: str | None
    new_password: bool


@click.group(cls=NounGroup)
def device() -> None:
    """Phones: each has a login of its own."""


@device.command("list")
@tenant_option
@click.option("--extension", help="Only the phones of this extension.")
@printing
@with_database
async def list_(desk: Desk, tenant: str, extension: str | None) -> None:
    """List a tenant's phones: registered or not, where, and how fast they answer."""
    devices = await provisioning.list_devices(tenant=tenant, extension=extension)
    contacts = await _contacts_if_known(desk)
    rows = [_document(one, contacts) for one in devices]
    emit_rows(rows, COLUMNS, empty=f"{tenant} has no devices.")


@device.command()
@click.argument("name")
@tenant_option
@click.option("--setup", is_flag=True, help="Show what is typed into the phone, password included.")
@printing
@with_database
async def show(desk: Desk, name: str, tenant: str, setup: bool) -> None:
    """Show one phone; with --setup what a person types into it."""
    if setup:
        opened = await provisioning.device_setup(tenant=tenant, name=name, seal=desk.seal)
        server = reachable_address(desk.settings)
        tls = tls_server(desk.settings)
        emit_one(setup_document(opened, desk.settings, server, tls))
        return
    found = await provisioning.get_device(tenant=tenant, name=name)
    emit_one(_document(found, await _contacts_if_known(desk)), hide=["contacts"])


@device.command()
@click.argument("name")
@tenant_option
@click.option("--extension", required=True, help="Whose phone it is.")
@click.option("--caller-name", help="What the called see instead of the extension's name.")
@click.option(
    "--caller-id",
    default="",
    help="The tenant's number that calls out show.  [default: as the extension]",
)
@click.option("--hides-number", is_flag=True, help="Calls out show no number.")
@click.option(
    "--location", default="", help="Where it stands.  [default: where the extension does]"
)
@click.option(
    "--encryption",
    type=click.Choice(ENCRYPTIONS),
    default="off",
    show_default=True,
    help="Whether its sound is encrypted (SRTP).",
)
@password_option
@click.option("--if-missing", is_flag=True, help="Do nothing when it is there already.")
@printing
@with_database
async def create(desk: Desk, /, name: str, **fields: Unpack[NewFields]) -> None:
    """Let one more phone of an extension log in; `pbx device show` tells its password again."""
    made = await provisioning.create_device(name=name, seal=desk.seal, **fields)
    await warn_about(desk, fields["tenant"], f"device {name}")
    _warn_of_open_keys(desk, made.device)
    sentence = f"Device {made.device.name} is there."
    if made.password is not None:
        sentence = f"{sentence}\n{login_sentence(made.device, made.password, fields['tenant'])}"
    emit_done(sentence, document_of(made.device) | login_document(made.device, made.password))


@device.command("set")
@click.argument("name")
@tenant_option
@click.option("--caller-name", help="What the called see; an empty text removes it.")
@click.option(
    "--caller-id",
    help="The tenant's number that calls out show; an empty text for the extension's.",
)
@click.option(
    "--hides-number/--no-hides-number", default=None, help="Whether calls out show no number."
)
@click.option("--location", help="Where it stands; an empty text for where the extension does.")
@click.option(
    "--encryption",
    type=click.Choice(ENCRYPTIONS),
    help="Whether its sound is encrypted (SRTP), from its next call on.",
)
@password_option
@click.option("--new-password", is_flag=True, help="Make a new password and show it.")
@printing
@with_database
async def set_(desk: Desk, /, name: str, **fields: Unpack[ChangedFields]) -> None:
    """Change a phone; what is not given stays as it is."""
    now = await provisioning.set_device(name=name, seal=desk.seal, **fields)
    await warn_about(desk, fields["tenant"], f"device {name}")
    _warn_of_open_keys(desk, now.device)
    sentence = f"Device {now.device.name} is as wanted."
    if now.password is not None:
        sentence = f"{sentence}\n{login_sentence(now.device, now.password, fields['tenant'])}"
    emit_done(sentence, document_of(now.device) | login_document(now.device, now.password))


@device.command()
@click.argument("name")
@tenant_option
@yes_option
@printing
@with_database
async def remove(_desk: Desk, name: str, tenant: str, yes: bool) -> None:
    """Let a phone log in no longer."""
    gone = await provisioning.get_device(tenant=tenant, name=name)
    confirm(f"Remove device {name}", is_confirmed=yes)
    await provisioning.remove_device(tenant=tenant, name=name)
    emit_done(f"Device {name} is gone.", document_of(gone))


def _warn_of_open_keys(desk: Desk, phone: DeviceFacts) -> None:
    if phone.encryption != "off" and desk.settings.tls is None:
        note(
            "The keys to its sound stand in the SIP messages of its calls, and this exchange "
            "speaks no TLS: set PBX_TLS_CERT_FILE and PBX_TLS_KEY_FILE, and let the phone use TLS."
        )


async def _contacts_if_known(desk: Desk) -> Contacts | None:
    try:
        return await registered_contacts(desk.settings)
    except AsteriskError as fault:
        note(f"Asterisk cannot be asked where phones are: {fault}")
        return None


def _document(device: DeviceFacts, known: Contacts | None) -> dict[str, object]:
    contacts = None if known is None else known.get(device.endpoint, [])
    best = contacts[0] if contacts else None
    return document_of(
        device,
        state=_state(contacts),
        is_registered=None if contacts is None else bool(contacts),
        is_reachable=best.is_reachable if best else None,
        address=best.address if best else None,
        user_agent=best.user_agent if best else None,
        round_trip_ms=best.round_trip_ms if best else None,
        contacts=None if contacts is None else [document_of(one) for one in contacts],
    )


def _state(contacts: list[Contact] | None) -> str:
    if contacts is None:
        return "unknown"
    if not contacts:
        return "not registered"
    if any(contact.is_reachable for contact in contacts):
        return "reachable"
    if all(contact.is_reachable is False for contact in contacts):
        return "unreachable"
    return "registered"
