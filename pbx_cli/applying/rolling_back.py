"""A tenant led back to a revision: shown first, done after a yes; slow to load, seldom needed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from models.provisioning.rollback import file_of_revision
from models.provisioning.whole import Applied, Outlook, look_at
from pbx_cli.applying.looking import Looked, look_through
from pbx_cli.applying.looking_again import carry_out
from pbx_cli.applying.remarks import remarks_on
from pbx_cli.applying.verdict import Verdict
from pbx_cli.asking import confirm
from pbx_cli.context import Desk
from pbx_cli.element_kinds import kind_schemas
from pbx_cli.findings import note_findings
from pbx_cli.output import emit_done, emit_line, json_is_wanted, note
from pbx_cli.patch_story import emit_patch, patch_document


async def roll_back(desk: Desk, *, tenant: str, revision: int, is_confirmed: bool) -> None:
    """Show what a rollback would change, ask, do it, and say what has become of the tenant."""
    look = _looking(desk, tenant, revision)
    looked = await look(None)
    if not looked.outlook.changes_nothing:
        _show(looked)
        what = f"Lead tenant {tenant} back to revision {revision}"
        _ask(looked, what, is_confirmed=is_confirmed)
    looked, applied = await carry_out(desk, looked, look, is_confirmed=is_confirmed)
    _tell(applied, revision)


def _looking(
    desk: Desk, tenant: str, revision: int
) -> Callable[[Looked | None], Awaitable[Looked]]:
    """Finds out what the rollback would do; what was found before spares some of it."""

    async def look(earlier: Looked | None) -> Looked:
        outlook = await _outlook(desk, tenant, revision, earlier.outlook if earlier else None)
        return await look_through(desk, Path(f"revision {revision}"), outlook)

    return look


async def _outlook(desk: Desk, tenant: str, revision: int, earlier: Outlook | None) -> Outlook:
    seal, sounds = desk.seal, desk.sounds
    file = await file_of_revision(
        tenant=tenant, revision=revision, seal=seal, kinds=kind_schemas(), sounds=sounds
    )
    return await look_at(
        file=file, seal=seal, catalogue=desk.catalogue, sounds=sounds, earlier=earlier
    )


def _show(looked: Looked) -> None:
    """Show what would change, what is odd about what comes out, and what is left to be done.

    The lint refuses nothing here: whoever wants to go back must be able to.
    """
    emit_patch(looked.outlook.patch, looked.outlook.notes)
    if json_is_wanted():
        return
    note_findings([*looked.errors, *looked.warnings])
    for remark in remarks_on(looked.outlook):
        note(f"Note: {remark}")


def _ask(looked: Looked, what: str, *, is_confirmed: bool) -> None:
    """Ask once: about what goes and is in use, or else about the whole."""
    verdict = Verdict(cuts=looked.at_places(looked.cuts))
    if verdict.cuts:
        verdict.ask_about_cuts(is_confirmed=is_confirmed)
    else:
        confirm(what, is_confirmed=is_confirmed)


def _tell(applied: Applied, revision: int) -> None:
    tenant, passwords = applied.tenant, dict(applied.passwords)
    has_changed = bool(applied.patch or applied.notes)
    now = f"this is revision {tenant.revision}" if has_changed else "nothing was changed"
    document = {
        "tenant": tenant.name,
        "revision": tenant.revision,
        "changes": patch_document(applied.patch),
        "notes": list(applied.notes),
        "passwords": passwords,
    }
    emit_done(f"Tenant {tenant.name} is as it was at revision {revision}; {now}.", document)
    for phone, password in {} if json_is_wanted() else passwords.items():
        emit_line(f"{phone} has a new password, shown this once: {password}")
