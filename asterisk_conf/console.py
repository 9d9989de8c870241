"""Asterisk's console, asked through the socket that it keeps in its own folder.

No program of Asterisk's is needed for it: whoever shares the folder, from another container say,
can ask.
"""

from __future__ import annotations

import asyncio
from typing import Final

from asterisk_conf.errors import AsteriskError
from asterisk_conf.node import NodeSettings

ANSWER_LIMIT_S: Final = 15.0

ASK_AND_LEAVE: Final = "cli quit after "
"""What `asterisk -rx` says before a command, so that the answer has an end."""


async def ask(node: NodeSettings, command: str) -> str:
    """Run one command on the console of a node's Asterisk and return what it printed.

    Raises:
        AsteriskError: It does not run, its folder is not shared with us, or it does not answer.
    """
    try:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            reader, writer = await asyncio.open_unix_connection(node.control_socket)
            try:
                await reader.readline()  # host, process and version
                writer.write(f"{ASK_AND_LEAVE}{command}\0".encode())
                answer = await reader.read()
            finally:
                writer.close()
    except TimeoutError:
        raise AsteriskError(f"Asterisk's console did not answer to: {command}") from None
    except (OSError, ValueError) as fault:  # ValueError: a first line without an end
        reason = fault.strerror if isinstance(fault, OSError) else fault
        raise AsteriskError(f"Asterisk's console {node.control_socket}: {reason}") from fault
    return answer.decode(errors="replace")
