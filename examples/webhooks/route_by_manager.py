"""A server that leads customers to whoever looks after them: see docs/webhooks.md.

python3 examples/webhooks/route_by_manager.py --port 8765

Who is a customer stands in customers.csv: number (+447700900123), name, and the extension of their
manager. The file is read anew for each call. Put a web server with TLS before this one.
"""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

MOST_BYTES = 65_536


class Desk(BaseHTTPRequestHandler):
    """Answers the exchange, one request for each call."""

    customers = Path(__file__).with_name("customers.csv")
    timeout = 5

    def do_POST(self) -> None:
        """Read the form, and say where the call goes."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            self.send_error(400)
            return
        form = parse_qs(self.rfile.read(int(length)).decode(errors="replace"))
        with self.customers.open(encoding="utf-8", newline="") as file:
            answer = answer_for(form.get("caller_e164", [""])[0], file).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def answer_for(caller: str, customers: Iterable[str]) -> str:
    """The customer's name and manager; nothing for strangers, who go the default way."""
    for row in csv.DictReader(customers):
        if caller and caller == row["number"]:
            name = " ".join(row["name"].replace('"', "'").split())
            return f'set_name: "{name}"\ntransfer: "{row["manager"]}"\n'
    return ""


def main() -> None:
    """Answer until somebody ends it."""
    parser = ArgumentParser(description="Say which manager a customer's call goes to.")
    parser.add_argument("--port", type=int, default=8765, help="Where it listens on 127.0.0.1.")
    parser.add_argument("--customers", type=Path, default=Desk.customers)
    given = parser.parse_args()
    Desk.customers = given.customers
    ThreadingHTTPServer(("127.0.0.1", given.port), Desk).serve_forever()


if __name__ == "__main__":
    main()
