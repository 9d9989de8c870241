"""How revisions name the operator: the person at the keyboard, and the command without options."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Final

import click

from models.provisioning.authorship import changes_by
from stasis_apps.settings.trust import shown_user

AUTHOR_VARIABLE: Final = "PBX_AUTHOR"
"""Names somebody else: the pipeline that applies files, say."""


def signed() -> AbstractContextManager[None]:
    """Sign all changes inside the block with who has typed the command that runs, and what."""
    return changes_by(person(), _command())


def person() -> str:
    """The name that was given, or who has become root by sudo, or who is logged in."""
    given = os.environ.get(AUTHOR_VARIABLE) or os.environ.get("SUDO_USER")
    return given or shown_user(os.getuid())


def _command() -> str:
    """The words of the command and what it is about; options stay out, they may hold anything."""
    context = click.get_current_context(silent=True)
    if context is None:
        return ""
    _program, *words = context.command_path.split()
    return " ".join([*words, *_arguments(context)])


def _arguments(context: click.Context) -> Iterator[str]:
    for parameter in context.command.params:
        if not isinstance(parameter, click.Argument) or parameter.name is None:
            continue
        value = context.params.get(parameter.name)
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None:
                yield str(one)
