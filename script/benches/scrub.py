"""Measures scrubbing in 40 minutes of 1080p with a keyframe every 250 frames, and mpv's exact seeks to the same positions.

The driver is gui/examples/scrub.rs, which uses the player like the New view.
"""

import json
import random
import shutil
import socket
import subprocess
import time

from .common import QUIET, Row, example

PREVIEW = ["948", "533"]
LENGTH = 2400


def rows(bench):
    clip = bench.long_clip()
    random.seed(2400)
    positions = [round(random.uniform(5, LENGTH - 5), 3) for _ in range(max(20, 4 * bench.runs))]
    ours = example("scrub", clip, *PREVIEW, *positions)
    theirs = mpv(clip, positions, bench.folder / "mpv.sock") if shutil.which("mpv") else []
    return [
        Row("scrubbing: first picture after opening", ours["first"], "ms", "at most 150 ms"),
        Row("scrubbing: exact frame after a jump out of the blue, 1080p, GOP 250", ours["exact"], "ms", "at most 1 ×",
            "`mpv --hr-seek=yes`", theirs),
        Row("scrubbing: exact frame after a click, the pointer at rest for 0.5 s before", ours["click"], "ms",
            "at most 0.5 ×", "`mpv --hr-seek=yes`", theirs),
        Row("scrubbing: exact frame after letting go of a drag, at rest for 0.1 s before", ours["release"], "ms",
            "at most 0.5 ×", "`mpv --hr-seek=yes`", theirs),
        Row("scrubbing: a picture every, while dragging (95th percentile)", [percentile(ours["drag"], 95)], "ms",
            "at most 33 ms"),
        Row("scrubbing: newer requests than the picture's when its decoding began (most)", [max(ours["late"])], "", "0"),
        Row("scrubbing: one frame back (95th percentile)", [percentile(ours["back"], 95)], "ms", "at most 16 ms"),
        Row("scrubbing: window's thread held up by a request (most)", [max(ours["request"])], "ms", "at most 4 ms"),
    ]


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, len(values) * part // 100)]


def mpv(clip, positions, pipe):
    """Milliseconds from each seek command to the picture."""
    player = subprocess.Popen(
        ["mpv", "--no-config", "--hr-seek=yes", "--vo=null", "--ao=null", "--pause", "--keep-open=yes", "--no-terminal",
         f"--input-ipc-server={pipe}", clip], **QUIET)
    try:
        while not pipe.exists():
            time.sleep(0.05)
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(pipe))
        lines = connection.makefile("rw")
        # Waits for the first picture.
        time.sleep(1)
        took = []
        for position in positions:
            began = time.perf_counter()
            lines.write(json.dumps({"command": ["seek", position, "absolute+exact"]}) + "\n")
            lines.flush()
            for event in ("seek", "playback-restart"):
                while json.loads(lines.readline()).get("event") != event:
                    pass
            took.append((time.perf_counter() - began) * 1000)
        return took
    finally:
        player.kill()
        player.wait()
