"""Runs the worker that is in an image's file system, and this machine's worker, on the same clip: the PNGs must be equal.

image_test.py ROOT WORKER CLIP POSITION     as root; moto is the S3
"""

import os
import pathlib
import socket
import stat
import subprocess
import sys
import time
import urllib.request

import boto3

ROOT, WORKER, CLIP, POSITION = sys.argv[1:]
USER = 65532


def enter_image():
    """What a container engine does that matters here: the image's own root, its user, and no way back."""
    os.chroot(ROOT)
    os.chdir("/")
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)


def run(command, name, **how):
    answer = subprocess.run(command, text=True, capture_output=True, **how, env={
        "INPUT_VIDEO_FILE_URL": "bucket/uploads/clip.mp4", "POSITION_TIME_DURATION": POSITION,
        "OUTPUT_THUMBS_FILE_NAME": name, "OUTPUT_S3_PATH": "bucket/thumbnails", "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"})
    print(answer.stdout + answer.stderr, end="")
    if answer.returncode != 0:
        sys.exit(f"{command[0]} ended with {answer.returncode}")
    picture = s3.get_object(Bucket="bucket", Key=f"thumbnails/{name}")
    return picture["Body"].read(), picture["Metadata"]


writable = [path for path in pathlib.Path(ROOT).rglob("*")
            if not path.is_symlink() and path.stat().st_mode & stat.S_IWOTH or path.lstat().st_uid == USER]
if writable:
    sys.exit(f"the worker could change its own image: {writable}")

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
endpoint = f"http://127.0.0.1:{port}"
server = subprocess.Popen([pathlib.Path(sys.executable).with_name("moto_server"), "--port", str(port)],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{endpoint}/moto-api/").close()
            break
        except OSError:
            time.sleep(0.2)
    s3 = boto3.client("s3", endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="y")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.upload_file(CLIP, "bucket", "uploads/clip.mp4")
    began = time.monotonic()
    theirs, proof = run(["/usr/bin/posterframe-worker"], "image.png", preexec_fn=enter_image)
    took = time.monotonic() - began
    ours, expected = run([WORKER], "host.png")
finally:
    server.kill()
    server.wait()

if (theirs, proof["pixel-sha256"]) != (ours, expected["pixel-sha256"]):
    sys.exit(f"the image's frame is another one: {proof}, expected {expected}")
print(f"identical PNGs, {len(ours)} bytes; in the image {took:.2f} s, {proof['libav-version']}")
