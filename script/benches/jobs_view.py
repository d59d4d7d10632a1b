"""A frame of the Jobs view with 1,000 jobs and 100,000 log lines: processor time without the rasteriser, and memory."""

from .common import Row, example


def rows(bench):
    runs = [example("jobs_frames") for _ in range(bench.runs)]
    what = "Jobs view, 1,000 jobs, 100,000 lines"
    return [Row(f"{what}: frame, median of 20", [run["median"] for run in runs], "ms", "at most 8 ms"),
            Row(f"{what}: frame, worst 20", [run["worst"] for run in runs], "ms", "at most 8 ms"),
            Row(f"{what}: first frame", [run["first"] for run in runs], "ms"),
            Row(f"{what}: memory", [run["bytes"] / 1e6 for run in runs], "MB", "at most 150 MB")]
