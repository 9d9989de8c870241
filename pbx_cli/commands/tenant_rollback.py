"""`pbx tenant rollback`: a tenant as it was, with the passwords and sounds of what was removed."""

from __future__ import annotations

import click

from pbx_cli.asking import yes_option
from pbx_cli.context import Desk, with_database
from pbx_cli.nouns import RevisionsCommand
from pbx_cli.output import note, printing


@click.command("rollback", cls=RevisionsCommand)
@click.argument("name", metavar="[TENANT]")
@click.argument("revision", metavar="REV", type=int)
@yes_option
@printing
@with_database
async def tenant_rollback(desk: Desk, name: str, revision: int, yes: bool) -> None:
    """Make a tenant what it was after a revision; that is a new revision.

    Phones and trunks that come back have the passwords with which they were removed, mailboxes and
    rules their PINs, all of them named beforehand: whatever was removed because its password had
    leaked needs a new one. Those that are there keep theirs. Messages, call records and switches
    stay as they are.
    """
    # Both here: slow to load, and seldom needed.
    from models.provisioning.rollback import secrets_back
    from pbx_cli.applying.rolling_back import roll_back

    back = await secrets_back(tenant=name, revision=revision)
    if back:
        note("These come back as they were when they were removed; set anew what has leaked:")
        for secret in back:
            note(f"  {secret}")
    await roll_back(desk, tenant=name, revision=revision, is_confirmed=yes)
