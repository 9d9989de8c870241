"""HTTP requests that others can read on their way, and change."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from stasis_apps.decisions.web_addresses import server_of
from stasis_apps.elements.http_request import HttpRequest
from stasis_apps.lint.finding import Code, Finding
from stasis_apps.lint.view import View

REQUEST_UNENCRYPTED = Code(
    code="request-unencrypted",
    title="requests to servers by http://",
    why="Whoever stands between reads who calls, and can lead the calls elsewhere.",
    mend="Use https://; silence it where the server stands in a network of your own.",
)


def findings(view: View) -> Iterator[Finding]:
    """Look at every address that is asked."""
    for number, planned in view.plan.elements.items():
        match planned.element:
            case HttpRequest(url=url) if urlsplit(url).scheme == "http":
                sentence = f"{number} asks {server_of(url)} without TLS"
                yield REQUEST_UNENCRYPTED.at((*view.place(number), "url"), sentence)
            case _:
                pass
