"""Sizes of a video's index and packets in its file: the fewest bytes that must be read for one frame."""

import pathlib
import struct
import subprocess


def index_bytes(clip):
    """Size in bytes of an MP4's `moov` box, or of everything but the clusters of a Matroska file."""
    with open(clip, "rb") as file:
        size = pathlib.Path(clip).stat().st_size
        return mp4_index(file, size) if clip.suffix == ".mp4" else matroska_index(file, size)


def mp4_index(file, size):
    at = 0
    while at < size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if length == 1:
            length = struct.unpack(">Q", file.read(8))[0]
        if kind == b"moov":
            return length
        at += length or size
    raise ValueError("no moov box")


def matroska_index(file, size):
    def number(keep_marker):
        first = file.read(1)[0]
        length = 9 - first.bit_length()
        value = first if keep_marker else first & ((1 << (8 - length)) - 1)
        return int.from_bytes(bytes([value]) + file.read(length - 1), "big")

    segment, cluster, total, in_segment = 0x18538067, 0x1F43B675, 0, False
    file.seek(0)
    while file.tell() < size:
        start, kind, length = file.tell(), number(True), number(False)
        if kind == segment and not in_segment:
            in_segment = True
            continue
        if kind != cluster:
            total += file.tell() + length - start
        file.seek(length, 1)
    return total


def packets_bytes(clip, position):
    """Size in bytes of the packets from the keyframe to the frame at `position`, in decoding order."""
    interval = f"{max(0, position - 12)}%{position + 2}"
    entries = ["-select_streams", "v:0", "-show_entries", "packet=pts_time,size,flags", "-of", "csv=p=0"]
    command = ["ffprobe", "-v", "error", "-read_intervals", interval, *entries, clip]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    packets = [(float(pts), int(size), flags.startswith("K")) for pts, size, flags, *_ in (x.split(",") for x in lines)]
    target = min((pts, number) for number, (pts, *_) in enumerate(packets) if pts >= position)[1]
    keyframe = max(number for number in range(target + 1) if packets[number][2])
    return sum(size for _, size, _ in packets[keyframe:target + 1])
