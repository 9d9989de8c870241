"""Why nobody answers, in a few words."""

from __future__ import annotations

import errno


def why_silent(fault: BaseException, where: str) -> str:
    """Say it of an address when the connection failed; other faults have words of their own."""
    cause: BaseException | None = fault
    while cause is not None:
        # By number, not by type: libraries wrap it in errors of theirs.
        if isinstance(cause, OSError) and cause.errno == errno.ECONNREFUSED:
            return f"{where} refuses connections"
        if isinstance(cause, TimeoutError):
            return f"{where} does not answer"
        cause = cause.__cause__
    return str(fault)
