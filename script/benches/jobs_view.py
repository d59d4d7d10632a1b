"""A frame of the Jobs view with 1,000 jobs and 100,000 log lines: processor time without the rasteriser, and memory."""

import json
import subprocess

from .common import HERE, RELEASE, Row


def rows(bench):
    command = ["cargo", "build", "--release", "--quiet", "--package", "posterframe", "--example", "jobs_frames"]
    subprocess.run(command, check=True, cwd=HERE)
    runs = []
    for _ in range(bench.runs):
        out = subprocess.run([RELEASE / "examples" / "jobs_frames"], capture_output=True, text=True, check=True)
        runs.append(json.loads(out.stdout))
    what = "Jobs view, 1,000 jobs, 100,000 lines"
    return [Row(f"{what}: frame, median of 20", [run["median"] for run in runs], "ms", "at most 8 ms"),
            Row(f"{what}: frame, worst 20", [run["worst"] for run in runs], "ms", "at most 8 ms"),
            Row(f"{what}: first frame", [run["first"] for run in runs], "ms"),
            Row(f"{what}: memory", [run["bytes"] / 1e6 for run in runs], "MB", "at most 150 MB")]
