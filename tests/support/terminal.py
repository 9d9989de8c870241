"""A person at a terminal: a ``pbx`` command that asks, and what they type."""

import os
import re
import select
import subprocess
import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

QUESTION = re.compile(r"\]: ?$")
PATIENCE_S = 60.0


class Terminal:
    """A command that runs at a terminal of its own.

    Args:
        environment: what differs from the test's own environment; None for what is not there.
        arguments: what stands behind ``pbx``.
    """

    def __init__(self, environment: Mapping[str, str | None], *arguments: str) -> None:
        whole = {**os.environ, "TERM": "dumb", **environment}
        self._environment = {name: value for name, value in whole.items() if value is not None}
        self._arguments = arguments

    def __enter__(self) -> Self:
        """Start the command."""
        self._ours, theirs = os.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pbx_cli", *self._arguments],
            env=self._environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def answer(self, question: str, text: str) -> str:
        """Wait for a question with these words (a pattern), type; give what was shown till then."""
        shown = self.waits_for(question)
        self.types(text)
        return shown

    def waits_for(self, question: str) -> str:
        """Wait for a question with these words (a pattern); give what was shown till then."""
        shown = self._shown(lambda told: bool(QUESTION.search(told)))
        asked = shown.rstrip().splitlines()[-1]
        assert re.search(question, asked), f"asked {asked!r} instead of {question!r}:\n{shown}"
        return shown

    def types(self, text: str) -> None:
        """Type a line."""
        os.write(self._ours, f"{text}\n".encode())

    def ends(self) -> int:
        """Wait for the end; give the exit code."""
        self._shown(lambda _told: False)
        return self._process.wait(PATIENCE_S)

    def _shown(self, is_enough: Callable[[str], bool]) -> str:
        """What is shown until it is enough, or until the command has ended."""
        told = b""
        while not is_enough(told.decode(errors="replace")):
            ready, _, _ = select.select([self._ours], [], [], PATIENCE_S)
            assert ready, f"nothing more is shown after:\n{told.decode(errors='replace')}"
            try:
                part = os.read(self._ours, 4096)
            except OSError:  # so Linux tells that nobody is at the other end
                part = b""
            if not part:
                break
            told += part
        return told.decode(errors="replace")
