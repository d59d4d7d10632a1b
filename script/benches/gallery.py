"""A frame of the Gallery with 10,000 thumbnails: processor time without the rasteriser, and memory without the pictures."""

from .common import Row, example


def rows(bench):
    runs = [example("gallery_frames") for _ in range(bench.runs)]
    what = "Gallery, 10,000 thumbnails"
    return [Row(f"{what}: frame, median of 20", [run["median"] for run in runs], "ms", "at most 8 ms"),
            Row(f"{what}: frame, worst 20", [run["worst"] for run in runs], "ms", "at most 8 ms"),
            Row(f"{what}: first frame", [run["first"] for run in runs], "ms"),
            Row(f"{what}: memory", [run["bytes"] / 1e6 for run in runs], "MB")]
