"""Measures the first build of `script/run`: the program with all dependencies, into an empty folder."""

import os
import resource
import subprocess
import tempfile
import time

from .common import HERE, Row


def rows(_bench):
    # Crates are fetched first, so that the network does not count. One run is enough, since it takes minutes.
    subprocess.run(["cargo", "fetch", "--quiet"], check=True, cwd=HERE)
    command = ["cargo", "build", "--release", "--quiet", "--package", "posterframe"]
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(command, check=True, cwd=HERE, env={**os.environ, "CARGO_TARGET_DIR": folder})
        took, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    processors = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [
        Row("first build of the app, processor time", [processors / 60], "min", "at most 14 min"),
        Row("… on the clock", [took / 60], "min"),
    ]
