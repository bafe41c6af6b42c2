"""A local HTTP server for the tests of downloads: each answer is scripted."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def whole(body):
    """Answer with all of ``body``."""
    return lambda handler: _send(handler, 200, body, len(body))


def cut(body, keep, announce=True):
    """Answer with the first ``keep`` bytes and hang up; ``announce`` the full length or none."""
    return lambda handler: _send(handler, 200, body[:keep], len(body) if announce else None)


def status(code):
    """Answer with an error."""
    return lambda handler: _send(handler, code, b"<html>sorry</html>", 18)


def _send(handler, code, body, length):
    handler.send_response(code)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    handler.end_headers()
    handler.wfile.write(body)
    handler.close_connection = True


@contextmanager
def serving(*answers):
    """Give these answers in turn, the last one for ever; yield (address, list of paths asked)."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer = answers[min(len(asked), len(answers) - 1)]
            asked.append(self.path)
            answer(self)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
