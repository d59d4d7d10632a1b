"""Measures the original project's command, which decodes everything up to the frame, in the middle of 40 minutes. It
runs only once, since it takes minutes."""

from .common import FFMPEG, Row
from .server import serving
from .worker import measured, ours

HALFWAY = 1203.37


def rows(bench):
    clip, png = bench.long_clip(), bench.folder / "frame.png"
    with serving({clip.name: clip}) as server:
        times = [ours(server, clip.name, HALFWAY)[0] for _ in range(bench.runs)]
        command = [*FFMPEG, "-i", f"{server.url}/bench/{clip.name}", "-ss", str(HALFWAY), "-frames:v", "1", png]
        theirs = measured(command)[0]
    return [Row("worker, half-way into 40 min", times, promise="at most 0.0033 ×", peer="`ffmpeg -i URL -ss P`, once",
                theirs=[theirs] * len(times))]
