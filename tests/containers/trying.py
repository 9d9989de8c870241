"""Runs tests that need containers, or says in one line why this machine cannot."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.containers.build_folder import ROOT
from tests.containers.engine import CannotTry, Engine, ProgramFailed, running_engine, tell

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pbx" / "compose"
"""What is kept for the next run: images of an engine of ours, and docker compose."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Tests that need an engine, and what has to be there first.

    Attributes:
        what: What is tried, as it stands in a sentence.
        tests: The folder of the tests.
        required_by: The environment variable that makes it a failure not to try.
        prepare: Brings an engine to where the tests need it; gives their environment as long as
            the block is open.
    """

    what: str
    tests: str
    required_by: str
    prepare: Callable[[Engine], AbstractContextManager[Mapping[str, str]]]


def run(trial: Trial) -> int:
    """Prepare and run the tests; the exit code.

    Once an engine answers and there is something to build from, whatever fails is a failure.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    try:
        with running_engine(CACHE) as engine, trial.prepare(engine) as prepared:
            return _run_tests(trial.tests, {**engine.environment, **prepared})
    except CannotTry as why:
        tell(f"SKIPPED: {trial.what} was not tried: {why}")
        return 1 if os.environ.get(trial.required_by) == "1" else 0
    except ProgramFailed as fault:
        tell(f"FAILED: {fault}")
        return 1


def _run_tests(folder: str, environment: dict[str, str]) -> int:
    """Run them; who breaks them off waits until they have removed what they started."""
    command = [sys.executable, "-m", "pytest", folder, *sys.argv[1:]]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever we were started with
    with subprocess.Popen(command, cwd=ROOT, env=environment) as tests:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches them by itself
        signal.signal(signal.SIGTERM, lambda *_: tests.send_signal(signal.SIGINT))
        return tests.wait()
