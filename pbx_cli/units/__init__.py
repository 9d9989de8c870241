"""The units of systemd: the exchange as services that start with the machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

NAMES: Final = ("pbx.service", "pbx-asterisk.service", "pbx-backup.service", "pbx-backup.timer")


def render_units(program: Path, settings_file: Path, home: Path, user: str) -> Mapping[str, str]:
    """Return the text of each unit by its file name.

    Args:
        program: The ``pbx`` that is started; it lies where an upgrade puts the next one.
        settings_file: What the services read, and ``pbx`` at the shell as well.
        home: All that the services may write to, beside caches and copies of it.
        user: Who they run as; not root.
    """
    templates = Environment(  # noqa: S701 - no markup; paths are quoted by `quoted`
        loader=PackageLoader("pbx_cli.units", "."),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    templates.filters["quoted"] = quoted
    paths = {"program": program, "settings_file": settings_file, "home": home}
    return {name: templates.get_template(name).render(**paths, user=user) for name in NAMES}


def quoted(text: Path | str) -> str:
    """One word of a unit, whatever stands in it: systemd reads quotes, ``%`` and ``$``."""
    word = str(text).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{word}"'
