"""The examples for those who watch: what their queries ask for."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

_EXAMPLES = Path(__file__).parents[2] / "examples" / "monitoring"

_OURS = re.compile(r"\b((?:pbx|process)_[a-z_]+)\b(?:\{([^}]*)\})?")
_LABEL = re.compile(r"([a-z_]+)\s*[=!]")
_GROUPED = re.compile(r"\bby \(([^)]*)\)")

ADDED_BY_PROMETHEUS = frozenset({"instance", "job"})


@dataclass(frozen=True, slots=True)
class Query:
    """A question in Prometheus' words.

    Attributes:
        names: The figures that it asks for.
        labels: By which labels of each.
    """

    names: frozenset[str]
    labels: Mapping[str, frozenset[str]]


def examples() -> Iterator[tuple[str, Query]]:
    """Every query of dashboard and alerts that asks for figures of ours, with its place."""
    board = json.loads((_EXAMPLES / "grafana-dashboard.json").read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield f"panel {panel['title']!r}", read_query(target["expr"])
    for variable in board["templating"]["list"]:
        if "definition" in variable:
            yield f"variable {variable['name']!r}", read_query(variable["definition"])
    alerts = yaml.safe_load((_EXAMPLES / "alerts.yml").read_text())
    for group in alerts["groups"]:
        for rule in group["rules"]:
            if not rule["expr"].startswith("up{"):  # Prometheus' own
                yield f"alert {rule['alert']}", read_query(rule["expr"])


def read_query(text: str) -> Query:
    """Take a query apart, as far as names and labels go."""
    grouped = {label.strip() for found in _GROUPED.findall(text) for label in found.split(",")}
    labels = {
        name: frozenset((grouped | set(_LABEL.findall(matchers))) - ADDED_BY_PROMETHEUS)
        for name, matchers in _OURS.findall(text)
    }
    return Query(frozenset(labels), labels)
