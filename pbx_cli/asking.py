"""What commands ask the person at the keyboard: a password, or whether it shall be removed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

import click

from models.errors import Fault, InvalidSettings
from pbx_cli.errors import USAGE, Refused

_Command = TypeVar("_Command", bound=Callable[..., object])


def password_option(command: _Command) -> _Command:
    """Let a password come in by stdin, where no process list and no shell history sees it."""
    return _password_option("without it one is made")(command)


def given_password_option(command: _Command) -> _Command:
    """The same for a password that somebody else has made, such as a carrier."""
    return _password_option("it is never shown again")(command)


def _password_option(what_else: str) -> Callable[[_Command], _Command]:
    return click.option(
        "--password-stdin",
        "password",
        is_flag=True,
        flag_value="-",
        default=None,
        callback=_read_password,
        help=f"Read the password from the first line of stdin; {what_else}.",
    )


def _read_password(
    _context: click.Context, _option: click.Parameter, asked: str | None
) -> str | None:
    if asked is None:
        return None
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def ask_pin() -> str:
    """Ask for a PIN twice, or read it from the first line of stdin; waits for the person.

    Raises:
        InvalidSettings: The first line is empty, or there is none.
    """
    if sys.stdin.isatty():
        return str(click.prompt("PIN", hide_input=True, confirmation_prompt=True, err=True))
    pin = sys.stdin.readline().rstrip("\r\n")
    if not pin:
        rule = "none was given on stdin"
        raise InvalidSettings([Fault("pin", None, rule, f"pin: {rule}")])
    return pin


def yes_option(command: _Command) -> _Command:
    """Let scripts say yes beforehand."""
    return click.option("--yes", is_flag=True, help="Do not ask; needed without a terminal.")(
        command
    )


def confirm(what: str, *, is_confirmed: bool) -> None:
    """Ask before something is removed.

    Raises:
        Refused: There is nobody to ask, and ``--yes`` was not given; or the answer was no.
    """
    if is_confirmed:
        return
    if not sys.stdin.isatty():
        raise Refused(f"{what}: needs --yes when nobody can be asked", exit_code=USAGE)
    agree_to(f"{what}?")


def agree_to(question: str, *, default: bool = False) -> None:
    """Ask the person at the terminal, and go on with a yes only.

    Raises:
        Refused: The answer was no.
    """
    if not click.confirm(question, default=default, err=True):
        raise Refused("The answer was no, so it was left as it is")
