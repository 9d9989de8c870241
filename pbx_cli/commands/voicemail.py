"""`pbx voicemail`: messages in mailboxes, what became of their mails, and PINs."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from models import mail_outbox, provisioning
from models import voicemail as mailboxes
from models.delivery import DeliveryState, MailFormat
from models.errors import AlreadyExists, NotFound
from models.mail_outbox import DeliveryFacts, QueuedMail
from models.message import MessageState
from models.message_files import make_message_id
from models.voicemail import MessageFacts
from pbx_cli.asking import ask_pin, confirm, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.doctor.mail import NOT_SET
from pbx_cli.errors import FAILED, USAGE, Refused
from pbx_cli.nouns import NounGroup
from pbx_cli.output import (
    document_of,
    emit_done,
    emit_one,
    emit_rows,
    emit_table,
    in_words,
    json_is_wanted,
    note,
    printing,
)

COLUMNS: Final = {
    "Received": "received_at",
    "Tenant": "tenant",
    "Box": "box",
    "From": "caller_number",
    "Length (s)": "duration_s",
    "Heard": "is_heard",
    "Mails": "mail_states",
    "Message": "id",
}
MAIL_HEADINGS: Final = ("Recipient", "State", "Attempts", "Next attempt", "Sent", "Last answer")

any_tenant_option = click.option(
    "--tenant",
    envvar="PBX_TENANT",
    metavar="NAME",
    help="Only messages of this tenant (PBX_TENANT).",
)


@click.group(cls=NounGroup)
def voicemail() -> None:
    """Voicemail: messages, their mails, and the PINs of mailboxes."""


@voicemail.command("list")
@any_tenant_option
@click.option("--box", metavar="NUMBER", help="Only messages in this mailbox.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in DeliveryState]),
    help="Only messages with a mail in this state; bounced ones are dead letters.",
)
@printing
@with_database
async def list_(desk: Desk, tenant: str | None, box: str | None, state: str | None) -> None:
    """List messages, newest first, each with what became of its mails."""
    found = await mailboxes.list_messages(tenant=tenant, box=box, state=state)
    emit_rows([_document(one) for one in found], COLUMNS, empty="There are no such messages.")
    if any(_waits(one) for one in found):
        _note_missing_server(desk)


@voicemail.command()
@click.argument("message_id", metavar="ID")
@any_tenant_option
@printing
@with_database
async def show(_desk: Desk, message_id: str, tenant: str | None) -> None:
    """Show one message, and each of its mails with attempts and the last answer."""
    message = await mailboxes.find_message(message_id=message_id, tenant=tenant)
    emit_one(_document(message), hide=["mails", "mail_states"])
    if message.deliveries and not json_is_wanted():
        emit_table(MAIL_HEADINGS, [_mail_row(one) for one in message.deliveries])


@voicemail.command()
@click.argument("message_id", metavar="ID")
@any_tenant_option
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The WAV file to write, which must not exist; stdout without it.",
)
@printing
@with_database
async def play(desk: Desk, message_id: str, tenant: str | None, output: Path | None) -> None:
    """Write the sound of a message as WAV; nobody counts as having heard it by that."""
    if output is None and (sys.stdout.isatty() or json_is_wanted()):
        raise Refused("A sound is not for the screen: give --output FILE", exit_code=USAGE)
    message = await mailboxes.find_message(message_id=message_id, tenant=tenant)
    sound = await _sound(desk, message)
    if output is None:
        sys.stdout.buffer.write(sound)
        return
    await asyncio.to_thread(_write_new, output, sound)
    emit_done(f"The message is in {output}.", {"file": str(output), "bytes": len(sound)})


@voicemail.command()
@click.argument("message_id", metavar="ID")
@any_tenant_option
@click.option("--to", metavar="ADDRESS", help="Only to this recipient, who may be a new one.")
@printing
@with_database
async def resend(desk: Desk, message_id: str, tenant: str | None, to: str | None) -> None:
    """Send the mails of a message anew, dead letters included."""
    message = await mailboxes.find_message(message_id=message_id, tenant=tenant)
    facts = await provisioning.get_tenant(name=message.tenant)
    mail_id = f"<{make_message_id()}@{facts.domain}>"
    formats = [MailFormat(one.format) for one in message.deliveries] or [MailFormat.WAV]
    wanted = None if to is None else QueuedMail(recipient=to, mail_id=mail_id, format=formats[0])
    queued = await mail_outbox.resend(
        tenant_id=message.tenant_id,
        message_id=message.id,
        mail=wanted,
        new_mail_id=mail_id,
        at=datetime.now(UTC),
    )
    count = "One mail goes" if len(queued) == 1 else f"{len(queued)} mails go"
    emit_done(
        f"{count} out: {', '.join(one.recipient for one in queued)}.",
        {"id": message.id, "mails": [document_of(one) for one in queued]},
    )
    _note_missing_server(desk)


@voicemail.command()
@click.argument("message_id", metavar="ID")
@any_tenant_option
@yes_option
@printing
@with_database
async def delete(desk: Desk, message_id: str, tenant: str | None, yes: bool) -> None:
    """Throw a message away; mails of it that wait are cancelled."""
    message = await mailboxes.find_message(message_id=message_id, tenant=tenant)
    waiting = "" if not _waits(message) else ", whose mail waits and will not be sent"
    confirm(f"Delete message {message.id}{waiting}", is_confirmed=yes)
    await mail_outbox.cancel(
        tenant_id=message.tenant_id,
        message_id=message.id,
        at=datetime.now(UTC),
        reason="the message was deleted by the operator",
    )
    await mailboxes.delete_message(
        tenant_id=message.tenant_id, message_id=message.id, files=desk.messages
    )
    emit_done(f"Message {message.id} is gone.", _document(message))


@voicemail.command()
@click.argument("box", metavar="BOX")
@tenant_option
@click.option("--remove", "is_removed", is_flag=True, help="Take the PIN away.")
@printing
@with_database
async def pin(_desk: Desk, box: str, tenant: str, is_removed: bool) -> None:
    """Give a mailbox a PIN of 4 to 8 digits, asked for or read from the first line of stdin."""
    had_one = await provisioning.set_pin(
        tenant=tenant, box=box, pin=None if is_removed else await asyncio.to_thread(ask_pin)
    )
    if is_removed and not had_one:
        raise NotFound(f"Mailbox {box} of {tenant} has no PIN")
    sentence = f"Mailbox {box} has {'no PIN any more' if is_removed else 'its PIN'}."
    emit_done(sentence, {"box": box, "has_pin": not is_removed})


async def _sound(desk: Desk, message: MessageFacts) -> bytes:
    if not message.file or message.state != MessageState.KEPT:
        raise NotFound(f"The sound of voicemail message {message.id} is gone")
    if message.home != await desk.messages.home_id():
        raise Refused("The sound of this message lies on another machine", exit_code=FAILED)
    return await desk.messages.read(message.tenant_id, message.id)


def _write_new(output: Path, sound: bytes) -> None:
    try:
        with output.open("xb") as file:
            file.write(sound)
    except FileExistsError as fault:
        raise Refused(f"{output} is there already", exit_code=AlreadyExists.exit_code) from fault
    except OSError as fault:
        raise Refused(f"{output} cannot be written: {fault.strerror}") from fault


def _document(message: MessageFacts) -> dict[str, object]:
    document = document_of(message)
    document["mails"] = document.pop("deliveries")
    document["mail_states"] = [f"{one.recipient}: {one.state}" for one in message.deliveries]
    return document


def _mail_row(mail: DeliveryFacts) -> list[str]:
    is_waiting = mail.state in (DeliveryState.QUEUED, DeliveryState.DEFERRED)
    return [
        mail.recipient,
        mail.state,
        str(mail.attempts),
        in_words(mail.next_attempt_at if is_waiting else None),
        in_words(mail.sent_at),
        in_words(mail.last_error),
    ]


def _waits(message: MessageFacts) -> bool:
    open_states = (DeliveryState.QUEUED, DeliveryState.DEFERRED)
    return any(one.state in open_states for one in message.deliveries)


def _note_missing_server(desk: Desk) -> None:
    if desk.settings.mail_server is None:
        note(f"{NOT_SET}.")
