"""A file is applied as it was judged; what has changed since is judged again before that."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Final

from models.errors import ChangedMeanwhile
from models.provisioning.whole import MOST_LOOKS, Applied, make_come_true
from pbx_cli.applying.looking import Judged, Looked
from pbx_cli.asking import agree_to
from pbx_cli.context import Desk
from pbx_cli.errors import Refused
from pbx_cli.findings import note_findings
from pbx_cli.output import note
from pbx_cli.patch_story import emit_patch

TAKES_MORE: Final = 4

LookAgain = Callable[[Looked], Awaitable[Looked]]
"""Looks at the same thing once more, and refuses what cannot be."""


async def carry_out(
    desk: Desk, looked: Looked, look_again: LookAgain, *, is_confirmed: bool
) -> tuple[Looked, Applied]:
    """Make a tenant as it was looked at; where it has changed since, look and ask again.

    Args:
        desk: The operator's.
        looked: What was found out, and agreed to.
        look_again: Finds out anew.
        is_confirmed: A yes was said beforehand.

    Returns:
        What was found out last, and what has become of it.

    Raises:
        Refused: It would take away more than was agreed to, and nobody can be asked; or the answer
            was no.
        ChangedMeanwhile: It changes faster than anybody can look.
    """
    for _ in range(MOST_LOOKS):
        try:
            return looked, await make_come_true(looked.outlook, seal=desk.seal, sounds=desk.sounds)
        except ChangedMeanwhile:
            before = looked.judged
            looked = await look_again(looked)
            agree(looked, before, is_confirmed=is_confirmed)
    raise ChangedMeanwhile(f"{looked.outlook.file.tenant} is changed by others all the time")


def agree(looked: Looked, before: Judged, *, is_confirmed: bool) -> None:
    """Let nothing be written that was not judged.

    On a terminal the person is shown what it is by now, and asked. Without one, and with a yes said
    beforehand, it goes on as long as nothing more is taken away than was known.

    Args:
        looked: What was found out now.
        before: What was known.
        is_confirmed: A yes was said beforehand.

    Raises:
        Refused: More would be taken away, and nobody can be asked, or the answer was no.
    """
    now = looked.judged
    more = sorted(now.losses - before.losses)
    if not more and (now.mark == before.mark or is_confirmed or not sys.stdin.isatty()):
        return
    why = f"{looked.path}: tenant {looked.outlook.file.tenant} or the file was changed meanwhile"
    if sys.stdin.isatty():
        note(f"{why}. By now this would change:")
        emit_patch(looked.outlook.patch, looked.outlook.notes)
        note_findings(looked.at_places(looked.cuts))
        agree_to("Go on all the same?")
        return
    lines = "\n".join(f"  {one}" for one in more)
    message = f"{why}; it was not applied, for it would also take away:\n{lines}"
    faults = [
        {"code": "changed-meanwhile", "file": str(looked.path), "path": one, "sentence": why}
        for one in more
    ]
    raise Refused(message, exit_code=TAKES_MORE, faults=faults)
