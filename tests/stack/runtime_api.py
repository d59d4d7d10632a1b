"""A function as Lambda runs it: a Runtime API on loopback, and the real program behind it."""

import itertools
import json
import os
import queue
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NEXT = "/2018-06-01/runtime/invocation/next"


class Function:
    """One running copy of a function. `invoke` gives its answer, or raises what it reported."""

    def __init__(self, program, name, environment, log):
        self.waiting, self.answers = queue.Queue(), queue.Queue()
        self.ready = threading.Event()
        self.numbers = itertools.count(1)
        function = self

        class Api(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
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

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.log = open(log, "ab")
        self.process = subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env={
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_EC2_METADATA_DISABLED": "true",
            **environment,
        })
        if not self.ready.wait(30):
            raise RuntimeError(f"{name} did not ask for its first event: {log}")

    def invoke(self, event, seconds=60):
        self.waiting.put((next(self.numbers), event))
        kind, body = self.answers.get(timeout=seconds)
        if kind != "response":
            raise RuntimeError(f"the function failed: {body}")
        return body

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.server.shutdown()
        self.server.server_close()


def sqs_event(messages):
    """Messages, as (id, body), in the event that Lambda makes of them."""
    return {"Records": [{"messageId": number, "receiptHandle": "r", "body": body, "attributes": {},
                         "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
                         "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:posterframe-uploads",
                         "awsRegion": "eu-west-1"} for number, body in messages]}


def whole(body):
    """An S3 event with the fields that S3 always sends and moto leaves out."""
    event = json.loads(body)
    for number, record in enumerate(event.get("Records", [])):
        record.setdefault("eventTime", "2026-01-01T00:00:00.000Z")
        record.setdefault("userIdentity", {"principalId": "AWS:x"})
        record.setdefault("requestParameters", {"sourceIPAddress": "127.0.0.1"})
        record.setdefault("responseElements", {"x-amz-request-id": "r", "x-amz-id-2": "i"})
        record["s3"].setdefault("s3SchemaVersion", "1.0")
        record["s3"].setdefault("configurationId", "c")
        record["s3"]["bucket"].setdefault("ownerIdentity", {"principalId": "x"})
        record["s3"]["bucket"].setdefault("arn", "arn:aws:s3:::" + record["s3"]["bucket"]["name"])
        record["s3"]["object"].setdefault("sequencer", f"{number:016X}")
    return json.dumps(event)
