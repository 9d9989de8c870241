"""What is allowed and yet seldom meant: said after a change, refused never."""

from collections.abc import Iterator, Sequence

from anyascii import anyascii

from models.emergency_audit import emergency_warnings
from models.facts import DeviceFacts, ExtensionFacts, TenantRows, TrunkFacts
from models.numbering import TargetKind, is_extension_number, target_kind
from models.provisioning.catalogue import ElementCatalogue, wires_of
from models.provisioning.finding import tenant_called
from models.provisioning.outbound_warnings import rule_warnings
from models.provisioning.reading import rows_of


async def warnings_about(
    *, tenant: str, owner: str, catalogue: ElementCatalogue
) -> tuple[str, ...]:
    """Say what a person should know about what they have just saved.

    Args:
        tenant: Whose.
        owner: What was saved: ``100``, ``5000``, ``number +74951234567``, ``alias info``,
            ``trunk city``, ``rule any format``, ``device 100-kitchen``.
        catalogue: Knows the kinds.

    Raises:
        NotFound: There is no such tenant.
    """
    rows = await rows_of(await tenant_called(tenant))
    return tuple(warnings_in(rows, owner, catalogue))


def warnings_in(rows: TenantRows, owner: str, catalogue: ElementCatalogue) -> Iterator[str]:
    """Say what is doubtful about one thing in the midst of its tenant; pure.

    Args:
        rows: The tenant as it is.
        owner: What it is about, as `warnings_about` has it.
        catalogue: Knows the kinds.
    """
    wires = [wire for wire in wires_of(rows, catalogue) if wire.owner == owner]
    if not any(trunk.is_enabled for trunk in rows.trunks):
        for wire in wires:
            if target_kind(wire.target, rows.tenant.country) is TargetKind.OUTSIDE:
                yield f"{wire}, but {rows.tenant.name} has no trunk that calls could go out through"
    if any(not wire.path and not wire.target for wire in wires):
        yield f"{owner} leads nowhere: whoever calls is cut off, with the comment no route set"
    for trunk in rows.trunks:
        if owner == f"trunk {trunk.name}" and is_default_and_off(trunk):
            yield f"{trunk.name} is the default trunk and switched off: no calls go out"
    yield from rule_warnings(rows, owner, catalogue)
    yield from emergency_warnings(rows, owner)
    if is_extension_number(owner):
        yield from _names_that_phones_cannot_show(rows, owner)


def is_default_and_off(trunk: TrunkFacts) -> bool:
    """Whether calls out have nowhere to go by it, where no rule names another trunk."""
    return trunk.is_default and not trunk.is_enabled


def _names_that_phones_cannot_show(rows: TenantRows, number: str) -> Iterator[str]:
    devices = [device for device in rows.devices if device.extension == number]
    for extension in (one for one in rows.extensions if one.number == number):
        phone = shows_too_much(extension, devices)
        if phone is not None:
            yield (
                f"{extension.name} is more than many phones can show; for Latin letters, use "
                f"pbx device set {phone.name} --tenant {rows.tenant.name} "
                f'--caller-name "{anyascii(extension.name)}"'
            )


def shows_too_much(extension: ExtensionFacts, devices: Sequence[DeviceFacts]) -> DeviceFacts | None:
    """The first phone of a person that shows others a name which theirs may be unable to show.

    Many phones show Latin letters only; each device can show a name of its own when it calls.

    Args:
        extension: The person.
        devices: Their phones.
    """
    plain = (device for device in devices if not device.caller_name)
    return None if extension.name.isascii() else next(plain, None)
