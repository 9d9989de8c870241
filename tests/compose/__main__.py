"""Runs the tests of the containers, or says in one line why this machine cannot.

Usage: ``python -m tests.compose [options of pytest]``. With ``PBX_REQUIRE_COMPOSE=1`` a machine
that cannot is a failure.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.compose.base_images import ready
from tests.compose.engine import CannotTry, compose_command, running_engine, tell
from tests.compose.stack import PREPARED, ROOT, Prepared

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pbx" / "compose"
AUTHORITIES = Path("/usr/local/share/ca-certificates")
"""Where Debian keeps certificates that only this site knows."""

FOR_BUILDS = ROOT / "compose" / "certificates"


def main() -> int:
    """Bring engine, compose and base images to where the tests need them, and run these."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    try:
        with running_engine(CACHE) as engine, _authorities_of_this_machine():
            prepared = Prepared(tuple(compose_command(engine, CACHE)), dict(ready(engine)))
            asked = {PREPARED: msgspec.json.encode(prepared).decode()}
            return _run_tests({**engine.environment, **asked})
    except CannotTry as why:
        tell(f"SKIPPED: the exchange in containers was not tried: {why}")
        return 1 if os.environ.get("PBX_REQUIRE_COMPOSE") == "1" else 0


def _run_tests(environment: dict[str, str]) -> int:
    """Run them; who breaks them off waits until they have removed what they started."""
    command = [sys.executable, "-m", "pytest", "tests/compose", *sys.argv[1:]]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever we were started with
    with subprocess.Popen(command, cwd=ROOT, env=environment) as tests:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches them by itself
        signal.signal(signal.SIGTERM, lambda *_: tests.send_signal(signal.SIGINT))
        return tests.wait()


@contextmanager
def _authorities_of_this_machine() -> Iterator[None]:
    """Let builds trust whom this machine trusts, where its way to the packages needs that."""
    missing = [one for one in AUTHORITIES.glob("*.crt") if not (FOR_BUILDS / one.name).exists()]
    for one in missing:
        shutil.copy(one, FOR_BUILDS)
    try:
        yield
    finally:
        for one in missing:
            (FOR_BUILDS / one.name).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
