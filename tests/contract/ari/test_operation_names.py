"""Every request we can make has the name of its operation, and no id of anybody in it."""

import inspect
import re

import pytest

from ari_client.generated import operations
from ari_client.operation_names import operation_of

_PATH = re.compile(r'"(GET|POST|PUT|DELETE)", f?"(/[^"]+)"')
_ID = re.compile(r"\{segment\(\w+\)\}")

REQUESTS = _PATH.findall(re.sub(r",\s+", ", ", inspect.getsource(operations)))


@pytest.mark.parametrize(("method", "path"), sorted(set(REQUESTS)))
def test_ids_are_left_out_and_words_are_kept(method: str, path: str) -> None:
    request = _ID.sub("1700000000.1%2F100%40acme.test", path)

    assert operation_of(method, request) == f"{method} {_ID.sub('{}', path)}"


def test_all_requests_were_looked_at() -> None:
    assert len(REQUESTS) == inspect.getsource(operations).count("_commands.send(")
