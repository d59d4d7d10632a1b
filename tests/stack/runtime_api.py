"""A function as Lambda runs it: a Runtime API on loopback, and the real program behind it."""

import itertools
import json
import os
import queue
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """On loopback, until the process ends. Programs that are killed leave broken connections, which are no news."""

    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass


class Function:
    """One running copy of a function. `invoke` gives its answer, or raises what it reported.

    `on_line` is called with each line that the function writes, as CloudWatch would get it. `cold_start` is how long it took
    from the program's start to the question for its first event, in seconds: what Lambda calls the init phase.
    """

    def __init__(self, program, name, environment, on_line=lambda line: None):
        self.waiting, self.answers = queue.Queue(), queue.Queue()
        self.ready = threading.Event()
        self.one_at_a_time = threading.Lock()
        self.numbers = itertools.count(1)
        self.lines = []
        function = self

        class Api(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if not function.ready.is_set():
                    function.cold_start = time.perf_counter() - function.spawned
                    function.ready.set()
                number, payload = function.waiting.get()
                body = json.dumps(payload).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Lambda-Runtime-Aws-Request-Id", f"request-{number}")
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 60_000))
                self.send_header("Lambda-Runtime-Invoked-Function-Arn",
                                 f"arn:aws:lambda:eu-west-1:123456789012:function:{name}")
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                function.answers.put((self.path.rsplit("/", 1)[1], json.loads(body or b"null")))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = Server(Api)
        self.spawned = time.perf_counter()
        self.process = subprocess.Popen(
            [program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={
                "PATH": os.environ["PATH"],
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_port}",
                "AWS_LAMBDA_FUNCTION_NAME": name,
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
                "AWS_EC2_METADATA_DISABLED": "true",
                **environment,
            })

        def read():
            with self.process.stdout:
                for line in self.process.stdout:
                    self.lines.append(line)
                    on_line(line.rstrip("\n"))

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        if not self.ready.wait(30):
            raise RuntimeError(f"{name} did not ask for its first event: {self.log()}")

    def log(self):
        return "".join(self.lines)

    def invoke(self, event, seconds=60):
        with self.one_at_a_time:
            self.waiting.put((next(self.numbers), event))
            kind, body = self.answers.get(timeout=seconds)
        if kind != "response":
            raise RuntimeError(f"the function failed: {body}")
        return body

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.server.shutdown()
        self.server.server_close()


def sqs_event(messages):
    """Messages, as (id, body), in the event that Lambda makes of them."""
    return {"Records": [{"messageId": number, "receiptHandle": "r", "body": body, "attributes": {},
                         "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
                         "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:posterframe-uploads",
                         "awsRegion": "eu-west-1"} for number, body in messages]}
