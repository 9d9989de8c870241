"""Finding or fetching Asterisk where the operator can watch it."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.text import Text

from asterisk_conf import AsteriskInstall, find_or_fetch
from pbx_cli.output import margin


def find_asterisk(root: Path) -> AsteriskInstall:
    """Return an Asterisk that will do; what takes time is told while it happens.

    Raises:
        AsteriskMissing: None is here and none could be fetched.
    """
    console = margin()
    if not sys.stderr.isatty():
        return find_or_fetch(root, lambda line: console.print(Text(line)))
    with console.status("Looking for Asterisk") as status:

        def tell(line: str) -> None:
            if not line.endswith("%"):
                console.print(Text(line))
            status.update(Text(line))

        return find_or_fetch(root, tell)
