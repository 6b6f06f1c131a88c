"""A mailbox on this machine, as far as IMAP needs to be spoken to fetch from it, that never looks into a mail."""

import re
import socketserver
import threading
from contextlib import suppress


class Mailbox:
    """Mails by their numbers; anybody may sign in. A real server parses what it keeps, and breaks first."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self._lock = threading.Lock()
        box = self

        class Session(_Session):
            mailbox = box

        self._server = _Server(("127.0.0.1", 0), Session)
        self.port = int(self._server.server_address[1])

    def open(self) -> None:
        """Begin to listen."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, mail: bytes) -> None:
        """Deliver a mail as it is."""
        with self._lock:
            self.mails.append(mail)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: object) -> None:
        pass  # whoever called has gone


class _Session(socketserver.StreamRequestHandler):
    mailbox: Mailbox

    def handle(self) -> None:
        self._say(b"* OK loopback")
        with suppress(OSError):
            for line in self.rfile:
                tag, _space, command = line.strip().partition(b" ")
                self._answer(command)
                self._say(tag + b" OK done")
                if command.upper().startswith(b"LOGOUT"):
                    return

    def _answer(self, command: bytes) -> None:
        said, count = command.upper(), len(self.mailbox.mails)
        if said.startswith(b"CAPABILITY"):
            self._say(b"* CAPABILITY IMAP4rev1")
        elif said.startswith(b"STATUS"):
            self._say(
                b"* STATUS INBOX (MESSAGES %d RECENT 0 UIDNEXT %d UIDVALIDITY 7 UNSEEN 0)"
                % (count, count + 1)
            )
        elif said.startswith(b"LOGOUT"):
            self._say(b"* BYE")
        elif said.startswith((b"EXAMINE", b"SELECT")):
            self._say(b"* %d EXISTS" % count)
            self._say(b"* OK [UIDVALIDITY 7] valid")
        elif said.startswith(b"UID SEARCH"):
            first = re.search(rb"UID (\d+):\*", said.removeprefix(b"UID SEARCH"))
            numbers = range(int(first[1]) if first else 1, count + 1)
            self._say(b"* SEARCH " + b" ".join(b"%d" % n for n in numbers))
        elif found := re.match(rb"UID FETCH (\d+) .*<0\.(\d+)>", said):
            uid, most = int(found[1]), int(found[2])
            data = self.mailbox.mails[uid - 1][:most]
            self.wfile.write(b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, uid, len(data)))
            self.wfile.write(data + b")\r\n")

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")
