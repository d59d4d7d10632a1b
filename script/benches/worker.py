"""Measures the worker, from its start to the PNG in the bucket, and ffmpeg's seek over the same HTTP server: time, read
bytes and memory. The bytes are compared with the size of the index and the packets from the keyframe to the frame."""

import os
import re
import subprocess
import time

from .common import FFMPEG, QUIET, RELEASE, Row, encode, made
from .layout import index_bytes, packets_bytes
from .server import serving

WORKER = RELEASE / "posterframe-worker"
SECONDS = 2390
# What the Dockerfile sets too.
IMAGE = {"MALLOC_MMAP_THRESHOLD_": "262144"}


def environment(server, name, position):
    return os.environ | {
        "INPUT_VIDEO_FILE_URL": f"bench/{name}", "POSITION_TIME_DURATION": f"{int(position) // 60:02}:{position % 60:06.3f}",
        "OUTPUT_THUMBS_FILE_NAME": "frame.png", "OUTPUT_S3_PATH": "bench/thumbnails", "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": server.url, "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_EC2_METADATA_DISABLED": "true", **IMAGE,
    }


def measured(command, **options):
    """Runs a command. Returns seconds, the peak of its memory in MB, and its standard output."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               text=True, **options)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed: {output}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024, output


def ours(server, name, position):
    seconds, memory, log = measured([WORKER], env=environment(server, name, position))
    read, requests = re.search(r"read (\d+) of \d+ bytes in (\d+) requests", log).groups()
    return seconds, memory, int(read), int(requests)


def seek_first(server, name, position, png):
    before = server.sent
    command = [*FFMPEG, "-ss", str(position), "-i", f"{server.url}/bench/{name}", "-frames:v", "1", png]
    return measured(command)[0], server.sent - before


def remuxed(bench, name, *options):
    source = bench.long_clip()
    return made(name, lambda file: subprocess.run([*FFMPEG, "-i", source, "-c", "copy", *options, file], check=True, **QUIET))


def rows(bench):
    clips = {
        "40 min, index at the end": bench.long_clip(),
        "40 min, index at the front": remuxed(bench, "clip-40min-front.mp4", "-movflags", "+faststart"),
        "40 min, Matroska": remuxed(bench, "clip-40min.mkv"),
    }
    table, png = [], bench.folder / "frame.png"
    with serving({clip.name: clip for clip in clips.values()}) as server:
        for what, clip in clips.items():
            times, memory, read, requests, least, peer_times, peer_read = ([] for _ in range(7))
            for position in bench.positions(SECONDS):
                seconds, megabytes, count, asked = ours(server, clip.name, position)
                peer_seconds, peer_count = seek_first(server, clip.name, position, png)
                times.append(seconds), memory.append(megabytes), read.append(count / 1e6), requests.append(asked)
                peer_times.append(peer_seconds), peer_read.append(peer_count / 1e6)
                least.append((index_bytes(clip) + packets_bytes(clip, position)) / 1e6)
            table += [
                Row(f"worker, {what}", times, promise="at most 0.6 ×", peer="`ffmpeg -ss P -i URL`", theirs=peer_times),
                Row("… read", read, "MB", "", "the same", peer_read),
                Row("… of what must be read", read, "MB", "at most 1.5 ×", "index and packets", least),
                Row("… in requests", requests, ""),
                Row("… memory", memory, "MB", "at most 80 MB"),
            ]
    return [*table, *large(bench)]


def large(bench):
    size = "3840x2160"
    clip = made("clip-4k.mp4", lambda file: encode(file, 9, "20M", size))
    with serving({clip.name: clip}) as server:
        runs = [ours(server, clip.name, position) for position in (place % 8.5 for place in bench.positions(8))]
    return [Row("worker, 4K", [run[0] for run in runs]), Row("… memory", [run[1] for run in runs], "MB", "at most 250 MB")]
