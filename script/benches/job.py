"""Measures a whole job on this computer, from the submission to the PNG."""

import json
import subprocess
import tempfile
from datetime import datetime

from .common import PROGRAM, Row


def seconds_between(start, end):
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def rows(bench):
    clip = bench.short_clip()
    whole, extract = [], []
    for position in bench.positions(19):
        with tempfile.TemporaryDirectory() as data:
            command = [PROGRAM, "submit", clip, "--at", str(position), "--json", "--data", data]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        phases = json.loads(answer)["phases"]
        whole.append(seconds_between(phases[0]["started"], phases[-1]["ended"]))
        extract.append(phases[3]["seconds"])
    return [Row("submit to PNG, 1080p, this computer", whole, promise="under 1.5 s"), Row("… of which the task", extract)]
