"""``python -m asterisk_conf FOLDER``: have an Asterisk ready, fetching it there if need be."""

from __future__ import annotations

import sys
from pathlib import Path

from asterisk_conf.errors import AsteriskError
from asterisk_conf.install import find_or_fetch


def main(arguments: list[str]) -> int:
    """Find or fetch Asterisk with visible progress; 0 when there is one that will do."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m asterisk_conf FOLDER\n")
        return 2
    try:
        install = find_or_fetch(Path(arguments[0]).absolute(), _show)
    except AsteriskError as problem:
        sys.stderr.write(f"{problem}\n")
        return 6
    _show(f"Asterisk {install.version}")
    return 0


def _show(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
