"""An AWS that we did not write: moto, in this process, with the two services played that it only pretends.

moto starts no function and no container. `Player` takes their part, with the real programs: it polls the queue and
invokes `upload-trigger` through a Runtime API, runs the worker for each task with the task's overrides, writes what both
say to CloudWatch Logs, tells ECS how the task ended, and invokes `thumbnail-trigger` for each file of the task's that the
bucket's rules tell it of.
"""

import logging
import os
import pathlib
import subprocess
import threading
import time
from datetime import datetime, timezone
from urllib.parse import quote_plus

import boto3
from moto.core.config import default_user_config
from moto.ecs.models import ecs_backends
from moto.moto_api import state_manager
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from moto.server import ThreadedMotoServer

from runtime_api import Function, sqs_event

REGION, ACCOUNT = "eu-west-1", "123456789012"
PROGRAMS = pathlib.Path(os.environ["POSTERFRAME_PROGRAMS"])
# What thumbnail-trigger is told of: the suffixes of the template's rules.
LOGGED = (".avif", ".jpg", ".json", ".png", ".webp")


def start():
    """Starts moto and points this process, and all that it starts, at it and at nothing of the user's own."""
    for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"]:
        del os.environ[name]
    # A line for each request, and one for each kind of resource that it leaves out, would hide what the tests say.
    for name in ("werkzeug", "moto"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    name_lists_of_parts()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    os.environ.update(AWS_ENDPOINT_URL=endpoint, AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION, AWS_ACCESS_KEY_ID="x",
                      AWS_SECRET_ACCESS_KEY="y", AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    # The functions run here, by the player: moto need not start containers for them.
    default_user_config["lambda"]["use_docker"] = False
    # A task's state is the player's to change, not that of whoever looks at it.
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1 << 62})
    return endpoint


def name_lists_of_parts():
    """moto calls the answer to ListParts otherwise than S3 does, which strict clients refuse: the one thing mended in it."""
    theirs = S3Response.list_parts

    def ours(self):
        status, headers, body = theirs(self)
        return status, headers, body.replace("ListPartsResponse", "ListPartsResult")

    S3Response.list_parts = ours


def keys():
    return {name: os.environ[name] for name in ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}


class Log:
    """One log stream."""

    def __init__(self, group, stream):
        self.client, self.where = boto3.client("logs"), {"logGroupName": group, "logStreamName": stream}
        self.client.create_log_stream(**self.where)

    def write(self, line):
        self.client.put_log_events(**self.where, logEvents=[{"timestamp": int(time.time() * 1000), "message": line}])


class Player:
    """Lambda and Fargate for one stack. `backend` is the app's configuration of it."""

    def __init__(self, backend, queue):
        self.backend, self.queue = backend, queue
        self.stopped = threading.Event()
        self.upload = self.function(backend["upload_function"], "upload-trigger")
        self.thumbnail = self.function(backend["thumbnail_function"], "thumbnail-trigger")
        self.threads = [threading.Thread(target=self.play, args=(part,), daemon=True) for part in (self.poll, self.place)]
        # What an earlier test's player has run stays in moto.
        self.seen, self.tasks = set(ecs_backends[ACCOUNT][REGION].tasks.get(backend["cluster"], {})), []
        for thread in self.threads:
            thread.start()

    def function(self, name, program):
        settings = boto3.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        log = Log(f"/aws/lambda/{name}", f"2026/01/01/[$LATEST]{time.monotonic_ns():x}")
        return Function(PROGRAMS / program, name, {**settings, **keys()}, log.write)

    def play(self, part):
        while not self.stopped.wait(0.05):
            part()

    def poll(self):
        """The event source mapping: what failed stays in the queue."""
        sqs = boto3.client("sqs")
        messages = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=5, VisibilityTimeout=5).get("Messages", [])
        if not messages:
            return
        answer = self.upload.invoke(sqs_event([(each["MessageId"], each["Body"]) for each in messages]))
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        for message in messages:
            if message["MessageId"] not in failed:
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def place(self):
        """Fargate: a container for each new task."""
        tasks = ecs_backends[ACCOUNT][REGION].tasks.get(self.backend["cluster"], {})
        for arn, task in list(tasks.items()):
            if arn not in self.seen:
                self.seen.add(arn)
                task.last_status, task.created_at = "PROVISIONING", datetime.now(timezone.utc)
                thread = threading.Thread(target=self.run, args=(task,), daemon=True)
                thread.start()
                self.tasks.append(thread)

    def run(self, task):
        override, = task.overrides["containerOverrides"]
        environment = {pair["name"]: pair["value"] for pair in override["environment"]}
        bucket, folder = environment["OUTPUT_S3_PATH"].split("/", 1)
        before = files(bucket, folder)
        worker = subprocess.Popen([PROGRAMS / "posterframe-worker"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, env={**environment, **keys()})
        task.last_status, task.started_at = "RUNNING", datetime.now(timezone.utc)
        log = None
        with worker.stdout:
            for line in worker.stdout:
                # The stream is absent until the container's first output, as on AWS.
                log = log or Log(f"/ecs/{self.backend['task_family']}", f"ecs/{self.backend['container']}/{task.id}")
                log.write(line.rstrip("\n"))
        task.containers[0].exitCode = worker.wait()
        task.stop_code, task.stopped_reason = "EssentialContainerExited", "Essential container in task exited"
        task.stopped_at = task.execution_stopped_at = datetime.now(timezone.utc)
        task.desired_status = task.last_status = "STOPPED"
        for key, file in files(bucket, folder).items():
            if before.get(key) is not file and key.endswith(LOGGED):
                self.thumbnail.invoke(created(bucket, key))

    def close(self):
        self.stopped.set()
        for thread in [*self.threads, *self.tasks]:
            thread.join()
        self.upload.close()
        self.thumbnail.close()


def files(bucket, folder):
    """What lies in a folder, out of moto itself: an object that is written again is another one there."""
    keys = s3_backends[ACCOUNT]["aws"].buckets[bucket].keys
    return {key: file for key, file in keys.items() if key.rpartition("/")[0] == folder}


def created(bucket, key):
    """S3's event of an object that was created."""
    return {"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": REGION, "eventName": "ObjectCreated:Put",
                         "s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key, safe="/"), "size": 7}}}]}
