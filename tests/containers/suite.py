"""What pytest is told of tests that need containers: a marker, their time, what was said there."""

from pathlib import Path

import pytest

from tests.containers.exchange import ContainedExchange


def mark(
    items: list[pytest.Item], folder: Path, marker: pytest.MarkDecorator, within_s: int
) -> None:
    """Mark the tests of a folder; the first of them waits for all that has to be made."""
    for item in items:
        if folder in item.path.parents:
            item.add_marker(marker)
            item.add_marker(pytest.mark.timeout(within_s))


def with_what_was_said(
    report: pytest.TestReport, item: pytest.Item, fixture: str
) -> pytest.TestReport:
    """The report of a test; of one that failed, with what the exchange of that fixture said."""
    running = getattr(item, "funcargs", {}).get(fixture)
    if report.failed and isinstance(running, ContainedExchange):
        report.sections.append((f"what the {fixture} says", running.log()))
    return report
