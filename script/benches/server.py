"""A small HTTP server on loopback that both sides read from: files by ranges, and whatever is put there is taken.

It counts the bytes that it sends, so that a peer that logs nothing can be compared too. It can wait before each answer and
limit the rate of all answers together, like a link to a server far away.
"""

import contextlib
import http.server
import os
import re
import threading
import time

PIECE = 1 << 16


class Server(http.server.ThreadingHTTPServer):
    """Serves `files`, a dict of names and paths, below /bench/."""

    daemon_threads = True

    def __init__(self, files, latency=0, rate=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.sent, self.lock = files, 0, threading.Lock()
        self.latency, self.rate, self.free = latency, rate, 0

    def wait_for_turn(self, size):
        """Waits until the link has room for `size` bytes."""
        if self.rate:
            with self.lock:
                self.free = max(self.free, time.monotonic()) + size / self.rate
                wait = self.free - time.monotonic()
            time.sleep(max(0, wait))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """Ignores clients that close the connection early."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        name = self.path.split("?")[0].rsplit("/", 1)[-1]
        time.sleep(self.server.latency)
        with open(self.server.files[name], "rb") as file:
            size = os.fstat(file.fileno()).st_size
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            start = int(asked[1]) if asked else 0
            end = min(int(asked[2]) + 1 if asked and asked[2] else size, size)
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("ETag", f'"{size:x}"')
            self.send_header("Content-Length", str(end - start))
            self.end_headers()
            file.seek(start)
            while start < end and (piece := file.read(min(PIECE, end - start))):
                self.server.wait_for_turn(len(piece))
                self.wfile.write(piece)
                start += len(piece)
                with self.server.lock:
                    self.server.sent += len(piece)

    def do_PUT(self):
        left = int(self.headers.get("Content-Length", 0))
        while left > 0 and (piece := self.rfile.read(min(PIECE, left))):
            left -= len(piece)
        self.send_response(200)
        self.send_header("ETag", '"put"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(files, latency=0, rate=None):
    server = Server(files, latency, rate)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
