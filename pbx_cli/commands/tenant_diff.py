"""`pbx tenant diff`: what has changed between two revisions of a tenant."""

from __future__ import annotations

import click

from models import provisioning
from models.provisioning.revisions import document_at
from models.tenant_file.patch import patch_between
from pbx_cli.context import Desk, with_database
from pbx_cli.nouns import RevisionsCommand
from pbx_cli.output import emit_json, json_is_wanted, note, printing
from pbx_cli.patch_story import emit_patch, patch_document


@click.command("diff", cls=RevisionsCommand)
@click.argument("name", metavar="[TENANT]")
@click.argument("before", metavar="REV", type=int)
@click.argument("after", metavar="[REV]", type=int, required=False)
@printing
@with_database
async def tenant_diff(_desk: Desk, name: str, before: int, after: int | None) -> None:
    """Show what has changed between two revisions of a tenant, or since one.

    Any number will do that `pbx tenant history` or a call's record names. Passwords, PINs and
    switches are in no revision: the history tells when they have changed.
    """
    if after is None:
        after = (await provisioning.get_tenant(name=name)).revision
    old = await document_at(tenant=name, revision=before)
    patch = patch_between(old, await document_at(tenant=name, revision=after))
    if json_is_wanted():
        emit_json({"before": before, "after": after, "changes": patch_document(patch)})
    elif patch:
        emit_patch(patch)
    else:
        note(f"Between the revisions {before} and {after} of {name} nothing differs.")
