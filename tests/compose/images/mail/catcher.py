"""Takes every mail (SMTP, port 1025) and gives it back (HTTP, port 8025); for tests alone.

The addresses of letters are those of Mailpit, so that tests read either: ``/api/v1/messages`` lists
them, ``/api/v1/message/ID/raw`` is one as it came.
"""

import json
import signal
from email import message_from_bytes, policy
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

SMTP_PORT = 1025
HTTP_PORT = 8025
LETTERS = "/api/v1/messages"
LETTER = "/api/v1/message/"

letters: list[tuple[list[str], bytes]] = []
"""Recipients and content of every letter, in their order; its number is its name."""


class Post:
    """Takes letters."""

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a letter, whoever it is for."""
        letters.append((list(envelope.rcpt_tos), envelope.original_content or b""))
        return "250 Accepted"


class Window(BaseHTTPRequestHandler):
    """Shows what has come."""

    def do_GET(self) -> None:
        """Answer one question."""
        number = self.path.removeprefix(LETTER).removesuffix("/raw")
        if self.path.startswith(LETTERS):
            self._say("application/json", json.dumps({"messages": listing()}).encode())
        elif number.isdecimal() and int(number) < len(letters):
            self._say("text/plain", letters[int(number)][1])
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def _say(self, kind: str, content: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def listing() -> list[dict[str, object]]:
    """The letters, newest first."""
    return [
        {
            "ID": str(number),
            "To": [{"Address": recipient} for recipient in recipients],
            "Subject": str(message_from_bytes(content, policy=policy.default)["Subject"]),
        }
        for number, (recipients, content) in reversed(list(enumerate(letters)))
    ]


def main() -> None:
    """Serve until told to stop."""
    Controller(Post(), hostname="0.0.0.0", port=SMTP_PORT).start()  # noqa: S104 - in a container
    window = ThreadingHTTPServer(("0.0.0.0", HTTP_PORT), Window)  # noqa: S104 - in a container
    signal.signal(signal.SIGTERM, lambda *_: exit(0))
    window.serve_forever()


if __name__ == "__main__":
    main()
