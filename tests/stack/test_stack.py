"""The stack on an AWS that we did not write: moto. script/test-stack starts this.

The deploy script makes the stack there; the real functions, behind a Runtime API, take the events that moto's S3 put into
moto's SQS; the real worker takes the overrides of the task that they started; the client's own suite runs against it all.
"""

import ast
import fnmatch
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import unittest

import boto3
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import aws
from aws import PROGRAMS, REGION, Player

HERE = pathlib.Path(__file__).resolve().parents[2]
ENDPOINT = aws.start()
JOB = "01939f0e-7c1a-7000-8000-0123456789ab"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/posterframe-artifacts/worker:test"


def extensions():
    """The contract's list of video extensions."""
    source = (HERE / "backend/contract/src/names.rs").read_text()
    known = re.search(r"VIDEO_EXTENSIONS: \[&str; \d+\] = \[(.*?)\];", source, re.S)[1]
    other = re.search(r'OTHER_VIDEO_EXTENSION: &str = "(\w+)"', source)[1]
    return [*re.findall(r'"(\w+)"', known), other]


def script(name, *arguments, check=True, **settings):
    environment = {**os.environ, "POSTERFRAME_CONFIG": str(Stack.config), **settings}
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


def default(name):
    return str(template()["Parameters"][name]["Default"])


def filled(text):
    """What `!Sub` makes of a text with the parameters' defaults."""
    return re.sub(r"\$\{(\w+)\}", lambda found: default(found[1]), text)


def rules(kind):
    """The bucket's rules of one kind, as (prefix, suffix), with the default folders."""
    found = []
    for rule in template()["Resources"]["Bucket"]["Properties"]["NotificationConfiguration"][kind]:
        parts = {part["Name"]: filled(part["Value"]) for part in rule["Filter"]["S3Key"]["Rules"]}
        found.append((parts.get("prefix", ""), parts["suffix"]))
    return found


def allows(policy, action, arn):
    """Whether a policy's statements allow an action, as far as they go by action and resource: moto's IAM does not decide."""

    def named(patterns, text):
        patterns = [patterns] if isinstance(patterns, str) else patterns
        return any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)

    return any(statement["Effect"] == "Allow" and named(statement["Action"], action) and named(statement["Resource"], arn)
               for statement in policy["Statement"])


def policy_of(stack, role):
    """The inline policy of a role of a deployed stack."""
    iam = boto3.client("iam")
    # By how CloudFormation names it: moto fails to describe a stack's resource.
    name, = (each["RoleName"] for each in iam.list_roles()["Roles"] if each["RoleName"].startswith(f"{stack}-{role}-"))
    policy, = iam.list_role_policies(RoleName=name)["PolicyNames"]
    # moto gives it as Python prints it, with None for what a condition leaves out.
    document = ast.literal_eval(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
    return {**document, "Statement": [statement for statement in document["Statement"] if statement]}


def setUpModule():
    # What somebody has already must stay as it is.
    Stack.config.write_text('[backends.theirs]\nbucket = "theirs"\n')


class Stack(unittest.TestCase):
    folder = tempfile.TemporaryDirectory()
    work = pathlib.Path(folder.name)
    config = work / "posterframe.toml"

    @classmethod
    def setUpClass(cls):
        cls.output = deploy("LogRetentionDays=14").stdout
        cls.backend = tomllib.loads(cls.config.read_text())["backends"]["posterframe"]
        cls.s3, cls.sqs, cls.ecs, cls.functions, cls.cloudformation, cls.logs = (
            boto3.client(name) for name in ("s3", "sqs", "ecs", "lambda", "cloudformation", "logs"))
        outputs = cls.cloudformation.describe_stacks(StackName="posterframe")["Stacks"][0]["Outputs"]
        # moto's own poller would take the messages; this test is the poller.
        for mapping in cls.functions.list_event_source_mappings()["EventSourceMappings"]:
            cls.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        # moto makes the bucket without the notifications that the template gives it.
        queue = f"arn:aws:sqs:{REGION}:123456789012:posterframe-uploads"
        cls.s3.put_bucket_notification_configuration(
            Bucket=cls.backend["bucket"], NotificationConfiguration={"QueueConfigurations": [
                {"QueueArn": queue, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [
                    {"Name": name, "Value": value} for name, value in (("prefix", prefix), ("suffix", suffix)) if value]}}}
                for prefix, suffix in rules("QueueConfigurations")]})
        cls.outputs = {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def play(self):
        """Lambda and Fargate, until the test's end."""
        player = Player(self.backend, self.outputs["UploadQueueUrl"])
        self.addCleanup(player.close)
        return player

    def messages(self):
        """Takes what is in the queue."""
        answer = self.sqs.receive_message(QueueUrl=self.outputs["UploadQueueUrl"], MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self.sqs.delete_message(QueueUrl=self.outputs["UploadQueueUrl"], ReceiptHandle=message["ReceiptHandle"])
        return answer.get("Messages", [])

    def waits(self):
        """How many messages the queue has, in hand ones too."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.outputs["UploadQueueUrl"], AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def put_request(self, job, source, *positions):
        """A request for frames of a video, as PNGs."""
        request = {"version": 1, "source": {"url": source}, "name": "clip", "stills": [{"at": at} for at in positions]}
        self.s3.put_object(Bucket=self.backend["bucket"], Key=f"jobs/{job}.json", Body=json.dumps(request))

    def ended(self, job):
        """The exit codes of a job's tasks that have ended."""
        cluster = self.backend["cluster"]
        arns = self.ecs.list_tasks(cluster=cluster, startedBy=job, desiredStatus="STOPPED")["taskArns"]
        tasks = self.ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
        return [task["containers"][0]["exitCode"] for task in tasks]

    def lines(self, group):
        """All lines of a log group; none where it has no stream yet."""
        return [event["message"] for event in self.logs.filter_log_events(logGroupName=group)["events"]]

    # Breaks if the app gets another configuration than the stack's, or another backend's is lost.
    def test_configuration(self):
        config = tomllib.loads(self.config.read_text())
        self.assertEqual(config["backend"], "posterframe")
        self.assertEqual(config["backends"]["theirs"], {"bucket": "theirs"})
        self.assertEqual(self.backend, {
            "region": REGION, "endpoint": ENDPOINT, "bucket": f"posterframe-123456789012-{REGION}",
            "uploads_folder": "uploads", "jobs_folder": "jobs", "videos_folder": "videos",
            "thumbnails_folder": "thumbnails", "cluster": "posterframe",
            "task_family": "posterframe-worker", "container": "worker",
            "upload_function": "posterframe-upload-trigger", "thumbnail_function": "posterframe-thumbnail-trigger"})

    # Breaks if the bucket's rules, the task's rights and the contract's list drift apart.
    def test_extensions(self):
        expected = sorted(f".{each}" for name in extensions() for each in (name, name.upper()))
        suffixes = [suffix for prefix, suffix in rules("QueueConfigurations") if not prefix]
        self.assertEqual(sorted(suffixes), expected)
        policy = template()["Resources"]["TaskRole"]["Properties"]["Policies"][0]["PolicyDocument"]
        readable = [resource.rsplit("*", 1)[1] for resource in policy["Statement"][0]["Resource"]]
        self.assertEqual(sorted(readable), expected)

    # Breaks if requests start no task, a manifest is not logged, or the folders are not those that programs take for granted.
    def test_folders(self):
        source = (HERE / "backend/contract/src/names.rs").read_text()
        for name in ("uploads", "jobs", "videos", "thumbnails"):
            self.assertEqual(self.outputs[f"{name.capitalize()}Folder"], name)
            self.assertIn(f'{name.upper()}_FOLDER: &str = "{name}"', source)
        apart = template()["Rules"]["FoldersDiffer"]["Assertions"][0]["Assert"]
        folders = ("UploadsFolder", "JobsFolder", "VideosFolder", "ThumbnailsFolder")
        self.assertEqual([tuple(pair) for pair, in apart], list(itertools.combinations(folders, 2)))
        self.assertEqual([rule for rule in rules("QueueConfigurations") if rule[0]], [("jobs/", ".json")])
        self.assertEqual(sorted(rules("LambdaConfigurations")), [("thumbnails/", suffix) for suffix in aws.LOGGED])
        function = self.functions.get_function_configuration(FunctionName="posterframe-upload-trigger")
        settings = function["Environment"]["Variables"]
        self.assertEqual({name: settings[name] for name in settings if name.endswith("_FOLDER")}, {
            "UPLOADS_FOLDER": "uploads", "JOBS_FOLDER": "jobs", "VIDEOS_FOLDER": "videos", "THUMBNAILS_FOLDER": "thumbnails"})

    # Breaks if what costs is kept for ever, or a request is gone before the video that it is about.
    def test_expiry(self):
        # moto makes the bucket without them: read the template.
        lifecycle = template()["Resources"]["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        days = {filled(rule["Prefix"]): int(default(rule["ExpirationInDays"])) for rule in lifecycle if "Prefix" in rule}
        self.assertEqual(days, {"uploads/": 30, "videos/": 30, "jobs/": 365})
        self.assertTrue(any("AbortIncompleteMultipartUpload" in rule for rule in lifecycle))

    # Breaks if a task may not do its work, or may do more; or the app's policy lacks a folder or grows past IAM's limit.
    def test_rights(self):
        bucket = f"arn:aws:s3:::{self.backend['bucket']}"
        task = policy_of("posterframe", "TaskRole")
        self.assertEqual({action for statement in task["Statement"] for action in
                          ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])},
                         {"s3:GetObject", "s3:ListBucket", "s3:PutObject"})
        for key, read, written in (
                (f"jobs/{JOB}.json", True, False), ("videos/v/clip", True, False), (f"uploads/{JOB}/a_00-10.mp4", True, False),
                ("test_00-10.mp4", True, False), ("films/2026/a_00-10.MOV", True, False), ("jobs/notes.txt", False, False),
                ("notes.txt", False, False), (f"thumbnails/{JOB}/clip.png", False, True),
                (f"thumbnails/{JOB}/clip.jpg", False, True), (f"thumbnails/{JOB}/manifest.json", False, True)):
            self.assertEqual((allows(task, "s3:GetObject", f"{bucket}/{key}"), allows(task, "s3:PutObject", f"{bucket}/{key}")),
                             (read, written), key)
        for key in ("a_00-10.mp4", "videos/v/clip.mp4"):
            self.assertFalse(allows(task, "s3:GetObject", f"arn:aws:s3:::another/{key}"), key)

        iam = boto3.client("iam")
        version = iam.get_policy(PolicyArn=self.outputs["AppPolicy"])["Policy"]["DefaultVersionId"]
        people = iam.get_policy_version(PolicyArn=self.outputs["AppPolicy"], VersionId=version)["PolicyVersion"]["Document"]
        for folder, action in itertools.product(("uploads", "jobs", "videos", "thumbnails"), ("Get", "Put", "Delete")):
            self.assertTrue(allows(people, f"s3:{action}Object", f"{bucket}/{folder}/x/y"), (folder, action))
            self.assertFalse(allows(people, f"s3:{action}Object", f"{bucket}/{folder}"), (folder, action))
        listing, = (statement for statement in people["Statement"] if statement["Action"] == "s3:ListBucket")
        self.assertEqual(listing["Condition"]["StringLike"]["s3:prefix"],
                         ["uploads/*", "jobs/*", "videos/*", "thumbnails/*"])
        # IAM counts no white space. The longest bucket's name and a stack's of 30 characters take some 600 more.
        self.assertLess(len(re.sub(r"\s", "", json.dumps(people))) + 600, 6144)

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

    # Breaks if a size that Fargate does not have is taken, or one that it has is refused.
    def test_sizes(self):
        sizes = {256: [512, 1024, 2048], 512: range(1024, 4097, 1024), 1024: range(2048, 8193, 1024),
                 2048: range(4096, 16385, 1024), 4096: range(8192, 30721, 1024)}
        whole = template()
        cpus, memories = (map(int, whole["Parameters"][name]["AllowedValues"]) for name in ("Cpu", "Memory"))
        cpus, memories = list(cpus), list(memories)
        rules = [rule for name, rule in whole["Rules"].items() if name.startswith("MemoryForCpu")]
        for cpu, memory in itertools.product(cpus, memories):
            refused = []
            for rule in rules:
                of, assertion = rule["RuleCondition"], rule["Assertions"][0]["Assert"]
                self.assertEqual((of[0], assertion[1]), ("Cpu", "Memory"))
                if of[1] == str(cpu) and str(memory) not in assertion[0]:
                    refused.append(rule)
            self.assertEqual(not refused, memory in sizes[cpu], (cpu, memory))
        for memory in memories:
            pixels = whole["Mappings"]["PixelsForMemory"][str(memory)]["MaxPixels"]
            self.assertEqual(int(pixels), min(1 << 28, (memory - 64 << 20) // 12))

    # Breaks if the first task in an account that is new to ECS has nothing to run as, or a second deploy fails of what is there.
    def test_role_of_ecs(self):
        # By its path: moto spells its name otherwise.
        roles = boto3.client("iam").list_roles(PathPrefix="/aws-service-role/ecs.amazonaws.com/")["Roles"]
        self.assertEqual(len(roles), 1)
        self.assertNotIn("CapacityProviders", template()["Resources"]["Cluster"]["Properties"])

    # Breaks if ECS may not pull an image that lies elsewhere, or asks ECR for one of another registry.
    def test_repositories(self):
        def arn(image):
            run = ["bash", "-c", f". {HERE}/script/stack/common.sh; ecr_repository_arn {image}"]
            return subprocess.run(run, check=True, text=True, capture_output=True).stdout.strip()

        for image, expected in (
                (IMAGE, "arn:aws:ecr:eu-west-1:123456789012:repository/posterframe-artifacts/worker"),
                ("210987654321.dkr.ecr.us-east-2.amazonaws.com/team/a.b@sha256:0", "arn:aws:ecr:us-east-2:210987654321:repository/team/a.b"),
                ("210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn/w:1", "arn:aws-cn:ecr:cn-north-1:210987654321:repository/w"),
                ("210987654321.dkr.ecr-fips.us-gov-west-1.amazonaws.com/w", "arn:aws-us-gov:ecr:us-gov-west-1:210987654321:repository/w"),
                ("public.ecr.aws/team/worker:1", ""), ("docker.io/team/worker", "")):
            self.assertEqual(arn(image), expected)

    # Breaks if any link of upload, event, function, task, worker, picture, event, function is broken.
    def test_a_job(self):
        bucket = self.backend["bucket"]
        clip, ours, oracle = (self.work / name for name in ("clip.mp4", "ours.png", "oracle.png"))
        subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
                        "testsrc2=size=320x180:rate=25", "-t", "3", "-c:v", "libx264", "-bf", "2", clip], check=True)
        player = self.play()
        # Made by hand: the app writes small letters.
        self.s3.upload_file(str(clip), bucket, f"uploads/{JOB}/a clip é_00-01.520.MP4")
        key = f"thumbnails/{JOB}/a clip é.png"
        picture = waited_for(lambda: self.object(bucket, key), player.upload.log)
        ours.write_bytes(picture["Body"].read())
        subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-i", clip, "-ss", "1.520",
                        "-frames:v", "1", oracle], check=True)
        self.assertEqual(pixels(ours), pixels(oracle))
        self.assertEqual(picture["Metadata"]["pixel-size"], "320x180")

        cluster = self.backend["cluster"]
        arns = self.ecs.list_tasks(cluster=cluster, startedBy=JOB, desiredStatus="STOPPED")["taskArns"]
        task, = self.ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
        self.assertEqual((task["launchType"], task["containers"][0]["exitCode"]), ("FARGATE", 0))
        self.assertEqual(task["overrides"]["containerOverrides"][0]["name"], self.backend["container"])
        url = f"{bucket}/thumbnails/{JOB}/a%20clip%20%C3%A9.png"
        waited_for(lambda: url in player.thumbnail.log(), player.thumbnail.log)
        for group, part in (("/aws/lambda/posterframe-upload-trigger", arns[0]), ("/ecs/posterframe-worker", "put s3://"),
                            ("/aws/lambda/posterframe-thumbnail-trigger", url)):
            self.assertTrue(any(part in line and JOB in line for line in self.lines(group)), (group, self.lines(group)))

    # Breaks if any link of request, event, function, task, worker, files, events, function is broken, or the video itself
    # starts a task.
    def test_a_request(self):
        bucket, job = self.backend["bucket"], "01939f0e-7c1a-7000-8000-0123456789ac"
        clip, ours, oracle = (self.work / name for name in ("request.mp4", "request.png", "request-oracle.png"))
        subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
                        "testsrc2=size=320x180:rate=25", "-t", "3", "-c:v", "libx264", "-bf", "2", clip], check=True)
        player, tasks = self.play(), len(self.tasks())
        video = "videos/01939f0e-7c1a-7000-8000-0123456789ad/a clip é_00-01.mp4"
        self.s3.upload_file(str(clip), bucket, video)
        self.put_request(job, f"s3://{bucket}/{video}", "00:01.520", "0.4")
        manifest = f"thumbnails/{job}/manifest.json"
        manifest = json.loads(waited_for(lambda: self.object(bucket, manifest), player.upload.log)["Body"].read())
        keys = [file["key"] for still in manifest["stills"] for file in still["files"]]
        self.assertEqual(keys, [f"thumbnails/{job}/clip.png", f"thumbnails/{job}/clip-2.png"])
        for key, position in zip(keys, ("1.520", "0.4")):
            ours.write_bytes(self.object(bucket, key)["Body"].read())
            subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-i", clip, "-ss", position,
                            "-frames:v", "1", oracle], check=True)
            self.assertEqual(pixels(ours), pixels(oracle), key)

        self.assertEqual(waited_for(lambda: self.ended(job), player.upload.log), [0])
        self.assertEqual(len(self.tasks()), tasks + 1)
        for file in ("clip.png", "clip-2.png", "manifest.json"):
            url = f"{bucket}/thumbnails/{job}/{file}"
            waited_for(lambda: url in player.thumbnail.log(), player.thumbnail.log)
        for group, part in (("/aws/lambda/posterframe-upload-trigger", f"new file s3://{bucket}/jobs/{job}.json"),
                            ("/ecs/posterframe-worker", "put s3://"),
                            ("/aws/lambda/posterframe-thumbnail-trigger", "new manifest, ")):
            self.assertTrue(any(part in line and job in line for line in self.lines(group)), (group, self.lines(group)))

    # Breaks if a request that can never succeed is tried for ever, holds others up, or its log does not say why.
    def test_bad_requests(self):
        bucket = self.backend["bucket"]
        gone, nonsense, missing = (f"01939f0e-7c1a-7000-8000-00000000000{n}" for n in range(3))
        # Deleted before its event is handled: nobody takes events yet.
        self.put_request(gone, f"s3://{bucket}/videos/v/a.mp4", "0")
        self.s3.delete_object(Bucket=bucket, Key=f"jobs/{gone}.json")
        self.s3.put_object(Bucket=bucket, Key=f"jobs/{nonsense}.json", Body=b"[1, 2")
        self.put_request(missing, f"s3://{bucket}/videos/v/no such video.mp4", "0")
        self.s3.put_object(Bucket=bucket, Key="jobs/deep/down.json", Body=b"{}")
        player = self.play()
        for job, code, reason in ((gone, 11, f"jobs/{gone}.json"), (nonsense, 10, f"jobs/{nonsense}.json"),
                                  (missing, 11, "no such video.mp4")):
            self.assertEqual(waited_for(lambda: self.ended(job), player.upload.log), [code], job)
            told = [line for line in self.lines("/ecs/posterframe-worker") if "ERROR" in line and reason in line]
            self.assertTrue(told, self.lines("/ecs/posterframe-worker"))
            self.assertIsNone(self.object(bucket, f"thumbnails/{job}/manifest.json"))
        waited_for(lambda: self.waits() == 0, player.upload.log)
        self.assertIn("jobs/deep/down.json: expected the key of a request, jobs/<name>.json", player.upload.log())

    def tasks(self):
        """All tasks that there were."""
        listed = (self.ecs.list_tasks(cluster=self.backend["cluster"], desiredStatus=status)["taskArns"]
                  for status in ("RUNNING", "STOPPED"))
        return [arn for arns in listed for arn in arns]

    def object(self, bucket, key):
        try:
            return self.s3.get_object(Bucket=bucket, Key=key)
        except self.s3.exceptions.NoSuchKey:
            return None

    # Breaks if the client does not work against AWS as it does against the backend on this machine.
    def test_contract(self):
        self.play()
        config = self.work / "contract.toml"
        config.write_text(self.config.read_text().replace('backend = "theirs"', 'backend = "posterframe"'))
        # Of the whole workspace, as script/test builds it: with other features all would be built again.
        tests = ["cargo", "test", "--quiet", "--workspace", "--test", "e2e", "--", "contract::"]
        answer = subprocess.run(tests, cwd=HERE, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env={**os.environ, "POSTERFRAME_TEST_CONFIG": str(config)})
        print(answer.stdout)
        self.assertEqual(answer.returncode, 0)

    # Breaks if an upload that is no video, or what a task writes, raises the event of an upload; or a request does not.
    def test_what_raises_no_event(self):
        self.messages()
        for key in ("uploads/notes_00-10.txt", "thumbnails/x/a.png", "thumbnails/x/manifest.json", "uploads/a_00-10.Mp4",
                    "uploads/x.json", "jobs/notes.txt", "jobs/x.JSON", "jobsX/x.json", "x/jobs/x.json"):
            self.s3.put_object(Bucket=self.backend["bucket"], Key=key, Body=b"x")
        self.assertEqual(self.messages(), [])
        for key in ("test_00-10.mp4", "jobs/x.json"):
            self.s3.put_object(Bucket=self.backend["bucket"], Key=key, Body=b"x")
            self.assertEqual(len(self.messages()), 1, key)

    # Breaks if a video that requests refer to starts a task by its name, or is called a fault, or stays in the queue.
    def test_videos_start_nothing(self):
        player, before = self.play(), self.tasks()
        for key in ("videos/x/clip_00-10.mp4", "videos/x/holiday.mov"):
            self.s3.put_object(Bucket=self.backend["bucket"], Key=key, Body=b"x")
        waited_for(lambda: self.waits() == 0, player.upload.log)
        self.assertEqual(self.tasks(), before)
        self.assertEqual(player.upload.log(), "")

    # Breaks if the app's check does not understand AWS's protocols, or passes a stack that is not whole.
    def test_doctor(self):
        data = self.work / "doctor"
        (data / "config").mkdir(parents=True, exist_ok=True)
        (data / "config/posterframe.toml").write_text(self.config.read_text())
        ran = subprocess.run([PROGRAMS / "posterframe", "doctor", "--json", "--data", data, "--backend", "posterframe"],
                             text=True, stdin=subprocess.DEVNULL, capture_output=True)
        checks = {check["part"]: check for check in map(json.loads, ran.stdout.splitlines())}
        states = {part: check["state"] for part, check in checks.items()}
        # What moto does not do as AWS does: the function's rule, the queue's trigger, which this test switched off, and the
        # task's containers, which it keeps in CloudFormation's spelling, so that a strict client refuses them.
        self.assertEqual(states.pop("event_rules"), "warning", checks["event_rules"])
        self.assertEqual(states.pop("upload_function"), "failed", checks["upload_function"])
        self.assertRegex(checks["upload_function"]["what"], "no queue feeds|disabled")
        for part in ("task_definition", "roles"):
            states.pop(part)
        self.assertEqual({part for part, state in states.items() if state != "passed"}, set(), checks)
        self.assertEqual(ran.returncode, 1)


class TakenDown(unittest.TestCase):
    # Breaks if a parameter that is a list, or a folder's name, does not get where it should; if something stays that is paid
    # for, or the videos go without being asked for.
    def test_undeploy(self):
        name = ("--region", REGION, "--stack", "other")
        # A network of one's own: moto could not delete the one that the stack makes.
        ec2 = boto3.client("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
        ids = ",".join(subnet["SubnetId"] for subnet in subnets[:2])
        elsewhere = ["arn:aws:s3:::archive/films/*", "arn:aws:s3:::more/a b.mp4"]
        deploy("--stack", "other", f"VpcId={vpc}", f"SubnetIds={ids}", f"ReadableObjects={','.join(elsewhere)}",
               "JobsFolder=my/orders", "VideosFolder=in")
        settings = boto3.client("lambda").get_function_configuration(FunctionName="other-upload-trigger")
        settings = settings["Environment"]["Variables"]
        self.assertEqual([settings[name] for name in ("SUBNETS", "JOBS_FOLDER", "VIDEOS_FOLDER")], [ids, "my/orders", "in"])
        task = policy_of("other", "TaskRole")
        for arn, allowed in (("arn:aws:s3:::archive/films/2026/a.mp4", True), ("arn:aws:s3:::more/a b.mp4", True),
                             ("arn:aws:s3:::archive/a.mp4", False), ("arn:aws:s3:::more/b.mp4", False),
                             (f"arn:aws:s3:::other-123456789012-{REGION}/my/orders/x.json", True),
                             (f"arn:aws:s3:::other-123456789012-{REGION}/in/x", True)):
            self.assertEqual(allows(task, "s3:GetObject", arn), allowed, arn)
            self.assertFalse(allows(task, "s3:PutObject", arn), arn)
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


class Refused(unittest.TestCase):
    """What stops a deploy says what to do."""

    def refuse(self, expected, *arguments, **settings):
        answer = script("deploy", *arguments, check=False, **settings)
        self.assertNotEqual(answer.returncode, 0, answer.stdout)
        self.assertIn(expected, answer.stdout.splitlines()[-1])

    # Breaks if somebody is left with a tool's own message, or with none.
    def test_before_anything_is_made(self):
        self.refuse("see script/deploy --help", "--stak", "x")
        # ECR refuses the last ones as part of a repository's name, once the image is built.
        for name in ("Poster Frames", "1st", "a" * 31, "a-", "a--b"):
            self.refuse("a stack's name is a lower-case letter", "--stack", name)
        self.refuse("--arch is x86_64 or arm64", "--arch", "sparc")
        self.refuse("no region: give --region", "--image", IMAGE, AWS_REGION="", AWS_DEFAULT_REGION="")
        self.refuse("log in with 'aws sso login'", "--region", REGION, "--image", IMAGE, AWS_ACCESS_KEY_ID="")
        with tempfile.TemporaryDirectory() as folder:
            # A machine with next to nothing on it.
            for tool in ("bash", "dirname", "uname", "mktemp", "rm", "env", "sed"):
                os.symlink(shutil.which(tool), f"{folder}/{tool}")
            self.refuse("aws is missing: install the AWS CLI", PATH=folder)
            for tool in ("aws", "zip", "readelf"):
                os.symlink("/bin/true", f"{folder}/{tool}")
            self.refuse("openssl is missing: install it", PATH=folder)
            os.symlink("/bin/true", f"{folder}/openssl")
            self.refuse("install one of them, or give an image", PATH=folder)

    # Breaks if a program that Lambda could not start is deployed.
    def test_programs_for_another_system(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("upload-trigger", "thumbnail-trigger"):
                pathlib.Path(folder, name).write_text("#!/bin/sh\n")
            self.refuse("Lambda could not start these", "--region", REGION, "--image", IMAGE, "--functions", folder,
                        "--stack", "refused")

    # Breaks if a dry run does anything, or does not say what would be done.
    def test_dry_run(self):
        answer = script("deploy", "--dry-run", "--region", REGION, "--stack", "dry", "--build-arg", "DEBIAN=debian@sha256:0",
                        "Memory=1024")
        for command in ("build --platform", "--build-arg DEBIAN=debian@sha256:0", " push ", "zip -q", "s3 cp",
                        "create-service-linked-role", "create-stack --stack-name dry ", "Memory\\,ParameterValue=1024",
                        "write-config dry"):
            self.assertIn(command, answer.stdout)
        stacks = boto3.client("cloudformation").describe_stacks()["Stacks"]
        self.assertFalse([stack for stack in stacks if stack["StackName"].startswith("dry")])
        self.assertNotIn("[backends.dry]", Stack.config.read_text())


class Updated(unittest.TestCase):
    # Of its own: what moto leaves of a stack that it failed to update is no place for other tests.
    name = ("--stack", "again")

    # Breaks if a second deploy forgets parameters.
    def test_again(self):
        deploy(*self.name, "LogRetentionDays=14")
        # moto takes the command and then fails to update some kinds of resources: the command is what counts here.
        output = script("deploy", *self.name, "--region", REGION, "--arch", "x86_64", "--image", IMAGE, "--functions", PROGRAMS,
                        "Memory=1024", check=False).stdout
        update = next(line for line in output.splitlines() if "update-stack --stack-name again --" in line)
        for part in ("LogRetentionDays\\,ParameterValue=14", "Memory\\,ParameterValue=1024", "Cpu\\,ParameterValue=256"):
            self.assertIn(part, update)
        self.assertEqual(update.count("ParameterKey=Memory"), 1)


def waited_for(look, explain, seconds=60):
    """What `look` gives, once it gives something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(explain())
        time.sleep(0.05)
    return found


def pixels(png):
    return subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-i", png, "-f", "rawvideo", "-pix_fmt",
                           "rgb24", "-"], check=True, capture_output=True).stdout


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
