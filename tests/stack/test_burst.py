"""2,000 uploads and requests at once against a RunTask that throttles as AWS's does: 100 calls at once, then 20 a second.

The queue is Lambda's as template.yaml sets it (batch size, maximum concurrency, timeout); only the pause before a message
comes again is shortened. One event in ten comes twice, as S3 may do; some are of objects that start nothing. Nothing may be
lost, nothing run twice.
"""

import hashlib
import json
import os
import pathlib
import queue
import random
import re
import sys
import threading
import time
import unittest
import uuid
from http.server import BaseHTTPRequestHandler

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from runtime_api import Function, Server, sqs_event

HERE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ["POSTERFRAME_PROGRAMS"]) / "upload-trigger"
BURST, RATE = 100, 20.0
PAUSE = 5.0


class Ecs:
    """RunTask alone, with a token bucket and client tokens."""

    def __init__(self):
        self.lock, self.tokens, self.filled = threading.Lock(), float(BURST), time.monotonic()
        self.tasks, self.orders, self.started, self.calls, self.throttled = {}, {}, [], 0, 0
        ecs = self

        class Api(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = ecs.run_task(request)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = Server(Api)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def run_task(self, request):
        with self.lock:
            self.calls += 1
            now = time.monotonic()
            self.tokens = min(BURST, self.tokens + (now - self.filled) * RATE)
            self.filled = now
            if self.tokens < 1:
                self.throttled += 1
                return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
            self.tokens -= 1
            token = request["clientToken"]
            if token not in self.tasks:
                arn = f"arn:aws:ecs:eu-west-1:123456789012:task/posterframe/{hashlib.md5(token.encode()).hexdigest()}"
                self.tasks[token] = {"taskArn": arn, "lastStatus": "PROVISIONING", "startedBy": request["startedBy"]}
                self.orders[token] = request["overrides"]
                self.started.append(now)
            elif request["overrides"] != self.orders[token]:
                return 400, {"__type": "ConflictException", "message": "the token was used with other parameters"}
            task = self.tasks[token]
        # What RunTask itself takes.
        time.sleep(0.15)
        return 200, {"tasks": [task], "failures": []}


def key(number, job):
    """That of an upload, or of a request: one in four."""
    return f"jobs/{job}.json" if is_request(number) else f"uploads/{job}/clip{number}_00-10.mp4"


def is_request(number):
    # Of those that come twice, too, some.
    return number % 4 == 0


def event(number, key):
    return json.dumps({"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1", "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "b"}, "object": {"key": key, "size": 7, "sequencer": f"{number:016X}"}}}]})


def setting(name):
    text = (HERE / "backend/template.yaml").read_text()
    if name == "MaximumConcurrency":
        return int(re.search(r"^  MaximumConcurrency:.*?Default: (\d+)", text, re.S | re.M)[1])
    return int(re.search(rf"^      {name}: (\d+)", text, re.M)[1])


class Burst(unittest.TestCase):
    # Breaks if the stack's own settings do not keep within RunTask's rate, or an event is lost or runs twice.
    def test_as_deployed(self):
        self.burst(2000, setting("MaximumConcurrency"))

    # Breaks if throttling loses an event, runs one twice, or holds the function until Lambda ends it.
    def test_throttled(self):
        ecs = self.burst(600, 5 * setting("MaximumConcurrency"))
        self.assertGreater(ecs.throttled, 0)

    def burst(self, count, concurrency):
        ecs, messages, later = Ecs(), queue.Queue(), []
        jobs = [str(uuid.uuid4()).replace("-4", "-7", 1) for _ in range(count)]
        every = [(f"{number}-{copy}", event(number, key(number, job))) for number, job in enumerate(jobs)
                 for copy in range(2 if number % 10 == 0 else 1)]
        calls = len(every)
        for number in range(count, count + count // 40):
            for nothing in (f"videos/{number}/clip_00-10.mp4", f"jobs/{number}/x_00-10.json", f"clip{number}.mp4"):
                every.append((nothing, event(number, nothing)))
        random.Random(1).shuffle(every)
        for message in every:
            messages.put(message)
        left, lock, slowest, again = len(every), threading.Lock(), 0.0, 0
        failed = []

        def poll(function):
            nonlocal left, slowest, again
            while left > 0:
                with lock:
                    now = time.monotonic()
                    for when, message in [each for each in later if each[0] <= now]:
                        later.remove((when, message))
                        messages.put(message)
                    batch = [messages.get() for _ in range(min(setting("BatchSize"), messages.qsize()))]
                if not batch:
                    time.sleep(0.1)
                    continue
                began = time.monotonic()
                back = {each["itemIdentifier"] for each in function.invoke(sqs_event(batch))["batchItemFailures"]}
                with lock:
                    slowest = max(slowest, time.monotonic() - began)
                    left -= len(batch) - len(back)
                    again += len(back)
                    later.extend((time.monotonic() + PAUSE, message) for message in batch if message[0] in back)

        def guarded(function):
            try:
                poll(function)
            except Exception as error:
                failed.append(error)

        copies = [Function(PROGRAM, "posterframe-upload-trigger", {
            "CLUSTER": "posterframe", "TASK_DEFINITION": "posterframe-worker", "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL": ecs.url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"})
            for _ in range(concurrency)]
        began = time.monotonic()
        threads = [threading.Thread(target=guarded, args=(copy,), daemon=True) for copy in copies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(1, began + 300 - time.monotonic()))
        took = time.monotonic() - began
        for copy in copies:
            copy.close()
        print(f"{count} uploads and requests, {len(every)} events: {took:.0f} s, {len(ecs.started)} tasks, {ecs.calls} calls, "
              f"{ecs.throttled} throttled, {again} messages tried again, slowest invocation {slowest:.1f} s")
        self.assertEqual(failed, [])
        self.assertEqual(left, 0)
        self.assertEqual({task["startedBy"] for task in ecs.tasks.values()}, set(jobs))
        self.assertEqual(len(ecs.started), count)
        told = set()
        for orders in ecs.orders.values():
            environment = {pair["name"]: pair["value"] for pair in orders["containerOverrides"][0]["environment"]}
            told.add(environment.get("JOB_REQUEST") or environment["INPUT_VIDEO_FILE_URL"])
        self.assertEqual(told, {f"s3://b/{key(number, job)}" for number, job in enumerate(jobs)})
        log = "".join(copy.log() for copy in copies)
        self.assertNotIn("videos/", log)
        # Once each: trying again what can never start would only use up RunTask's rate.
        for what in ("expected the key of a request", "expected <name>_<position>"):
            self.assertEqual(log.count(what), count // 40, what)
        self.assertLess(slowest, setting("Timeout"), "Lambda would have ended the function")
        # Second copies of an event use up RunTask's rate: no quicker way through exists than this.
        self.assertLess(took, 1.5 * (calls - BURST) / RATE + 2 * PAUSE)
        return ecs


if __name__ == "__main__":
    unittest.main(verbosity=2)
