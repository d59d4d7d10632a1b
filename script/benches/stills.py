"""Many stills in one task, over HTTP from the 40-minute file, beside ffmpeg once for each still, and beside one pass of it."""

import json
import os
import pathlib
import random
import re
import tempfile
import time

from .common import FFMPEG, Row
from .layout import index_bytes, packets_bytes
from .server import serving
from .worker import IMAGE, SECONDS, WORKER, measured

# The clip has a keyframe every 250 frames of 1/30 s.
GROUP_SECONDS = 250 / 30


def task(server, folder, name, positions):
    """Seconds, MB at the most, bytes and requests of a task that makes these stills."""
    request = folder / "request.json"
    request.write_text(json.dumps({
        "version": 1, "source": {"url": f"s3://bench/{name}"}, "name": "still",
        "stills": [{"at": f"{position:.3f}"} for position in positions],
    }))
    server.files["request.json"] = request
    environment = os.environ | {
        "JOB_REQUEST": "s3://bench/jobs/request.json", "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_EC2_METADATA_DISABLED": "true",
        **IMAGE,
    }
    seconds, memory, log = measured([WORKER], env=environment)
    read, requests = re.search(r"read (\d+) of \d+ bytes in (\d+) requests", log).groups()
    return seconds, memory, int(read), int(requests)


def needed(clip, positions):
    """Bytes of the index, and of each group's packets up to the last still in it."""
    last = {}
    for position in sorted(positions):
        last[int(position / GROUP_SECONDS)] = position
    return index_bytes(clip) + sum(packets_bytes(clip, position) for position in last.values())


def one_by_one(server, folder, name, positions):
    began = time.perf_counter()
    for position in positions:
        measured([*FFMPEG, "-ss", f"{position:.3f}", "-i", f"{server.url}/bench/{name}", "-frames:v", "1",
                  folder / "still.png"])
    return time.perf_counter() - began


def one_pass(server, folder, name, start, seconds):
    command = [*FFMPEG, "-ss", str(start), "-t", str(seconds), "-i", f"{server.url}/bench/{name}", "-vf", "fps=1",
               folder / "still-%03d.png"]
    return measured(command)[0]


def rows(bench):
    clip = bench.long_clip()
    chosen = random.Random(17)
    scattered = [round(chosen.uniform(0, SECONDS), 3) for _ in range(100)]
    start = 600.4
    in_a_row = [start + second for second in range(300)]
    with serving({clip.name: clip}) as server, tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        single = task(server, folder, clip.name, scattered[:1])
        many = task(server, folder, clip.name, scattered)
        each = one_by_one(server, folder, clip.name, scattered)
        row = task(server, folder, clip.name, in_a_row)
        whole = one_pass(server, folder, clip.name, start, len(in_a_row))
    return [
        Row("100 stills at random, one task", [many[0]], promise="at most 0.35 ×", peer="100 × `ffmpeg -ss P -i URL`",
            theirs=[each]),
        Row("… of what must be read", [many[2] / 1e6], "MB", "at most 1.2 ×", "index and packets",
            [needed(clip, scattered) / 1e6]),
        Row("… memory beyond one still's", [many[1] - single[1]], "MB", "at most 15 MB"),
        Row("300 stills, one a second", [row[0]], promise="at most 1.0 ×", peer="`ffmpeg -vf fps=1`, one pass",
            theirs=[whole]),
        Row("… memory beyond one still's", [row[1] - single[1]], "MB", "at most 15 MB"),
    ]
