"""A tenant led back to a revision: shown first, done after a yes; slow to load, seldom needed."""

from __future__ import annotations

from models.provisioning.rollback import file_of_revision
from models.provisioning.whole import Applied, Outlook, look_at, make_come_true
from pbx_cli.asking import confirm
from pbx_cli.context import Desk
from pbx_cli.cuts import cuts_of
from pbx_cli.output import emit_done, emit_line, json_is_wanted
from pbx_cli.patch_story import emit_patch, patch_document
from pbx_cli.plan_at_hand import kind_schemas
from pbx_cli.verdict import Verdict


async def roll_back(desk: Desk, *, tenant: str, revision: int, is_confirmed: bool) -> None:
    """Show what a rollback would change, ask, do it, and say what has become of the tenant."""
    file = await file_of_revision(
        tenant=tenant, revision=revision, seal=desk.seal, kinds=kind_schemas(), sounds=desk.sounds
    )
    outlook = await look_at(file=file, seal=desk.seal, catalogue=desk.catalogue, sounds=desk.sounds)
    if not outlook.changes_nothing:
        emit_patch(outlook.patch, outlook.notes)
        what = f"Lead tenant {tenant} back to revision {revision}"
        await _ask(desk, outlook, what, is_confirmed=is_confirmed)
    applied = await make_come_true(
        outlook, seal=desk.seal, catalogue=desk.catalogue, sounds=desk.sounds
    )
    _tell(applied, revision)


async def _ask(desk: Desk, outlook: Outlook, what: str, *, is_confirmed: bool) -> None:
    """Ask once: about what goes and is in use, or else about the whole."""
    verdict = Verdict(cuts=await cuts_of(desk, outlook))
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
