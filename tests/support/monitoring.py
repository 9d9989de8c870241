"""The examples for those who watch: what their queries ask for, and what of it does not exist."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.support.scrape import Scrape

_EXAMPLES = Path(__file__).parents[2] / "examples" / "monitoring"

_STRING = r'"(?:[^"\\]|\\.)*"'
_WORDS = re.compile(
    rf"""
    (?P<text>{_STRING}) | \[[^\]]*\] | \b\d[\w.]*                               # 5m, 0.95
    | \b(?:by|without|on|ignoring|group_left|group_right)\s*\((?P<grouped>[^)]*)\)
    | [a-z_]\w*(?=\s*(?:\(|\b(?:by|without)\b))                                 # a function
    | \b(?:and|or|unless|offset|bool)\b
    | (?P<name>[a-zA-Z_:][\w:]*)\s*(?:\{{(?P<matchers>(?:[^"}}]|{_STRING})*)\}})?
    """,
    re.VERBOSE,
)
_MATCHER = re.compile(rf"(?P<label>\w+)\s*(?P<how>=~|!~|!=|=)\s*(?P<value>{_STRING})")
_LIST_OF_A_LABEL = re.compile(r"label_values\((.*), *(\w+)\)")

OF_PROMETHEUS = frozenset({"up"})
ADDED_BY_PROMETHEUS = frozenset({"instance", "job"})
COME_WITH_EVENTS = frozenset({"operation", "status"})
"""Labels whose values are not there before something happened; all others begin at zero."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The values of a figure that a query picks out by one label.

    Attributes:
        name: The figure.
        label: By which of its labels.
        patterns: Each is to fit one value at least.
    """

    name: str
    label: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A question in Prometheus' words.

    Attributes:
        names: The figures that it asks for.
        grouped: The labels that it sums, joins or tells apart by.
        wanted: What it picks out of them.
    """

    names: frozenset[str]
    grouped: frozenset[str]
    wanted: tuple[Wanted, ...]

    def mistakes(self, there: Scrape) -> Iterator[str]:
        """Tell what is asked for and does not exist."""
        if not self.names:
            yield "asks for nothing"
        for name in sorted(self.names - OF_PROMETHEUS):
            if name not in there.names:
                yield f"there is no {name}"
            elif there.has_values(name):
                yield from self._wrong_labels(name, there)

    def _wrong_labels(self, name: str, there: Scrape) -> Iterator[str]:
        said = there.labels_of(name)
        wanted = [one for one in self.wanted if one.name == name]
        asked = self.grouped | {one.label for one in wanted}
        for label in sorted(asked - ADDED_BY_PROMETHEUS - said.keys()):
            yield f"{name} has no label {label}"
        for one in wanted:
            values = said.get(one.label, frozenset())
            for pattern in one.patterns if values and one.label not in COME_WITH_EVENTS else ():
                if not any(re.fullmatch(pattern, value) for value in values):
                    yield f"{name} has no {one.label} {pattern}"


def examples() -> Iterator[tuple[str, Query]]:
    """Every query of dashboard and alerts, with its place."""
    board = json.loads((_EXAMPLES / "grafana-dashboard.json").read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield f"panel {panel['title']!r}", read_query(target["expr"])
    for variable in board["templating"]["list"]:
        if "definition" in variable:
            by_label = _LIST_OF_A_LABEL.sub(r"count by (\2) (\1)", variable["definition"])
            yield f"variable {variable['name']!r}", read_query(by_label)
    alerts = yaml.safe_load((_EXAMPLES / "alerts.yml").read_text())
    for group in alerts["groups"]:
        for rule in group["rules"]:
            yield f"alert {rule['alert']}", read_query(rule["expr"])


def read_query(text: str) -> Query:
    """Take a query apart: what is no function, operator or number is the name of a figure."""
    found = [one.groupdict() for one in _WORDS.finditer(text)]
    return Query(
        names=frozenset(one["name"] for one in found if one["name"]),
        grouped=frozenset(
            label for one in found for label in re.findall(r"\w+", one["grouped"] or "")
        ),
        wanted=tuple(
            Wanted(one["name"], matcher["label"], _patterns(matcher["how"], matcher["value"][1:-1]))
            for one in found
            for matcher in _MATCHER.finditer(one["matchers"] or "")
        ),
    )


def _patterns(how: str, value: str) -> tuple[str, ...]:
    return tuple(value.split("|")) if how in ("=~", "!~") else (re.escape(value),)
