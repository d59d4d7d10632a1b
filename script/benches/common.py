"""Shared parts of the benchmarks: programs, clips, and rows of the table."""

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent.parent.parent
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")) / "release"
PROGRAM = RELEASE / "posterframe"
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
FFMPEG = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y"]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "posterframe" / "bench"


@dataclasses.dataclass
class Row:
    """A row of the table: our figures, a peer's from the same runs, if any, and the promised figure."""

    what: str
    ours: list
    unit: str = "s"
    promise: str = ""
    peer: str = ""
    theirs: list = dataclasses.field(default_factory=list)

    def ratios(self):
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs)]

    def markdown(self):
        cells = [self.what, figure(self.ours, self.unit), self.peer,
                 figure(self.theirs, self.unit) if self.theirs else "",
                 times(statistics.median(self.ratios())) if self.theirs else "", self.promise]
        return "| " + " | ".join(cells) + " |"


HEAD = "| figure | ours | peer | the peer's | ratio | promised |\n| --- | --- | --- | --- | --- | --- |"


def times(ratio):
    return f"{ratio:.2f} ×" if ratio >= 0.1 else f"{ratio:.4f} ×"


def figure(values, unit):
    median = statistics.median(values)
    if not unit and median == round(median):
        return str(round(median))
    digits = 0 if median >= 100 else 1 if median >= 10 else 3
    return f"{median:.{digits}f} {unit}".rstrip()


@dataclasses.dataclass
class Bench:
    """The arguments of a benchmark."""

    runs: int
    folder: pathlib.Path

    def short_clip(self):
        """A clip of 20 s and some 20 MB: 1080p30 H.264, with three B-frames and a keyframe every 250 frames."""
        return made("clip-20s.mp4", lambda file: encode(file, 20))

    def long_clip(self):
        """A clip of 40 minutes: 100 s of 1080p30 H.264 with GOPs of 250 frames and three B-frames, repeated 24 times."""

        def make(file):
            piece = made("clip-100s.mp4", lambda piece: encode(piece, 100, "2500k"))
            subprocess.run([*FFMPEG, "-stream_loop", "23", "-i", piece, "-c", "copy", file], check=True)

        return made("clip-40min.mp4", make)

    def positions(self, seconds):
        """Positions in a video of this length, in seconds. None is on a keyframe, and they are the same in every run."""
        return [round((0.07 + 0.9 * run / max(1, self.runs - 1) - 0.0137 * (run % 3)) * seconds, 2)
                for run in range(self.runs)]


def encode(file, seconds, rate="8M", size="1920x1080"):
    source = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=30", "-t", str(seconds)]
    codec = ["-c:v", "libx264", "-preset", "veryfast", "-g", "250", "-keyint_min", "250", "-sc_threshold", "0", "-bf", "3"]
    rate = ["-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-vf", "noise=alls=20:allf=t"]
    subprocess.run([*FFMPEG, *source, *codec, *rate, file], check=True)


def made(name, make):
    """The clip `name`, made once by `make` and kept for later runs."""
    CACHE.mkdir(parents=True, exist_ok=True)
    clip = CACHE / name
    if not clip.exists():
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            unfinished = pathlib.Path(folder) / name
            make(unfinished)
            unfinished.rename(clip)
    return clip


def example(name, *arguments):
    """Runs an example of the app. Returns the JSON that it prints."""
    command = [RELEASE / "examples" / name, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def frames(bench, name, what, memory=""):
    """Rows of an example that draws frames of a view. `memory` is the promised memory."""
    runs = [example(name) for _ in range(bench.runs)]
    return [Row(f"{what}: frame, median of 20", [run["median"] for run in runs], "ms", "at most 8 ms"),
            Row(f"{what}: frame, worst 20", [run["worst"] for run in runs], "ms", "at most 8 ms"),
            Row(f"{what}: first frame", [run["first"] for run in runs], "ms"),
            Row(f"{what}: memory", [run["bytes"] / 1e6 for run in runs], "MB", memory)]
