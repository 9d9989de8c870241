"""A test that is red is tried once more; what the second try mends is told, and is still a fault.

``make test`` talks with Asterisk, phones and databases on a machine that does other things too: one
thing that came late among nine thousand tests says nothing of a change. So each such test has a
second try, its first one is printed whole at the end, and more than a few of them turn the run red.
``make stress`` and tests that are called by hand have no second try.
"""

from __future__ import annotations

import pytest

MAY_WAVER = 3
"""More tests than this that needed their second try are no chance any more."""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a run red in which too many tests wavered."""
    if len(_wavering(session.config)) > MAY_WAVER and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show what was red at first, as if it had stayed so."""
    wavering = _wavering(config)
    if not wavering:
        return
    terminalreporter.section(f"red at first: {len(wavering)}, of which {MAY_WAVER} may be", "=")
    for report in wavering:
        terminalreporter.section(f"{report.nodeid} ({report.when})", "_")
        terminalreporter.line(report.longreprtext)
        for name, text in report.sections:
            terminalreporter.line(f"--- {name} ---\n{text}")


def _wavering(config: pytest.Config) -> list[pytest.TestReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    # Workers have no reporter: theirs are counted where all their reports come together.
    return list(reporter.stats.get("rerun", [])) if reporter else []
