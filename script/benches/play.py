"""Playing: what the window takes of the processor beside mpv, pictures left out, and how soon the first one is there."""

import json
import subprocess
import tempfile
import time

from .common import FFMPEG, PROGRAM, QUIET, RELEASE, Row, made
from .window import display, load

SECONDS = 8


def clip(name, size, rate):
    source = f"mandelbrot=size={size}:rate={rate}:start_scale=0.3"
    return made(name, lambda file: subprocess.run(
        [*FFMPEG, "-f", "lavfi", "-i", source, "-t", "24", "-c:v", "libx264", "-preset", "veryfast", "-g", "250",
         "-pix_fmt", "yuv420p", file], check=True))


def played(video, speed=1, start=0):
    command = [RELEASE / "examples" / "play", video, str(SECONDS), str(speed), str(start)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def of_window(video, environment):
    """Seconds of processor time for each second of playing in the window, in which the preview is 948 points wide."""
    with tempfile.TemporaryDirectory() as data:
        app = subprocess.Popen([PROGRAM, video, "--data", data], env=environment, **QUIET)
        search = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Posterframe"]
        subprocess.run(search, env=environment, check=True, **QUIET)
        time.sleep(6)
        subprocess.run(["xdotool", "key", "space"], env=environment, check=True, **QUIET)
        time.sleep(1)
        used = load(app.pid, SECONDS)
        app.terminate()
        app.wait()
    return used


def of_mpv(video, environment):
    """The same of mpv in a window of that size."""
    command = ["mpv", "--no-config", "--no-audio", "--vo=x11", "--osc=no", "--geometry=948x533", "--loop", video]
    peer = subprocess.Popen(command, env=environment, **QUIET)
    time.sleep(3)
    used = load(peer.pid, SECONDS)
    peer.terminate()
    peer.wait()
    return used


def rows(bench):
    full, large = clip("play-1080p60.mp4", "1920x1080", 60), clip("play-4k30.mp4", "3840x2160", 30)
    ours, theirs = [], []
    with display() as environment:
        for _ in range(bench.runs):
            ours.append(of_window(full, environment))
            theirs.append(of_mpv(full, environment))
    runs = [played(full) for _ in range(bench.runs)]
    of_large = [played(large) for _ in range(bench.runs)]
    back = [played(full, -1, 20) for _ in range(bench.runs)]
    lost = [max(0.0, 1 - run["shown"] / run["wanted"]) * 100 for run in of_large]
    return [
        Row("Playing 1080p60: processor time a second", ours, promise="at most 1.2 ×", peer="`mpv --no-audio --vo=x11`",
            theirs=theirs),
        Row("… pictures a second of 60", [run["shown"] / SECONDS for run in runs], "", "60"),
        Row("4K30: pictures left out", lost, "%", "at most 10 %"),
        Row("From Space to the first picture", [run["first"] for run in runs], promise="at most 0.05 s"),
        Row("Backwards, GOP of 250: pictures a second", [run["shown"] / SECONDS for run in back], "", "at least 12"),
    ]
