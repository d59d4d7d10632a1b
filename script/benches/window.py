"""Measures the time from the start to a visible window, and the processor time of the idle window."""

import contextlib
import os
import pathlib
import subprocess
import tempfile
import time

from .common import PROGRAM, QUIET, Row


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(pid, seconds):
    """Seconds of processor time that a process takes for each of the next seconds."""
    before = cpu_seconds(pid)
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / seconds


@contextlib.contextmanager
def display():
    """Starts a display with software rendering. Yields its environment."""
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        number = server.stdout.readline().strip()
        environment = {**os.environ, "DISPLAY": f":{number}", "LIBGL_ALWAYS_SOFTWARE": "1"}
        environment.pop("WAYLAND_DISPLAY", None)
        yield environment
    finally:
        server.terminate()
        server.wait()


def rows(bench):
    clip = bench.short_clip()
    starts, idle = [], []
    with display() as environment:
        # The first start does not count, since it reads the program from disk.
        for run in range(bench.runs + 1):
            with tempfile.TemporaryDirectory() as data:
                began = time.perf_counter()
                app = subprocess.Popen([PROGRAM, clip, "--data", data], env=environment, **QUIET)
                search = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Posterframe"]
                subprocess.run(search, env=environment, check=True, **QUIET)
                if run > 0:
                    starts.append(time.perf_counter() - began)
                if run == bench.runs:
                    time.sleep(6)
                    idle.append(load(app.pid, 10))
                app.terminate()
                app.wait()
    return [Row("start to window, warm, software rendering", starts, promise="under 1 s"),
            Row("idle window, share of a processor", idle, unit="", promise="0")]
