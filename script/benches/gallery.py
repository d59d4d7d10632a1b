"""A frame of the Gallery with 10,000 thumbnails: processor time without the rasteriser, and memory without the pictures."""

from .common import frames


def rows(bench):
    return frames(bench, "gallery_frames", "Gallery, 10,000 thumbnails")
