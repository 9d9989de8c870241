"""Keeps Asterisk's logs from filling the disk, whoever has started it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from asterisk_conf import console, log_reading, noted_ends
from asterisk_conf.errors import AsteriskError
from asterisk_conf.node import NodeSettings

LOG_PERIOD_S = 3600.0
"""How often it is seen whether a log has grown large; a storm of logins writes megabytes."""

log = structlog.get_logger()


async def keep_logs_small(node: NodeSettings) -> None:
    """Turn over, once an hour, the logs that have grown large, until cancelled."""
    while True:
        await asyncio.sleep(LOG_PERIOD_S)
        try:
            await turn_over_logs(node)
        except (AsteriskError, OSError) as problem:
            log.warning("asterisk_logs_not_turned_over", reason=str(problem))


async def turn_over_logs(node: NodeSettings) -> None:
    """Put aside the logs that have grown large and let Asterisk begin new ones.

    Raises:
        AsteriskError: The console did not answer; Asterisk goes on writing into what was put aside,
            until the next time.
        OSError: A log could not be put aside.
    """
    absent = await asyncio.to_thread(put_logs_aside, node)
    if absent:
        await console.ask(node, "logger reload")
        log.info("asterisk_logs_turned_over", files=absent)


def put_logs_aside(node: NodeSettings) -> Sequence[str]:
    """Return the logs that Asterisk has to begin, those of an earlier vain try included."""
    logs = (node.log_file, node.security_log_file)
    for path in logs:
        log_reading.turn_over(path)
    log_reading.empty(node.output_file)
    ends = noted_ends.place(node.home)  # opened anew for each line
    log_reading.turn_over(ends, largest_bytes=noted_ends.LARGEST_BYTES, kept=1)
    return [path.name for path in logs if not path.exists()]
