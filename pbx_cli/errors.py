"""What an operator reads when something is refused, and the exit code that scripts read.

Exit codes: 0 done, 1 failed, 2 usage or settings, 3 not found, 4 already exists or in use,
5 invalid, 6 database or Asterisk unreachable.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import IO, Any

import click

from models.errors import AlreadyExists, Fault, InvalidSettings, ModelsError
from pbx_cli.output import JSON_WANTED, json_text, say
from stasis_apps.settings import SettingInvalid

FAILED = 1
USAGE = 2
UNREACHABLE = 6


def known_faults() -> tuple[type[Exception], ...]:
    """What can go wrong outside this package and is told in words instead of a traceback."""
    from ari_client import AriError  # here: slow to load, and seldom needed
    from asterisk_conf import AsteriskError

    return (ModelsError, AsteriskError, AriError, SettingInvalid)


class Refused(click.ClickException):
    """A command that did not do what was asked; nothing has been changed.

    With ``--json`` the same is told as a JSON document on stderr.
    """

    exit_code: int  # type: ignore[misc] # click reads it off the instance

    def __init__(
        self,
        message: str,
        *,
        exit_code: int = FAILED,
        faults: Sequence[Fault] = (),
        as_json: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.faults = tuple(faults)
        # Asked now: when click shows the message, the command's context is gone.
        context = click.get_current_context(silent=True)
        is_asked_for = context is not None and bool(context.meta.get(JSON_WANTED))
        self.as_json = is_asked_for if as_json is None else as_json

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the refusal to stderr."""
        if self.as_json:
            click.echo(json_text(self._document()), file=file, err=True)
        else:
            say(f"Error: {self.message}", to_stderr=True)

    def _document(self) -> dict[str, object]:
        faults = [
            {"path": fault.path, "value": _plain(fault.value), "rule": fault.rule}
            for fault in self.faults
        ]
        return {"error": self.message, "exit_code": self.exit_code, "faults": faults}


def refusal(fault: Exception) -> Refused:
    """Tell a fault of another package with the exit code that belongs to it."""
    from ari_client import AriError
    from asterisk_conf import AsteriskError, UnusableSetting

    match fault:
        case InvalidSettings(faults=faults) | AlreadyExists(faults=faults):
            return Refused(_listed(faults), exit_code=fault.exit_code, faults=faults)
        case ModelsError():
            return Refused(str(fault), exit_code=fault.exit_code)
        case SettingInvalid() | UnusableSetting():
            return Refused(str(fault), exit_code=USAGE)
        case AsteriskError():
            return Refused(str(fault), exit_code=UNREACHABLE)
        case AriError():
            return Refused(f"Asterisk does not do what was asked: {fault}", exit_code=UNREACHABLE)
        case _:
            return Refused(str(fault))


def _listed(faults: Sequence[Fault]) -> str:
    if len(faults) == 1:
        return str(faults[0])
    lines = "\n".join(f"  {fault}" for fault in faults)
    return f"{len(faults)} faults, nothing was changed:\n{lines}"


def _plain(value: object) -> object:
    """Leave what JSON can say, and put the rest into words."""
    if isinstance(value, str | int | float | bool | None):
        return value
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return str(value)
    return value
