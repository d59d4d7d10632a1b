"""Measures a frame of the Jobs view with 1,000 jobs and 100,000 log lines: processor time without rasterising, memory."""

from .common import frames


def rows(bench):
    return frames(bench, "jobs_frames", "Jobs view, 1,000 jobs, 100,000 lines", "at most 150 MB")
