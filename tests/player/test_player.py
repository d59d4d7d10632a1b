"""A sheet's cues in a real page: Plyr's preview thumbnails in a headless Chromium show, for each place of the progress bar, the
tile of that time.

The clip has another colour every two seconds, so a wrong tile, or a part of two, is another colour. The video and the page are
served from one folder, as a site would.
"""

import functools
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = pathlib.Path(os.environ["POSTERFRAME_PROGRAMS"]) / "posterframe"
COLORS = ["red", "lime", "blue", "yellow", "magenta", "cyan", "white", "gray", "orange", "purple", "teal", "maroon"]
STEP = 2
LENGTH = STEP * len(COLORS)


def clip(path):
    """A VP8 clip, which each Chromium plays, with the moment's colour and a keyframe for each."""
    parts = [f"color={color}:size=320x180:rate=10:duration={STEP}[{index}]" for index, color in enumerate(COLORS)]
    joined = "".join(f"[{index}]" for index in range(len(COLORS)))
    graph = ";".join(parts) + f";{joined}concat=n={len(COLORS)}"
    command = ["ffmpeg", "-v", "error", "-y", "-filter_complex", graph, "-c:v", "libvpx", "-g", "10", "-b:v", "1M", path]
    subprocess.run(command, check=True)


def served(folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def mean(picture, box):
    part = picture.crop(box).resize((1, 1), Image.Resampling.BOX)
    return part.convert("RGB").getpixel((0, 0))


def alike(a, b):
    return all(abs(x - y) <= 12 for x, y in zip(a, b))


def tiles(folder):
    """The cues: from, to, and the mean colour of that part of the sheet."""
    text = (folder / "clip-sheet.vtt").read_text()
    pattern = r"(\d+):(\d+):(\d+\.\d+) --> (\d+):(\d+):(\d+\.\d+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)"
    for match in re.finditer(pattern, text):
        at = [float(part) for part in match.groups()[:6]]
        left, top, width, height = map(int, match.groups()[7:])
        sheet = Image.open(folder / match.group(7))
        # A part of its middle: a JPEG's edges have something of their neighbours.
        box = (left + width // 4, top + height // 4, left + width * 3 // 4, top + height * 3 // 4)
        yield at[0] * 3600 + at[1] * 60 + at[2], at[3] * 3600 + at[4] * 60 + at[5], mean(sheet, box)


def main():
    plyr = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        clip(folder / "clip.webm")
        # Chromium goes by what a file is, Plyr by the page.
        shutil.copy(folder / "clip.webm", folder / "clip.mp4")
        command = [PROGRAM, "frame", folder / "clip.mp4", "--sheet", f"160x90@{STEP}s:columns=5:exact", "--out", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        shutil.copy(HERE / "page.html", folder / "page.html")
        for file in ("plyr.js", "plyr.css", "plyr.svg"):
            shutil.copy(plyr / file, folder)
        cues = list(tiles(folder))
        assert len(cues) == len(COLORS), cues
        assert len({color for _, _, color in cues}) == len(COLORS), cues
        server = served(folder)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 900, "height": 640})
            page.goto(f"http://127.0.0.1:{server.server_port}/page.html")
            page.wait_for_function("player.duration > 0 && document.querySelector('.plyr__preview-thumb')")
            bar = page.locator(".plyr__progress input").bounding_box()
            wrong = []
            for start, end, color in cues:
                for part in (0.2, 0.5, 0.8):
                    time = start + (min(end, LENGTH) - start) * part
                    page.mouse.move(bar["x"] + bar["width"] * time / LENGTH, bar["y"] + bar["height"] / 2)
                    page.wait_for_selector(".plyr__preview-thumb--is-shown .plyr__preview-thumb__image-container img")
                    page.wait_for_timeout(120)
                    shot = folder / "shot.png"
                    page.locator(".plyr__preview-thumb__image-container").screenshot(path=shot)
                    picture = Image.open(shot)
                    width, height = picture.size
                    # Above the time, which stands on the picture.
                    seen = mean(picture, (width // 4, height // 6, width * 3 // 4, height // 2))
                    if not alike(seen, color):
                        wrong.append({"time": round(time, 2), "seen": seen, "tile": color})
            browser.close()
        server.shutdown()
        if wrong:
            sys.exit("the page shows other tiles: " + json.dumps(wrong, indent=1))
        print(f"{3 * len(cues)} of {3 * len(cues)} places of the progress bar show the tile of their time")


main()
