"""A test that is red is tried once more; what the second try mends is told, and is still a fault.

``make test`` talks with Asterisk, phones and databases on a machine that does other things too: one
thing that came late among nine thousand tests says nothing of a change. So each such test has a
second try, its first one is printed at the end, and more than a few of them turn the run red.
``make stress`` and tests that are called by hand have no second try.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

MAY_WAVER = 3
"""More tests than this that needed their second try are no chance any more."""

LATEST_LINES = 40
"""Of each log; an exchange that many tests share has a long one."""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a run red in which too many tests wavered."""
    wavering = _names(_wavering(session.config))
    if len(wavering) > MAY_WAVER and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show what was red at first, as if it had stayed so."""
    wavering = _wavering(config)
    if not wavering:
        return
    terminalreporter.section(f"red at first: {len(_names(wavering))}; {MAY_WAVER} may be", "=")
    for report in wavering:
        terminalreporter.section(f"{report.nodeid} ({report.when})", "_")
        terminalreporter.line(report.longreprtext)
        for name, text in report.sections:
            latest = "\n".join(text.splitlines()[-LATEST_LINES:])
            terminalreporter.line(f"--- {name}, its latest lines ---\n{latest}")


def _names(reports: Iterable[pytest.TestReport]) -> set[str]:
    return {report.nodeid for report in reports}  # a test has a report for its teardown, too


def _wavering(config: pytest.Config) -> list[pytest.TestReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    # Workers have no reporter: theirs are counted where all their reports come together.
    return list(reporter.stats.get("rerun", [])) if reporter else []
