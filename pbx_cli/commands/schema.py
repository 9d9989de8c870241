"""`pbx schema`: what settings look like, as JSON Schema for editors and scripts."""

from __future__ import annotations

import click

from models.tenant_file.schema import tenant_schema
from pbx_cli.element_kinds import kind_schema, kind_schemas, published_schema
from pbx_cli.nouns import NounGroup
from pbx_cli.output import emit_json, emit_rows, printing
from stasis_apps.element import known_elements


@click.group(
    cls=NounGroup,
    invoke_without_command=True,
    short_help="JSON Schema of what can be configured.",
)
@click.pass_context
def schema(context: click.Context) -> None:
    """JSON Schema of what can be configured; without a command, that of the whole tenant file."""
    if context.invoked_subcommand is None:
        emit_json(tenant_schema(kind_schemas()))


@schema.command("list")
@printing
def list_() -> None:
    """List the schemas that there are."""
    rows = [
        {"schema": f"element {kind.name}", "about": kind.summary}
        for kind in known_elements().values()
    ]
    emit_rows(rows, {"Schema": "schema", "About": "about"}, empty="There are no schemas.")


@schema.command()
@click.argument("kind")
@printing
def element(kind: str) -> None:
    """Print the schema of the settings of one KIND of element."""
    kind_schema(kind, refuse_unknown=True)
    emit_json(published_schema(known_elements()[kind]))
