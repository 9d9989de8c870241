"""How far something long has come: a bar on stderr, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pbx_cli.output import margin


@contextmanager
def progress_bar(words: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a bar while the block runs; it calls what it is given once for each thing done."""
    columns = (TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    is_seen = sys.stderr.isatty() and total > 1
    with Progress(*columns, console=margin(), disable=not is_seen, transient=True) as bar:
        task = bar.add_task(words, total=total)
        yield lambda: bar.advance(task)
