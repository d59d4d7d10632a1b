"""Frames by rule: the best frames of a long film beside ffmpeg's `thumbnail`, and a thousand small videos by one command."""

import collections
import json
import os
import pathlib
import subprocess
import tempfile
import time

from .common import FFMPEG, PROGRAM, RELEASE, Row, made
from .worker import measured

VIDEOS = 1_000


def film():
    """A film of as many seconds as there are small videos: no second looks like another."""

    def make(file):
        source = ["-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=10:duration={VIDEOS}"]
        subprocess.run([*FFMPEG, *source, "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-keyint_min", "10",
                        "-sc_threshold", "0", file], check=True)

    return made("film-1000s.mp4", make)


def small_videos(folder):
    """A second each of the film, cut at its keyframes."""
    subprocess.run([*FFMPEG, "-i", film(), "-c", "copy", "-f", "segment", "-segment_time", "1", "-reset_timestamps", "1",
                    folder / "v%04d.mp4"], check=True)
    videos = sorted(folder.glob("v*.mp4"))
    assert len(videos) == VIDEOS, f"{len(videos)} videos"
    return videos


def best(clip):
    """Seconds for the five best frames, by the library alone."""
    return measured([RELEASE / "examples" / "picks", clip, "best", "5"])[0]


def thumbnail(clip, folder):
    """Seconds for ffmpeg's own choice among all keyframes."""
    return measured([*FFMPEG, "-skip_frame", "nokey", "-i", clip, "-vf", "thumbnail", "-frames:v", "5", "-fps_mode", "vfr",
                     folder / "thumbnail-%d.png"])[0]


def resident(process):
    """MB of memory that a process has now; nothing once it has ended."""
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return None
    lines = [line.split() for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(lines[0][1]) / 1e3 if lines else None


def submitted(command, videos, folder):
    """Runs a command that submits the videos. Seconds, and its memory after each tenth of the jobs, in MB.

    Fails where a video has no job, or two, or no thumbnail.
    """
    data, out = folder / "data", folder / "out"
    began = time.perf_counter()
    process = subprocess.Popen([PROGRAM, *command, "--best", "1", "--json", "--out", out], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, text=True, env=os.environ | {"POSTERFRAME_DATA": str(data)})
    jobs, memory = collections.Counter(), []
    for line in process.stdout:
        job = json.loads(line)
        assert job["state"] == "done", job
        jobs[job["video"]] += 1
        if len(jobs) % (VIDEOS // 10) == 0 and (now := resident(process)):
            memory.append(now)
    assert process.wait() == 0, "the command failed"
    lost, twice = set(map(str, videos)) - set(jobs), [video for video, count in jobs.items() if count > 1]
    assert not lost and not twice, f"lost: {sorted(lost)}, twice: {twice}"
    saved = len(list(out.iterdir()))
    assert saved == len(videos), f"{saved} thumbnails"
    return time.perf_counter() - began, memory


def many(name, command):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        (folder / "videos").mkdir()
        videos = small_videos(folder / "videos")
        seconds, memory = submitted(command(folder / "videos", videos), videos, folder)
    return [Row(f"{VIDEOS} small videos, `{name}`, none lost, none twice", [seconds]),
            Row("… memory after a tenth of them", [memory[0]], "MB"),
            Row("… and after all, beyond that", [memory[-1] - memory[0]], "MB", "flat")]


def rows(bench):
    clip = bench.long_clip()
    runs = [(best(clip), thumbnail(clip, bench.folder)) for _ in range(bench.runs)]
    return [
        Row("five best frames, 40 min", [ours for ours, _ in runs], promise="at most 12 s and 1.0 ×",
            peer="`ffmpeg -skip_frame nokey -vf thumbnail`", theirs=[theirs for _, theirs in runs]),
        *many("submit --best 1", lambda _, videos: ["submit", *videos]),
        *many("watch --best 1 --once", lambda folder, _: ["watch", folder, "--once", "--settle", "1s"]),
    ]
