"""Measures the functions' cold start through the Runtime API, for which the first event of each copy waits on Lambda."""

import json
import pathlib
import sys
import time
from http.server import BaseHTTPRequestHandler

from .common import HERE, RELEASE, Row

sys.path.insert(0, str(HERE / "tests" / "stack"))
from runtime_api import Function, Server  # noqa: E402

JOB = "01939f0e-7c1a-7000-8000-0123456789ab"


class RunTask(BaseHTTPRequestHandler):
    """A fake ECS with the API calls of the function."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"tasks": [{"taskArn": "arn:aws:ecs:eu-west-1:123456789012:task/posterframe/0"}], "failures": []})
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def event(key):
    return {"Records": [{"eventSource": "aws:s3", "awsRegion": "eu-west-1", "eventName": "ObjectCreated:Put",
                         "s3": {"bucket": {"name": "b"}, "object": {"key": key, "size": 7, "sequencer": "0A"}}}]}


def peak_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def rows(bench):
    server = Server(RunTask)
    settings = {"CLUSTER": "posterframe", "TASK_DEFINITION": "posterframe-worker", "AWS_REGION": "eu-west-1",
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "AWS_ACCESS_KEY_ID": "x",
                "AWS_SECRET_ACCESS_KEY": "y"}
    table = []
    for name, key in (("upload-trigger", f"uploads/{JOB}/clip_00-10.mp4"), ("thumbnail-trigger", f"thumbnails/{JOB}/clip.png")):
        starts, answers, memory = [], [], []
        # The first start does not count, since it reads the program from disk.
        for run in range(bench.runs + 1):
            function = Function(RELEASE / name, name, settings)
            function.invoke(event(key))
            if run > 0:
                starts.append(1000 * function.cold_start)
                answers.append(1000 * (time.perf_counter() - function.spawned))
                memory.append(peak_mb(function.process.pid))
            function.close()
        table += [Row(f"`{name}`, start to its first question", starts, unit="ms", promise="under 50 ms"),
                  Row("… to its first answer", answers, unit="ms"),
                  Row("… and its memory at most", memory, unit="MB", promise="under 30 MB")]
    server.shutdown()
    return table
