"""Route tests as JUnit XML, which every CI server reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

from pbx_cli.imagined.suites import Suite
from pbx_cli.imagined.tried_routes import deviation_lines, deviation_sentence
from stasis_apps.route_tests import TriedRoute

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write, not even escaped."""


def junit_of(tried: Sequence[tuple[Suite, Sequence[TriedRoute]]]) -> str:
    """One ``testsuite`` for each file or tenant, one ``testcase`` for each test.

    ``time`` is how long it took to run; how long the call took by its own clock, in seconds, stands
    in the property ``simulated_s``.
    """
    suites = ET.Element("testsuites", name="pbx test")
    for suite, routes in tried:
        failed = sum(not route.has_passed for route in routes)
        element = ET.SubElement(
            suites,
            "testsuite",
            name=_written(suite.title),
            tests=str(len(routes)),
            failures=str(failed),
            errors="0",
            skipped="0",
            time=_seconds(sum(route.took_s for route in routes)),
        )
        for route in routes:
            _add(element, suite, route)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=False) + "\n"


def _add(element: ET.Element, suite: Suite, route: TriedRoute) -> None:
    case = ET.SubElement(
        element,
        "testcase",
        classname=_written(suite.plan.tenant.name),
        name=_written(route.name),
        time=_seconds(route.took_s),
    )
    line = suite.line_of(route.place)
    if line is not None:
        case.set("file", _written(suite.title))
        case.set("line", str(line))
    if route.end is not None:
        properties = ET.SubElement(case, "properties")
        lasted = _seconds(route.end.lasted_s)
        ET.SubElement(properties, "property", name="simulated_s", value=lasted)
    if not route.has_passed:
        message = "; ".join(map(deviation_sentence, route.deviations))
        failure = ET.SubElement(case, "failure", message=_written(message), type="deviation")
        lines = [text for one in route.deviations for text in deviation_lines(one)]
        failure.text = _written("\n".join(["", *lines, ""]))


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"


def _written(text: str) -> str:
    return _FORBIDDEN.sub("?", text)
