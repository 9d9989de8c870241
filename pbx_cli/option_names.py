"""Which option a field was given by: people who typed ``--only`` are not told of ``users``."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource


class OptionFor(click.Option):
    """An option whose field is called otherwise than the option.

    Args:
        field: What provisioning calls it.
    """

    def __init__(self, *declarations: Any, field: str, **attributes: Any) -> None:  # as click's own
        super().__init__(*declarations, **attributes)
        self.field = field


def option_of(path: str) -> str:
    """The option of the command that runs by which a field was given; empty for none.

    A part of a field (``hours.windows.0.from``) was given by an option of its own, or by that of
    the whole.
    """
    context = click.get_current_context(silent=True)
    if context is None:
        return ""
    given = {
        getattr(option, "field", option.name): max(_spellings(option, context), key=len)
        for option in context.command.params
        if isinstance(option, click.Option) and _is_typed(option, context)
    }
    fields = (path, path.rpartition(".")[2], path.partition(".")[0])
    return next((given[field] for field in fields if field in given), "")


def _spellings(option: click.Option, context: click.Context) -> list[str]:
    """How an option may have been typed, which says no where no is what was meant."""
    says_no = context.params.get(option.name or "") is False
    return option.secondary_opts if says_no and option.secondary_opts else option.opts


def _is_typed(option: click.Option, context: click.Context) -> bool:
    return context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
