"""A server of a tenant's own, that is asked about calls: on loopback, in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qsl

from tests.support.ports import small_block

LONGEST_S = 60.0
"""When a server that hangs lets go all the same."""


@dataclass
class WebServer:
    """Answers every request alike.

    Attributes:
        url: Where it is.
        body: What it says.
        status: Its HTTP status.
        asked: The form of each request, in order.
        speaks: Cleared, it keeps everybody waiting until it is set.
    """

    url: str
    body: str = ""
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)
    speaks: Event = field(default_factory=Event)

    def says(self, body: str, *, status: int = 200) -> None:
        """From now on it answers this."""
        self.body, self.status = body, status


@contextmanager
def web_server() -> Iterator[WebServer]:
    """A server that answers nothing in particular, at once."""
    with small_block() as ports:
        server = WebServer(url=f"http://127.0.0.1:{ports.first}/call")
        server.speaks.set()
        listener = ThreadingHTTPServer(("127.0.0.1", ports.first), _handler_of(server))
        listener.daemon_threads = True
        thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.speaks.set()
            listener.shutdown()
            thread.join()
            listener.server_close()


def _handler_of(server: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            server.asked.append(dict(parse_qsl(sent, keep_blank_values=True)))
            server.speaks.wait(LONGEST_S)
            body = server.body.encode()
            try:
                self.send_response(server.status)
                self.send_header("Content-Type", "text/html")  # as PHP does when nobody says more
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                return  # whoever asked has gone

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
