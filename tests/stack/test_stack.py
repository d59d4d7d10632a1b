"""The stack on an AWS that we did not write: moto. script/test-stack starts this.

The deploy script makes the stack there; the real functions, behind a Runtime API, take the events that moto's S3 put into
moto's SQS; the real worker takes the overrides of the task that they started.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import unittest
import urllib.request

import boto3
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from runtime_api import Function, sqs_event, whole

HERE = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ["POSTERFRAME_PROGRAMS"])
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = os.environ["AWS_REGION"]
JOB = "01939f0e-7c1a-7000-8000-0123456789ab"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/posterframe-artifacts/worker:test"


def extensions():
    """The contract's list of video extensions."""
    source = (HERE / "backend/contract/src/names.rs").read_text()
    known = re.search(r"VIDEO_EXTENSIONS: \[&str; \d+\] = \[(.*?)\];", source, re.S)[1]
    other = re.search(r'OTHER_VIDEO_EXTENSION: &str = "(\w+)"', source)[1]
    return [*re.findall(r'"(\w+)"', known), other]


def script(name, *arguments, check=True):
    environment = {**os.environ, "POSTERFRAME_CONFIG": str(Stack.config)}
    answer = subprocess.run([HERE / "script" / name, *arguments], env=environment, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if check and answer.returncode != 0:
        raise AssertionError(f"script/{name} failed:\n{answer.stdout}")
    return answer


def deploy(*arguments):
    return script("deploy", "--region", REGION, "--arch", "x86_64", "--image", IMAGE, "--functions", PROGRAMS, *arguments)


def template():
    """The template, its functions (`!Sub` and the like) as what stands behind them."""

    class Loader(yaml.SafeLoader):
        pass

    def plain(loader, _, node):
        if isinstance(node, yaml.ScalarNode):
            return loader.construct_scalar(node)
        construct = loader.construct_sequence if isinstance(node, yaml.SequenceNode) else loader.construct_mapping
        return construct(node, deep=True)

    Loader.add_multi_constructor("!", plain)
    return yaml.load((HERE / "backend/template.yaml").read_text(), Loader)


class Stack(unittest.TestCase):
    folder = tempfile.TemporaryDirectory()
    work = pathlib.Path(folder.name)
    config = work / "posterframe.toml"

    @classmethod
    def setUpClass(cls):
        # The functions run here, by this test: moto need not start containers for them.
        request = urllib.request.Request(f"{ENDPOINT}/moto-api/config", method="POST",
                                         data=json.dumps({"lambda": {"use_docker": False}}).encode())
        urllib.request.urlopen(request).close()
        cls.config.write_text('[backends.theirs]\nbucket = "theirs"\n')
        cls.output = deploy("LogRetentionDays=14").stdout
        cls.backend = tomllib.loads(cls.config.read_text())["backends"]["posterframe"]
        cls.s3, cls.sqs, cls.ecs, cls.functions, cls.cloudformation, cls.iam, cls.logs = (
            boto3.client(name) for name in ("s3", "sqs", "ecs", "lambda", "cloudformation", "iam", "logs"))
        outputs = cls.cloudformation.describe_stacks(StackName="posterframe")["Stacks"][0]["Outputs"]
        # moto's own poller would take the messages; this test is the poller.
        for mapping in cls.functions.list_event_source_mappings()["EventSourceMappings"]:
            cls.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        # moto makes the bucket without the notifications that the template gives it.
        rules = template()["Resources"]["Bucket"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
        queue = f"arn:aws:sqs:{REGION}:123456789012:posterframe-uploads"
        cls.s3.put_bucket_notification_configuration(
            Bucket=cls.backend["bucket"], NotificationConfiguration={"QueueConfigurations": [
                {"QueueArn": queue, "Events": [rule["Event"]],
                 "Filter": {"Key": {"FilterRules": rule["Filter"]["S3Key"]["Rules"]}}} for rule in rules]})
        cls.outputs = {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def function(self, name):
        """The real program, with the settings that the stack gave to the function."""
        settings = self.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        copy = Function(PROGRAMS / name.removeprefix("posterframe-"), name, {
            **settings, "AWS_ENDPOINT_URL": ENDPOINT, "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}, self.work / f"{name}.log")
        self.addCleanup(copy.close)
        return copy

    def log(self, name):
        return (self.work / f"{name}.log").read_text()

    def messages(self):
        answer = self.sqs.receive_message(QueueUrl=self.outputs["UploadQueueUrl"], MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self.sqs.delete_message(QueueUrl=self.outputs["UploadQueueUrl"], ReceiptHandle=message["ReceiptHandle"])
        return [(message["MessageId"], whole(message["Body"])) for message in answer.get("Messages", [])]

    # Breaks if the app gets another configuration than the stack's, or another backend's is lost.
    def test_configuration(self):
        config = tomllib.loads(self.config.read_text())
        self.assertEqual(config["backend"], "posterframe")
        self.assertEqual(config["backends"]["theirs"], {"bucket": "theirs"})
        self.assertEqual(self.backend, {
            "region": REGION, "endpoint": ENDPOINT, "bucket": f"posterframe-123456789012-{REGION}",
            "uploads_folder": "uploads", "thumbnails_folder": "thumbnails", "cluster": "posterframe",
            "task_family": "posterframe-worker", "container": "worker",
            "upload_function": "posterframe-upload-trigger", "thumbnail_function": "posterframe-thumbnail-trigger"})

    # Breaks if the bucket's rules, the task's rights and the contract's list drift apart.
    def test_extensions(self):
        expected = sorted(f".{each}" for name in extensions() for each in (name, name.upper()))
        rules = self.s3.get_bucket_notification_configuration(Bucket=self.backend["bucket"])["QueueConfigurations"]
        suffixes = [rule["Filter"]["Key"]["FilterRules"][0]["Value"] for rule in rules]
        self.assertEqual(sorted(suffixes), expected)
        policy = template()["Resources"]["TaskRole"]["Properties"]["Policies"][0]["PolicyDocument"]
        readable = [resource.rsplit("*", 1)[1] for resource in policy["Statement"][0]["Resource"]]
        self.assertEqual(sorted(readable), expected)

    # Breaks if the container may do more than its work, or its log is not where the app looks for it.
    def test_task_definition(self):
        # moto keeps containers in CloudFormation's spelling, which its answers then lack: read the template.
        container, = template()["Resources"]["TaskDefinition"]["Properties"]["ContainerDefinitions"]
        self.assertEqual((container["Name"], container["User"], container["ReadonlyRootFilesystem"], container["Image"]),
                         ("worker", "65532:65532", True, "ImageUri"))
        self.assertEqual(container["LogConfiguration"]["Options"]["awslogs-stream-prefix"], "ecs")
        groups = {group["logGroupName"]: group["retentionInDays"] for group in self.logs.describe_log_groups()["logGroups"]}
        self.assertEqual(groups, {"/ecs/posterframe-worker": 14, "/aws/lambda/posterframe-upload-trigger": 14,
                                  "/aws/lambda/posterframe-thumbnail-trigger": 14})

    # Breaks if any link of upload, event, function, task, worker, picture, event, function is broken.
    def test_a_job(self):
        bucket = self.backend["bucket"]
        clip = self.work / "clip.mp4"
        subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
                        "testsrc2=size=320x180:rate=25", "-t", "3", "-c:v", "libx264", "-bf", "2", clip], check=True)
        self.messages()
        key = f"uploads/{JOB}/a clip é_00-01.520.MP4"
        self.s3.upload_file(str(clip), bucket, key)
        messages = self.messages()
        self.assertEqual(len(messages), 1)
        bad = ("bad", '{"Records": [{"s3": {}}]}')
        answer = self.function("posterframe-upload-trigger").invoke(sqs_event([bad, *messages]))
        self.assertEqual(answer, {"batchItemFailures": [{"itemIdentifier": "bad"}]}, self.log("posterframe-upload-trigger"))

        arn, = self.ecs.list_tasks(cluster=self.backend["cluster"])["taskArns"]
        task, = self.ecs.describe_tasks(cluster=self.backend["cluster"], tasks=[arn])["tasks"]
        self.assertEqual((task["startedBy"], task["launchType"]), (JOB, "FARGATE"))
        override, = task["overrides"]["containerOverrides"]
        self.assertEqual(override["name"], self.backend["container"])
        environment = {pair["name"]: pair["value"] for pair in override["environment"]}
        log = self.log("posterframe-upload-trigger")
        for part in (JOB, "new file s3://", "extracting the frame at", arn):
            self.assertIn(part, log)

        worker = subprocess.run([PROGRAMS / "posterframe-worker"], text=True, capture_output=True, env={
            **environment, "AWS_ENDPOINT_URL": ENDPOINT, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"})
        self.assertEqual(worker.returncode, 0, worker.stdout + worker.stderr)
        picture = self.s3.get_object(Bucket=bucket, Key=f"thumbnails/{JOB}/a clip é.png")
        ours = self.work / "ours.png"
        ours.write_bytes(picture["Body"].read())
        oracle = self.work / "oracle.png"
        subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-i", clip, "-ss", "1.520",
                        "-frames:v", "1", oracle], check=True)
        self.assertEqual(pixels(ours), pixels(oracle))
        self.assertEqual(picture["Metadata"]["pixel-size"], "320x180")

        event = json.loads(whole(json.dumps({"Records": [{"eventSource": "aws:s3", "awsRegion": REGION, "eventName": "ObjectCreated:Put",
                              "s3": {"bucket": {"name": bucket}, "object": {
                                  "key": f"thumbnails/{JOB}/a+clip+%C3%A9.png", "size": 7}}}]})))
        self.function("posterframe-thumbnail-trigger").invoke(event)
        self.assertIn(f"{bucket}/thumbnails/{JOB}/a%20clip%20%C3%A9.png", self.log("posterframe-thumbnail-trigger"))

    # Breaks if an upload that is no video, or a thumbnail, raises an event.
    def test_what_raises_no_event(self):
        self.messages()
        for key in ("uploads/notes_00-10.txt", "thumbnails/x/a.png", "uploads/a_00-10.Mp4"):
            self.s3.put_object(Bucket=self.backend["bucket"], Key=key, Body=b"x")
        self.assertEqual(self.messages(), [])
        self.s3.put_object(Bucket=self.backend["bucket"], Key="test_00-10.mp4", Body=b"x")
        self.assertEqual(len(self.messages()), 1)

    # Breaks if the app's check does not understand AWS's protocols, or passes a stack that is not whole.
    def test_doctor(self):
        data = self.work / "doctor"
        (data / "config").mkdir(parents=True, exist_ok=True)
        (data / "config/posterframe.toml").write_text(self.config.read_text())
        ran = subprocess.run([PROGRAMS / "posterframe", "doctor", "--json", "--data", data, "--backend", "posterframe"],
                             text=True, stdin=subprocess.DEVNULL, capture_output=True)
        checks = {check["part"]: check for check in map(json.loads, ran.stdout.splitlines())}
        states = {part: check["state"] for part, check in checks.items()}
        # What moto does not do as AWS does: the function's rule, and the queue's trigger, which this test switched off.
        self.assertEqual(states.pop("event_rules"), "warning", checks["event_rules"])
        self.assertEqual(states.pop("upload_function"), "failed", checks["upload_function"])
        self.assertIn("disabled", checks["upload_function"]["what"])
        self.assertEqual({part for part, state in states.items() if state != "passed"}, set(), checks)
        self.assertEqual(ran.returncode, 1)

    # Breaks if a second deploy forgets parameters.
    def test_again(self):
        # moto takes the command and then fails to update some kinds of resources: the command is what counts here.
        output = script("deploy", "--region", REGION, "--arch", "x86_64", "--image", IMAGE, "--functions", PROGRAMS,
                        "Memory=1024", check=False).stdout
        update = next(line for line in output.splitlines() if "update-stack --stack-name posterframe --" in line)
        for part in ("LogRetentionDays\\,ParameterValue=14", "Memory\\,ParameterValue=1024", "Cpu\\,ParameterValue=256"):
            self.assertIn(part, update)
        self.assertEqual(update.count("ParameterKey=Memory"), 1)


class TakenDown(unittest.TestCase):
    # Breaks if something stays that is paid for, or the videos go without being asked for.
    def test_undeploy(self):
        name = ("--region", REGION, "--stack", "other")
        # A network of one's own: moto could not delete the one that the stack makes.
        ec2 = boto3.client("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
        ids = ",".join(subnet["SubnetId"] for subnet in subnets[:2])
        deploy("--stack", "other", f"VpcId={vpc}", f"SubnetIds={ids}")
        settings = boto3.client("lambda").get_function_configuration(FunctionName="other-upload-trigger")
        self.assertEqual(settings["Environment"]["Variables"]["SUBNETS"], ids)
        s3, bucket = boto3.client("s3"), f"other-123456789012-{REGION}"
        s3.put_object(Bucket=bucket, Key="thumbnails/a.png", Body=b"x")
        refused = script("undeploy", *name, check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("nothing was deleted", refused.stdout)
        kept = script("undeploy", *name, "--yes").stdout
        self.assertIn(f"Kept: the bucket {bucket}", kept)
        backends = tomllib.loads(Stack.config.read_text())["backends"]
        self.assertEqual((backends.get("other"), backends["theirs"]), (None, {"bucket": "theirs"}))
        script("undeploy", *name, "--yes", "--delete-data")
        self.assertNotIn(bucket, [each["Name"] for each in s3.list_buckets()["Buckets"]])


def pixels(png):
    return subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-i", png, "-f", "rawvideo", "-pix_fmt",
                           "rgb24", "-"], check=True, capture_output=True).stdout


if __name__ == "__main__":
    unittest.main(verbosity=2)
