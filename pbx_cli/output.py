"""What commands print: tables for people, JSON for scripts; data to stdout, the rest to stderr."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from textwrap import wrap
from typing import TYPE_CHECKING, Final, Literal, TypeVar

import click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from pbx_cli.column_widths import GAP, column_widths

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

JSON_WANTED: Final = "pbx_cli.json"
"""Where a command's context remembers that ``--json`` was given."""

TEXT_END: Final = "\n"
PAGE_WIDTH: Final = 100

_DANGEROUS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What a terminal obeys instead of showing it: C0, DEL and C1 controls, line separators, orders to
write backwards; and halves of characters, which cannot be written at all."""

Document = Mapping[str, object]
"""One thing as it is printed: names to plain values, lists and further documents."""

_Command = TypeVar("_Command", bound=Callable[..., object])


def printing(command: _Command) -> _Command:
    """Give a command the option ``--json``; stands on everything that prints."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_remember_json,
        help="Print JSON instead of text.",
    )(command)


def _remember_json(context: click.Context, _option: click.Parameter, is_wanted: bool) -> None:
    if is_wanted:
        context.meta[JSON_WANTED] = True


def json_is_wanted() -> bool:
    """Whether the command that runs was given ``--json``."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(JSON_WANTED))


def _names_a_tenant() -> bool:
    """Whether the command that runs was asked about one tenant alone."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.params.get("tenant"))


def counted(count: int, thing: str) -> str:
    """Say how many of a thing there are: ``1 fault``, ``2 faults``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def document_of(facts: DataclassInstance, **more: object) -> dict[str, object]:
    """Turn facts into what is printed, with further fields behind them."""
    return {**asdict(facts), **more}


def harmless(text: str) -> str:
    """Make one line of what a phone, a caller or a file says: no terminal obeys anything in it."""
    return _DANGEROUS.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _harmless_lines(text: str) -> str:
    return TEXT_END.join(map(harmless, text.split(TEXT_END)))


class _CarefulConsole(Console):
    """A console that shows control characters instead of sending them; its own colours stay."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Draw something; whatever is drawn for people comes through here."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield segment._replace(text=_harmless_lines(segment.text))


def screen() -> Console:
    """Where data for people goes: stdout, with colours on a terminal only."""
    return _CarefulConsole(highlight=False, soft_wrap=not sys.stdout.isatty())


def margin() -> Console:
    """Where everything that is not data goes: stderr."""
    return _CarefulConsole(stderr=True, highlight=False, soft_wrap=True)


def say(text: str, *, to_stderr: bool = False) -> None:
    """Print plain lines for people."""
    click.echo(_harmless_lines(text), err=to_stderr)


def note(sentence: str) -> None:
    """Tell the operator something beside the data."""
    margin().print(Text(sentence, style="yellow"))


def emit_json(value: object) -> None:
    """Print one JSON document."""
    click.echo(json_text(value, indent=2))


class JsonList:
    """A JSON list that is printed thing by thing: thousands take no room, and none gets lost."""

    def __init__(self) -> None:
        """Print nothing yet."""
        self._is_begun = False

    def add(self, value: object) -> None:
        """Print one more thing."""
        click.echo(",\n" if self._is_begun else "[\n", nl=False)
        click.echo("  " + json_text(value, indent=2).replace(TEXT_END, f"{TEXT_END}  "), nl=False)
        self._is_begun = True

    def close(self) -> None:
        """End the list, if it has begun."""
        if self._is_begun:
            click.echo("\n]")


def json_text(value: object, *, indent: int | None = None) -> str:
    """Write JSON that people may read on a terminal, too: letters as they are, controls escaped.

    Outside strings JSON has nothing to escape but its own line ends.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_json_value)
    return TEXT_END.join(
        _DANGEROUS.sub(lambda found: f"\\u{ord(found.group()):04x}", line)
        for line in text.split(TEXT_END)
    )


def emit_rows(rows: Sequence[Document], columns: Mapping[str, str], *, empty: str) -> None:
    """Print many things of a kind.

    Args:
        rows: All that is known of each; JSON shows everything.
        columns: Heading to field name, for people, who are not told the tenant they have named.
        empty: What people read when there is nothing.
    """
    if json_is_wanted():
        emit_json(list(rows))
    elif not rows:
        note(empty)
    else:
        columns = {
            heading: field
            for heading, field in columns.items()
            if field != "tenant" or not _names_a_tenant()
        }
        fields = columns.values()
        cells = [[_in_a_table(row.get(field)) for field in fields] for row in rows]
        emit_table(list(columns), cells, numeric=_numeric_columns(rows, fields))


def emit_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numeric: frozenset[int] = frozenset(),
) -> None:
    """Print a table: fitted to a terminal, plain aligned columns elsewhere.

    Args:
        headings: One for each column.
        rows: The cells.
        numeric: The places of the columns that hold amounts and end at their right edge.
    """
    rows = [[harmless(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in _aligned([[heading.upper() for heading in headings], *rows], numeric):
            say(line)
        return
    gap, widths = column_widths(headings, rows, screen().width)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, gap, 0, 0))
    for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        justify: Literal["left", "right"] = "right" if column in numeric else "left"
        table.add_column(heading, overflow="fold", width=width, justify=justify)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    screen().print(table)


def emit_one(document: Document, *, hide: Sequence[str] = ()) -> None:
    """Print one thing, a field per line."""
    if json_is_wanted():
        emit_json(document)
        return
    fields = [(name, value) for name, value in document.items() if name not in hide]
    width = max(len(name) for name, _ in fields) + GAP
    for name, value in fields:
        emit_beside((name.ljust(width), "bold"), in_words(value))


def emit_beside(heading: tuple[str, str], words: str) -> None:
    """Print a heading with its style and, beside it, words, on as many lines as they need."""
    width = len(heading[0])
    first, *further = screen_lines(words, width)
    emit_line(heading, first)
    for line in further:
        emit_line(" " * width, line)


def page_width() -> int:
    """How wide sentences are laid out: as the terminal is, a hundred columns at most."""
    return min(PAGE_WIDTH, screen().width) if sys.stdout.isatty() else PAGE_WIDTH


def screen_lines(text: str, taken: int = 0) -> list[str]:
    """Lay a text out beside ``taken`` columns of a terminal; elsewhere it stays one line.

    Addresses, paths and ids stay whole, wherever they end.
    """
    if not sys.stdout.isatty():
        return [text]
    room = max(screen().width - taken, 1)
    return wrap(harmless(text), room, break_long_words=False, break_on_hyphens=False) or [""]


def emit_done(sentence: str, document: Document) -> None:
    """Say what has been done; scripts get the thing itself."""
    if json_is_wanted():
        emit_json(document)
    else:
        screen().print(Text(sentence), soft_wrap=True)


def emit_line(*parts: str | tuple[str, str]) -> None:
    """Print one line, put together of texts and of texts with a style; it stays one line."""
    shown = [harmless(one) if isinstance(one, str) else (harmless(one[0]), one[1]) for one in parts]
    console = screen()
    if console.is_terminal:
        console.print(Text.assemble(*shown), soft_wrap=True)
    else:  # into a file or a pipe go words alone, by the thousand when a folder is applied
        words = (one if isinstance(one, str) else one[0] for one in shown)
        console.file.write("".join(words) + "\n")


def emit_picture(picture: RenderableType) -> None:
    """Print something that rich draws."""
    screen().print(picture)


def in_words(value: object) -> str:
    """Write one value for people; nothing is a hyphen."""
    match value:
        case None | "" | [] | ():
            return "-"
        case True | False:
            return "yes" if value else "no"
        case datetime():
            return moment(value)
        case Mapping():
            return ", ".join(f"{name}={_nested(one)}" for name, one in value.items()) or "-"
        case list() | tuple():
            return ", ".join(_listed(one) for one in value)
        case _:
            return f"{value:g}" if isinstance(value, float) else str(value)


def _nested(value: object) -> str:
    """Write a value inside another so that both can be told apart."""
    if isinstance(value, Mapping):
        return "{" + in_words(value) + "}"
    return f"[{in_words(value)}]" if isinstance(value, list | tuple) else in_words(value)


def _listed(value: object) -> str:
    """Write a part of a list so that it is seen where an object ends."""
    return _nested(value) if isinstance(value, Mapping) else in_words(value)


def moment(at: datetime) -> str:
    """Write a moment for people, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def duration(seconds: float) -> str:
    """Write a length of time for people: ``3.2 s``, ``2 min 05 s``, ``1 h 04 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def _aligned(rows: Sequence[Sequence[str]], numeric: frozenset[int]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column in numeric else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _numeric_columns(rows: Sequence[Document], fields: Iterable[str]) -> frozenset[int]:
    """Which columns hold amounts; telephone numbers are texts."""
    return frozenset(
        place
        for place, field in enumerate(fields)
        if {type(row.get(field)) for row in rows} - {type(None)} in ({int}, {float}, {int, float})
    )


def _in_a_table(value: object) -> str:
    """Write one value for people, beside others of its kind: amounts to a tenth."""
    return f"{value:.1f}" if isinstance(value, float) else in_words(value)
