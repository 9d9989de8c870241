"""The tests of the exchange in containers: ``python -m tests.compose [options of pytest]``.

Where this machine cannot run them it says so in one line and ends well; with
``PBX_REQUIRE_COMPOSE=1`` that is a failure.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from tests.compose.bases import BASES
from tests.compose.stack import PREPARED, Prepared
from tests.containers.base_images import ready
from tests.containers.build_folder import build_folder
from tests.containers.engine import Engine, compose_command
from tests.containers.trying import CACHE, Trial, run


@contextmanager
def prepared(engine: Engine) -> Iterator[Mapping[str, str]]:
    """Bring compose and base images to where the tests need them."""
    with build_folder() as folder:
        program = tuple(compose_command(engine, CACHE))
        found = Prepared(program, str(folder), dict(ready(engine, BASES, folder)))
        yield {PREPARED: msgspec.json.encode(found).decode()}


TRIAL = Trial("the exchange in containers", "tests/compose", "PBX_REQUIRE_COMPOSE", prepared)

if __name__ == "__main__":
    sys.exit(run(TRIAL))
