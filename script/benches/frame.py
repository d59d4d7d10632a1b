"""Measures `posterframe frame`, and ffmpeg's exact extraction of the same frame."""

import subprocess
import time

from .common import FFMPEG, PROGRAM, QUIET, Row


def timed(command):
    began = time.perf_counter()
    subprocess.run(command, check=True, **QUIET)
    return time.perf_counter() - began


def rows(bench):
    clip, png = bench.short_clip(), bench.folder / "frame.png"
    ours, theirs = [], []
    for position in map(str, bench.positions(19)):
        ours.append(timed([PROGRAM, "frame", clip, "--at", position, "--force", "-o", png]))
        theirs.append(timed([*FFMPEG, "-i", clip, "-ss", position, "-frames:v", "1", png]))
    return [Row("`posterframe frame`, 20 s clip", ours, peer="`ffmpeg -i CLIP -ss POSITION`", theirs=theirs)]
