"""`pbx extension`: people who can be called."""

from __future__ import annotations

from collections.abc import Callable
from shlex import quote
from typing import Any, Final, TypedDict, Unpack

import click

from models import provisioning
from models.errors import Fault, InvalidSettings, refuse_if_any
from models.facts import ExtensionFacts, NewExtension
from pbx_cli.asking import confirm, password_option, yes_option
from pbx_cli.context import Desk, tenant_option, with_database
from pbx_cli.element_kinds import kind_schema
from pbx_cli.element_settings import combined, placed, read_settings, removals
from pbx_cli.nouns import NounGroup
from pbx_cli.output import (
    document_of,
    emit_done,
    emit_one,
    emit_rows,
    in_words,
    json_is_wanted,
    printing,
)
from pbx_cli.personal_rules import (
    SITUATIONS,
    replaced_rule,
    rule_words,
    with_places_in_words,
    with_rule,
    without_rules,
)
from pbx_cli.phones import login_document, login_sentence
from pbx_cli.warning import warn_about

USER: Final = "user"
"""The element kind that stands behind extensions."""

COLUMNS = {"Number": "number", "Name": "name", "E-mail": "email", "Rings (s)": "ring_s"}


_OPTIONS: Final = {
    "name": "--name",
    "email": "--email",
    "ring_s": "--ring-s",
    "caller_id": "--caller-id",
    "location": "--location",
}
"""What is said of an extension beside its settings."""


class NewFields(TypedDict):
    """What is given about a new extension, as provisioning calls it."""

    tenant: str
    email: str | None
    ring_s: int
    caller_id: str
    location: str
    password: str | None
    if_missing: bool


class ChangedFields(TypedDict):
    """What is given about an extension that changes."""

    tenant: str
    name: str | None
    email: str | None
    ring_s: int | None
    caller_id: str | None
    location: str | None


class RuleFields(TypedDict):
    """What is given about a personal rule."""

    when: str | None
    target: str | None
    after_s: float | None
    ring_s: float | None
    confirm: bool | None


def set_option(command: Callable[..., object]) -> Callable[..., object]:
    """Let settings of the user be given: rules, voicemail and so on."""
    return click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="PATH=VALUE",
        help="A setting (voicemail=yes); `pbx element kinds user` lists them. Repeat.",
    )(command)


@click.group(cls=NounGroup)
def extension() -> None:
    """People who can be called, at the numbers 100 to 4999."""


@extension.command("list")
@tenant_option
@printing
@with_database
async def list_(_desk: Desk, tenant: str) -> None:
    """List a tenant's extensions."""
    people = await provisioning.list_extensions(tenant=tenant)
    emit_rows([document_of(one) for one in people], COLUMNS, empty=f"{tenant} has no extensions.")


@extension.command()
@click.argument("number")
@tenant_option
@printing
@with_database
async def show(_desk: Desk, number: str, tenant: str) -> None:
    """Show one extension, its devices, and its personal rules in their order."""
    person = await provisioning.get_extension(tenant=tenant, number=number)
    devices = await provisioning.list_devices(tenant=tenant, extension=number)
    document = document_of(person, devices=[device.name for device in devices])
    if not json_is_wanted():
        document |= _settings_in_words(person)
    emit_one(document, hide=["settings"])


@extension.command()
@click.argument("number")
@tenant_option
@click.option("--name", help="What the called see, 70 bytes at most.  [default: the number]")
@click.option("--email", help="For missed calls and voicemail.")
@click.option("--ring-s", type=int, default=20, show_default=True, help="Seconds to ring.")
@click.option(
    "--caller-id",
    default="",
    help="The tenant's number that calls out show.  [default: the trunk's or the tenant's]",
)
@click.option(
    "--location", default="", help="Where the phones stand.  [default: the tenant's default place]"
)
@click.option("--no-device", is_flag=True, help="Do not make the first phone.")
@set_option
@password_option
@click.option("--if-missing", is_flag=True, help="Do nothing when it is there already.")
@printing
@with_database
async def create(
    desk: Desk,
    /,
    number: str,
    name: str | None,
    no_device: bool,
    assignments: tuple[str, ...],
    **fields: Unpack[NewFields],
) -> None:
    """Give a person a number and a first phone; `pbx device show` tells its password again."""
    schema = kind_schema(USER)
    _refuse_fields(assignments)
    settings = placed(read_settings(assignments, schema), {}, schema)
    made = await provisioning.create_extension(
        number=number,
        name=number if name is None else name,
        with_device=not no_device,
        seal=desk.seal,
        settings=settings or None,
        catalogue=desk.catalogue,
        **fields,
    )
    await warn_about(desk, fields["tenant"], number)
    emit_done(_made_sentence(made, fields["tenant"]), _made_document(made))


@extension.command("set")
@click.argument("number")
@tenant_option
@click.option("--name", help="What the called see.")
@click.option("--email", help="For missed calls and voicemail; an empty text removes it.")
@click.option("--ring-s", type=int, help="Seconds to ring.")
@click.option(
    "--caller-id",
    help="The tenant's number that calls out show; an empty text for the trunk's or the tenant's.",
)
@click.option(
    "--location", help="Where the phones stand; an empty text for the tenant's default place."
)
@set_option
@click.option("--unset", multiple=True, metavar="PATH", help="Remove a setting. Repeat.")
@printing
@with_database
async def set_(
    desk: Desk,
    /,
    number: str,
    assignments: tuple[str, ...],
    unset: tuple[str, ...],
    **fields: Unpack[ChangedFields],
) -> None:
    """Change an extension; what is not given stays as it is.

    The parts of a list are numbered from 0: --set rules.0.when=no_answer --set rules.0.to=101.
    """
    schema = kind_schema(USER)
    _refuse_fields(assignments)
    before = await provisioning.get_extension(tenant=fields["tenant"], number=number)
    known = {*schema["properties"], *before.settings}
    changes = combined(read_settings(assignments, schema), removals(unset, known))
    now = await provisioning.set_extension(
        number=number,
        settings=placed(changes, before.settings, schema) or None,
        catalogue=desk.catalogue,
        **fields,
    )
    await warn_about(desk, fields["tenant"], number)
    emit_done(f"Extension {now.number} is as wanted.", document_of(now))


@extension.command()
@click.argument("number")
@tenant_option
@click.option("--when", type=click.Choice(SITUATIONS), help="What has to happen.")
@click.option("--to", "target", metavar="NUMBER", help="Whom to call then.")
@click.option("--after", "after_s", type=float, help="Seconds that the step before rings.")
@click.option("--ring", "ring_s", type=float, help="Seconds that this number rings.")
@click.option("--confirm/--no-confirm", default=None, help="Whether an outside callee presses 1.")
@click.option("--clear", is_flag=True, help="Remove the rules there are; with --when only those.")
@printing
@with_database
async def forward(
    desk: Desk, /, number: str, tenant: str, clear: bool, **given: Unpack[RuleFields]
) -> None:
    """Add a personal rule behind the others: what becomes of calls to this extension.

    --when no_answer --to +79161112233 --after 15 forwards calls that nobody has answered for 15
    seconds. With --clear and --to, the new rule takes the place of those that were there; a rule
    with the same --when and --to is replaced.
    """
    new = _new_rule(given, clear=clear)
    person = await provisioning.get_extension(tenant=tenant, number=number)
    rules: Any = person.settings.get("rules", [])
    if clear:
        rules = without_rules(rules, given["when"])
    replaced = None if new is None else replaced_rule(rules, new)
    if new is not None:
        rules = with_rule(rules, new)
    try:
        now = await provisioning.set_extension(
            tenant=tenant, number=number, settings={"rules": rules}, catalogue=desk.catalogue
        )
    except InvalidSettings as refused:
        raise InvalidSettings(with_places_in_words(refused.faults)) from refused
    await warn_about(desk, tenant, number)
    instead = "" if replaced is None else f"Replaces rule {replaced}. "
    emit_done(f"{instead}{_rules_sentence(now)}", document_of(now))


@extension.command()
@click.argument("number")
@click.argument("position", type=click.Choice(["on", "off"]))
@tenant_option
@printing
@with_database
async def dnd(desk: Desk, number: str, position: str, tenant: str) -> None:
    """Let a person's phones stay silent (on), or ring again (off)."""
    now = await provisioning.set_extension(
        tenant=tenant,
        number=number,
        settings={"dnd": position == "on"},
        catalogue=desk.catalogue,
    )
    sentence = "is not to be disturbed" if position == "on" else "can be called again"
    emit_done(f"Extension {now.number} {sentence}.", document_of(now))


@extension.command()
@click.argument("number")
@tenant_option
@yes_option
@printing
@with_database
async def remove(desk: Desk, number: str, tenant: str, yes: bool) -> None:
    """Take a number and its phones away."""
    gone = await provisioning.get_extension(tenant=tenant, number=number)
    confirm(f"Remove extension {number} ({gone.name}) and its phones", is_confirmed=yes)
    await provisioning.remove_extension(tenant=tenant, number=number, catalogue=desk.catalogue)
    emit_done(f"Extension {number} is gone.", document_of(gone))


def _refuse_fields(assignments: tuple[str, ...]) -> None:
    """Send those to the options who take one for a setting.

    Raises:
        InvalidSettings: At least one has an option of its own.
    """
    given = [one.partition("=") for one in assignments]
    refuse_if_any(
        [
            Fault(path, text, f"is no setting; use {_OPTIONS[path]} {quote(text)}")
            for path, _, text in given
            if path in _OPTIONS
        ]
    )


def _made_document(made: NewExtension) -> dict[str, object]:
    return document_of(made.extension) | login_document(made.device, made.password)


def _made_sentence(made: NewExtension, tenant: str) -> str:
    sentence = f"Extension {made.extension.number} ({made.extension.name}) is there."
    if made.device is None or made.password is None:
        return sentence
    return f"{sentence}\n{login_sentence(made.device, made.password, tenant)}"


def _new_rule(given: RuleFields, *, clear: bool) -> dict[str, object] | None:
    """The rule that was asked for, None when rules are only removed.

    Raises:
        click.UsageError: It is only half there.
    """
    fields = {
        "when": given["when"],
        "to": given["target"],
        "after_s": given["after_s"],
        "ring_s": given["ring_s"],
        "confirm": given["confirm"],
    }
    rule: dict[str, object] = {name: value for name, value in fields.items() if value is not None}
    if "to" in rule and "when" in rule:
        return rule
    if clear and not rule.keys() - {"when"}:
        return None
    raise click.UsageError("give --when and --to, or --clear")


def _rules_sentence(person: ExtensionFacts) -> str:
    rules = _rules_in_words(person)
    if not rules:
        return f"Extension {person.number} forwards nothing."
    lines = "\n".join(f"  {name}: {words}" for name, words in rules.items())
    return f"Extension {person.number} forwards, in this order:\n{lines}"


def _rules_in_words(person: ExtensionFacts) -> dict[str, str]:
    rules: Any = person.settings.get("rules", [])
    return {f"rule {place}": rule_words(rule) for place, rule in enumerate(rules, start=1)}


def _settings_in_words(person: ExtensionFacts) -> dict[str, str]:
    others = {name: in_words(value) for name, value in person.settings.items() if name != "rules"}
    return others | _rules_in_words(person)
