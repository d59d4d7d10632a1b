"""Measures a video at a distance: the first picture, exact frames after jumps, steps back, and what is read for them. A
server of ours adds a latency to each answer and limits the rate. mpv seeks exactly to the same positions over the same server.

The driver is gui/examples/remote.rs, which uses the player like the New view.
"""

import random
import shutil
import statistics
import subprocess

from .common import FFMPEG, QUIET, Row, example, made
from .layout import index_bytes, packets_bytes
from .scrub import mpv
from .server import serving

PREVIEW = ["948", "533"]
LENGTH = 2390
# 20 Mbit/s, in bytes a second.
SLOW = 2_500_000
LINKS = {"0 ms": (0, None), "30 ms": (0.03, None), "100 ms": (0.1, None), "30 ms, 20 Mbit/s": (0.03, SLOW)}


def large_clip(bench):
    """20 GB, of which the index names a part: ten minutes, and a box after them that takes no room on the disk."""
    source = bench.long_clip()

    def make(file):
        subprocess.run([*FFMPEG, "-i", source, "-c", "copy", "-t", "600", "-movflags", "+faststart", file], check=True, **QUIET)
        with open(file, "r+b") as clip:
            # A box of 20 GB that players skip, as a 64-bit length says.
            clip.seek(0, 2)
            clip.write((1).to_bytes(4, "big") + b"free" + (20 * 10**9).to_bytes(8, "big"))
            clip.truncate(clip.tell() - 16 + 20 * 10**9)

    return made("clip-20gb.mp4", make)


def rows(bench):
    random.seed(2400)
    clip, table = bench.long_clip(), []
    positions = [round(random.uniform(5, LENGTH - 5), 3) for _ in range(20)]
    least = index_bytes(clip) + sum(packets_bytes(clip, position) for position in positions)
    for number, (link, (latency, rate)) in enumerate(LINKS.items()):
        with serving({clip.name: clip}, latency, rate) as server:
            url = f"{server.url}/bench/{clip.name}"
            ours = example("remote", url, *PREVIEW, *positions)
            before = server.sent
            theirs = mpv(url, positions, bench.folder / f"mpv-{number}.sock") if shutil.which("mpv") else []
            peer_bytes = server.sent - before
        name = f"at a distance, {link}"
        table.append(Row(f"{name}: first picture after opening", [ours["first"]], "ms"))
        table.append(Row("… in requests", [ours["first_requests"]], "", "at most 3"))
        promise = "at most 0.5 ×" if latency == 0.03 and rate is None else ""
        table.append(Row(f"{name}: exact frame after a jump, 1080p, GOP 250", ours["exact"], "ms", promise,
                         "`mpv URL --hr-seek=yes`", theirs))
        table.append(Row("… in requests", [statistics.mean(ours["requests"])], ""))
        if theirs:
            table.append(Row("… read", [ours["bytes"] / 1e6], "MB", "at most 0.25 ×", "the same", [peer_bytes / 1e6]))
        table.append(Row("… of what must be read", [ours["bytes"] / 1e6], "MB", "at most 1.3 ×", "index and packets", [least / 1e6]))
        table.append(Row("… requests for a step back and a second look", [ours["again_requests"]], "", "0"))
    with serving({"large.mp4": large_clip(bench)}, 0.03, SLOW) as server:
        few = [position % 590 + 1 for position in positions[:5]]
        ours = example("remote", f"{server.url}/bench/large.mp4", *PREVIEW, *few)
        table.append(Row("at a distance, 20 GB, 30 ms, 20 Mbit/s: first picture", [ours["first"]], "ms"))
        table.append(Row("… exact frame after a jump", ours["exact"], "ms"))
        table.append(Row("… read", [ours["bytes"] / 1e6], "MB"))
    return table
