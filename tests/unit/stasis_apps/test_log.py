"""What may stand in the log when something goes wrong."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
import structlog
from stasis_apps.log import set_up_logging
set_up_logging(log_format=sys.argv[1], level="info")
def open_mailbox(pin):
    raise RuntimeError("mailbox locked")
try:
    open_mailbox("".join(reversed("62801174")))
except RuntimeError:
    structlog.get_logger().exception("call_failed")
"""


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_fault_is_told_without_what_the_caller_pressed(log_format: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, log_format], capture_output=True, text=True, check=True
    )

    assert "call_failed" in ran.stderr
    assert "mailbox locked" in ran.stderr
    assert "open_mailbox" in ran.stderr
    assert "47110826" not in ran.stderr
