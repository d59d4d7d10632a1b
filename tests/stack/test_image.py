"""The worker's image, built and pushed by the deploy script itself, and what is in it. script/test-image starts this.

The stack goes to moto, the image to a registry under ECR's name, from where it is pulled again: that is what runs here, as
its user and in its own root, against the backend on this machine.
"""

import base64
import json
import os
import pathlib
import re
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import aws
from aws import ACCOUNT, PROGRAMS, REGION
from registry import Registry, sign

HERE = pathlib.Path(__file__).resolve().parents[2]
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
CLIP, POSITION = os.environ["CLIP"], os.environ["POSITION"]
LIMIT = 25_000_000
USER = 65532


def buildah(*arguments, **how):
    return subprocess.run(["buildah", *arguments], check=True, text=True, stdout=subprocess.PIPE, **how).stdout.strip()


class Image(unittest.TestCase):
    folder = tempfile.TemporaryDirectory()
    work = pathlib.Path(folder.name)

    @classmethod
    def setUpClass(cls):
        aws.start()
        login = boto3.client("ecr").get_authorization_token()["authorizationData"][0]["authorizationToken"]
        password = base64.b64decode(login).decode().removeprefix("AWS:")
        cls.registry = Registry(cls.work, HOST, password)
        cls.addClassCleanup(cls.registry.close)
        environment = {**os.environ, **cls.registry.environment, "POSTERFRAME_CONFIG": str(cls.work / "posterframe.toml")}
        revision = ["git", "rev-parse", "HEAD"]
        cls.revision = subprocess.run(revision, cwd=HERE, check=True, text=True, capture_output=True).stdout.strip()
        began = time.monotonic()
        # The functions' programs stand for themselves here: what they are is checked elsewhere.
        subprocess.run([HERE / "script/deploy", "--region", REGION, "--functions", PROGRAMS], check=True, env=environment)
        print(f"built, pushed and deployed in {time.monotonic() - began:.0f} s")
        parameters = boto3.client("cloudformation").describe_stacks(StackName="posterframe")["Stacks"][0]["Parameters"]
        cls.image = {each["ParameterKey"]: each["ParameterValue"] for each in parameters}["ImageUri"]
        # Nothing of what was built may stand in for what was pushed.
        buildah("rmi", "--force", cls.image)
        buildah("pull", "--quiet", cls.image, env=environment)
        cls.config = json.loads(buildah("inspect", "--type", "image", cls.image))["OCIv1"]["config"]
        container = buildah("from", "--pull-never", cls.image)
        cls.addClassCleanup(buildah, "rm", container)
        cls.root = pathlib.Path(buildah("mount", container))

    # Breaks if each task pulls more than it needs: Fargate keeps no images.
    def test_size(self):
        repository, tag = self.image.removeprefix(f"{HOST}/").rsplit(":", 1)
        images = self.work / "images/docker/registry/v2"
        link = images / "repositories" / repository / "_manifests/tags" / tag / "current/link"
        manifest = json.loads(self.blob(images, link.read_text().strip()).read_text())
        size = sum(layer["size"] for layer in manifest["layers"])
        print(f"compressed: {size / 1e6:.1f} MB in {len(manifest['layers'])} layer(s), limit {LIMIT / 1e6:.0f} MB")
        self.assertLessEqual(size, LIMIT)

    def blob(self, images, digest):
        kind, name = digest.split(":")
        return images / "blobs" / kind / name[:2] / name / "data"

    # Breaks if the image runs as root, or nobody can tell what it is.
    def test_user_and_labels(self):
        self.assertEqual(self.config["User"], f"{USER}:{USER}")
        labels = self.config["Labels"]
        self.assertEqual(labels["org.opencontainers.image.title"], "posterframe-worker")
        self.assertEqual(labels["org.opencontainers.image.revision"], self.revision)

    # Breaks if the worker could change the image that it runs in.
    def test_nothing_is_writable(self):
        writable = [path for path in self.root.rglob("*")
                    if not path.is_symlink() and path.stat().st_mode & stat.S_IWOTH or path.lstat().st_uid == USER]
        self.assertEqual(writable, [])

    # Breaks if the image lacks something that the worker needs, or its libav gives another picture than the app shows.
    def test_the_worker_in_it(self):
        settings, bucket = self.local_backend()
        s3 = boto3.client("s3", endpoint_url=settings["AWS_ENDPOINT_URL"], region_name=settings["AWS_REGION"],
                          aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
                          aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"])
        # A name without a position: this upload starts no task of the backend's own.
        s3.upload_file(CLIP, bucket, "clip.mp4")
        preview = self.work / "preview.png"
        subprocess.run([PROGRAMS / "posterframe", "frame", CLIP, "--at", POSITION, "-o", preview], check=True)
        # A certificate that only this test trusts, where the container can read it.
        sign("127.0.0.1", self.root / "authority.pem", self.work / "web-key.pem")
        address = web_server(CLIP, self.root / "authority.pem", self.work / "web-key.pem")
        for name, source in (("object", f"{bucket}/clip.mp4"), ("address", address)):
            with self.subTest(name):
                # As `docker run --read-only -e …` would have it.
                task = {**settings, "INPUT_VIDEO_FILE_URL": source, "POSITION_TIME_DURATION": POSITION,
                        "OUTPUT_THUMBS_FILE_NAME": f"{name}.png", "OUTPUT_S3_PATH": f"{bucket}/thumbnails",
                        "SSL_CERT_FILE": "/authority.pem"}
                began = time.monotonic()
                answer = subprocess.run(self.config["Entrypoint"], env=task, preexec_fn=self.enter, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                print(f"{answer.stdout}{name}: {time.monotonic() - began:.2f} s")
                self.assertEqual(answer.returncode, 0)
                theirs = s3.get_object(Bucket=bucket, Key=f"thumbnails/{name}.png")["Body"].read()
                self.assertEqual(pixels(theirs), pixels(preview.read_bytes()))

    def local_backend(self):
        """The backend on this machine until the test's end: its environment and its bucket."""
        backend = subprocess.Popen([PROGRAMS / "posterframe", "local", "--data", self.work / "backend"], text=True,
                                   stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.addCleanup(backend.stdout.close)
        self.addCleanup(backend.wait)
        self.addCleanup(backend.terminate)
        settings, bucket = {}, None
        for line in backend.stdout:
            if line.startswith("export "):
                name, value = line.removeprefix("export ").strip().split("=", 1)
                settings[name] = value
            if line.startswith("# bucket "):
                bucket = line.split()[-1]
            if line.startswith("# try:"):
                break
        return settings, bucket

    def enter(self):
        """What a container engine does that matters here: the image's own root, its user, and no way back."""
        os.chroot(self.root)
        os.chdir("/")
        os.setgroups([])
        os.setgid(USER)
        os.setuid(USER)


def web_server(file, certificate, key):
    """The file at an https address, in ranges, to anybody; the address."""
    data = pathlib.Path(file).read_bytes()

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            first, last = (int(asked[1]), int(asked[2] or len(data) - 1)) if asked else (0, len(data) - 1)
            body = data[first:last + 1]
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{len(data)}")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"https://127.0.0.1:{server.server_port}/clip.mp4"


def pixels(png):
    command = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-f", "png_pipe", "-i", "-", "-f", "rawvideo", "-pix_fmt",
               "rgba64le", "-"]
    return subprocess.run(command, input=png, check=True, capture_output=True).stdout


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
