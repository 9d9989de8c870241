"""A tenant's number plan as a picture: what leads where, and which way one call took.

`building` makes a graph of a tenant, `call_path` lays a call over it; `mermaid`, `dot` and `svg`
write it. Nothing here asks a database or Asterisk.
"""

from pbx_cli.drawing.building import graph_of
from pbx_cli.drawing.call_path import with_call
from pbx_cli.drawing.dot import dot_of
from pbx_cli.drawing.graph import Graph, only_from
from pbx_cli.drawing.mermaid import mermaid_of
from pbx_cli.drawing.svg import svg_of

__all__ = ["Graph", "dot_of", "graph_of", "mermaid_of", "only_from", "svg_of", "with_call"]
