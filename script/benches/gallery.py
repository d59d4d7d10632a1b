"""Measures a frame of the Gallery with 10,000 thumbnails: processor time without rasterising, memory without pictures."""

from .common import frames


def rows(bench):
    return frames(bench, "gallery_frames", "Gallery, 10,000 thumbnails")
