"""How fast a large plan is drawn: five hundred elements, with Graphviz and without it.

Run by ``make bench``. Figures are what this machine gives while nothing else runs on it.
"""

from __future__ import annotations

import sys
import time

from pbx_cli.drawing import svg_of
from pbx_cli.drawing.graphviz import placed_by_dot
from tests.unit.pbx_cli.offices import a_large_plan, drawn, ourselves

SITES = 25
"""Of twenty elements each."""


def main() -> None:
    """Draw the same plan both ways; print how long each took."""
    rows = a_large_plan(SITES)
    for words, place in (("with Graphviz", placed_by_dot), ("without it", ourselves)):
        began_s, used_s = time.monotonic(), time.process_time()
        svg_of(drawn(rows), place=place)
        took_s, used_s = time.monotonic() - began_s, time.process_time() - used_s
        count = len(rows.elements)
        sys.stdout.write(
            f"{count} elements drawn {words}: {took_s:.1f} s ({used_s:.1f} s of processor)\n"
        )


if __name__ == "__main__":
    main()
