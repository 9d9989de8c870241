"""Runs the tests of the containers, or says in one line why this machine cannot.

Usage: ``python -m tests.compose [options of pytest]``. With ``PBX_REQUIRE_COMPOSE=1`` a machine
that cannot is a failure. Once an engine answers and there is something to build from, whatever
fails is a failure.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec

from tests.compose.base_images import ready
from tests.compose.build_folder import ROOT, build_folder
from tests.compose.engine import (
    CannotTry,
    ProgramFailed,
    compose_command,
    running_engine,
    tell,
)
from tests.compose.stack import PREPARED, Prepared

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pbx" / "compose"


def main() -> int:
    """Bring engine, compose and base images to where the tests need them, and run these."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    try:
        with running_engine(CACHE) as engine, build_folder() as folder:
            program = tuple(compose_command(engine, CACHE))
            prepared = Prepared(program, str(folder), dict(ready(engine, folder)))
            asked = {PREPARED: msgspec.json.encode(prepared).decode()}
            return _run_tests({**engine.environment, **asked})
    except CannotTry as why:
        tell(f"SKIPPED: the exchange in containers was not tried: {why}")
        return 1 if os.environ.get("PBX_REQUIRE_COMPOSE") == "1" else 0
    except ProgramFailed as fault:
        tell(f"FAILED: {fault}")
        return 1


def _run_tests(environment: dict[str, str]) -> int:
    """Run them; who breaks them off waits until they have removed what they started."""
    command = [sys.executable, "-m", "pytest", "tests/compose", *sys.argv[1:]]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever we were started with
    with subprocess.Popen(command, cwd=ROOT, env=environment) as tests:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches them by itself
        signal.signal(signal.SIGTERM, lambda *_: tests.send_signal(signal.SIGINT))
        return tests.wait()


if __name__ == "__main__":
    sys.exit(main())
