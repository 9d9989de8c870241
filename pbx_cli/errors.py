"""What an operator reads when something is refused, and the exit code that scripts read.

Exit codes: 0 done, 1 failed, 2 usage or settings, 3 not found, 4 already exists or in use,
5 invalid, 6 database or Asterisk unreachable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from shlex import quote
from typing import IO, Any

import click

from models.errors import AlreadyExists, Fault, InUse, InvalidSettings, ModelsError
from models.tenant_file.parts import FaultyFile, FileFault
from pbx_cli.option_names import option_of
from pbx_cli.output import JSON_WANTED, counted, json_text, say
from stasis_apps.settings import SettingInvalid

FAILED = 1
USAGE = 2
UNREACHABLE = 6

_LED_TO = ("extension", "element")

_CHANGES_NOTHING = ("check", "diff", "export", "graph", "simulate", "test")

Told = Fault | FileFault | Mapping[str, object]
"""One thing that is wrong; whoever has a document of it already gives that."""


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
        faults: Sequence[Told] = (),
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
        faults = [_fault_document(fault) for fault in self.faults]
        return {"error": self.message, "exit_code": self.exit_code, "faults": faults}


def refusal(fault: Exception) -> Refused:
    """Tell a fault of another package with the exit code that belongs to it."""
    from ari_client import AriError
    from asterisk_conf import AsteriskError, UnusableSetting

    match fault:
        case ModelsError():
            return _refused_by_the_plan(fault)
        case SettingInvalid() | UnusableSetting():
            return Refused(str(fault), exit_code=USAGE)
        case AsteriskError():
            return Refused(str(fault), exit_code=UNREACHABLE)
        case AriError():
            return Refused(f"Asterisk does not do what was asked: {fault}", exit_code=UNREACHABLE)
        case _:
            return Refused(str(fault))


def _fault_document(fault: Told) -> Mapping[str, object]:
    """A fault for scripts; one of a file tells where it stands there."""
    if isinstance(fault, Mapping):
        return fault
    if isinstance(fault, FileFault):
        where = {"file": fault.file, "line": fault.place.line, "column": fault.place.column}
        return {**where, **_fault_document(fault.fault.as_fault())}
    return {"path": fault.path, "value": _plain(fault.value), "rule": fault.rule}


def _refused_by_the_plan(fault: ModelsError) -> Refused:
    faults: Sequence[Fault | FileFault]
    match fault:
        case FaultyFile(file_faults=faults):
            words = _listed(faults)
        case InvalidSettings(faults=faults):
            words = _listed(faults)
        case AlreadyExists(faults=[taken, *_] as faults):
            words = _listed(faults) + _way_out(taken)
        case InUse(users=users):
            faults = [Fault("in_use", None, user, user) for user in users]
            words = f"{fault}\n{_what_first()}"
        case _:
            faults, words = [], str(fault)
    return Refused(words, exit_code=fault.exit_code, faults=faults)


def _way_out(fault: Fault) -> str:
    """How to get what was wanted, when ``create`` finds the name or number taken."""
    context = click.get_current_context(silent=True)
    if context is None or context.parent is None or "if_missing" not in context.params:
        return ""
    if fault.path not in ("name", "number"):
        return ""
    tenant = context.params.get("tenant")
    whose = f" --tenant {tenant}" if tenant else ""
    command = f"pbx {context.parent.info_name} set {quote(str(fault.value))}{whose} ..."
    return f": change it with `{command}`, or give --if-missing"


def _what_first() -> str:
    """What to do with those that keep a thing from being removed."""
    context = click.get_current_context(silent=True)
    noun = context.parent.info_name if context and context.parent else None
    return "Lead these elsewhere first." if noun in _LED_TO else "Change these first."


def _listed(faults: Sequence[Fault | FileFault]) -> str:
    if len(faults) == 1:
        return _as_typed(faults[0])
    lines = "\n".join(f"  {_as_typed(fault)}" for fault in faults)
    context = click.get_current_context(silent=True)
    only_looks = context is not None and context.info_name in _CHANGES_NOTHING
    return (
        f"{counted(len(faults), 'fault')}{'' if only_looks else ', nothing was changed'}:\n{lines}"
    )


def _as_typed(fault: Fault | FileFault) -> str:
    """A fault in words; one of what an option gave names the option."""
    if isinstance(fault, Fault) and (option := option_of(fault.path)):
        said = None if isinstance(fault.value, bool) else fault.value  # the option says it
        return str(replace(fault, path=option, value=said))
    return str(fault)


def _plain(value: object) -> object:
    """Leave what JSON can say, and put the rest into words."""
    if isinstance(value, str | int | float | bool | None):
        return value
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return str(value)
    return value
