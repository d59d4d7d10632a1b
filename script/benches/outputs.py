"""Outputs: encoders beside well-known ones at equal quality, scaling beside a reference, a sheet of the 40-minute file beside
ffmpeg's filters, and what `verify` says of stills that it should and should not know."""

import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import time

from .common import FFMPEG, HERE, PROGRAM, RELEASE, Row

# The still that is encoded: detail and flat parts, as films have them.
SCENE = "mandelbrot=size=1920x1080:start_scale=0.01:rate=1"
STILLS = 200


def still(folder):
    path = folder / "still.png"
    noise = "noise=alls=6:allf=t:all_seed=7,format=rgb24"
    subprocess.run([*FFMPEG, "-f", "lavfi", "-i", SCENE, "-vf", noise, "-frames:v", "1", path], check=True)
    return path


def psnr(a, b):
    """Decibels between two pictures, of their luma: how colour is stored at a quarter of the pixels is each encoder's own."""
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-i", a, "-i", b, "-lavfi",
               "[0]format=yuv444p[a];[1]format=yuv444p[b];[a][b]psnr", "-f", "null", "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return float(re.search(r" y:(\S+)", text).group(1))


def ours(png, output, file):
    command = [RELEASE / "examples" / "encode", png, output, file]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def timed(command, **options):
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    return time.perf_counter() - began


# A peer's command for a quality. `wall` counts reading the PNG, as `ours` is timed as a whole program too.
PEERS = {
    "JPEG": ("jpeg", "jpg", "`cjpeg -progressive`",
             lambda png, quality, file: ["sh", "-c", f"ffmpeg -v error -i '{png}' -f image2pipe -c:v ppm - |"
                                         f" cjpeg -progressive -optimize -quality {quality} -outfile '{file}'"]),
    "WebP": ("webp", "webp", "`cwebp`", lambda png, quality, file: ["cwebp", "-quiet", "-q", str(quality), png, "-o", file]),
    "AVIF": ("avif:8", "avif", "`avifenc`",
             lambda png, quality, file: ["avifenc", "-s", "8", "--min", str(63 - quality * 63 // 100), "--max",
                                         str(63 - quality * 63 // 100), "-y", "420", png, file]),
}


def decoded(file, folder):
    """A file as a PNG, by a decoder that is not ours."""
    png = folder / "decoded.png"
    if file.suffix == ".avif":
        subprocess.run(["avifdec", file, png], check=True, stdout=subprocess.DEVNULL)
    elif file.suffix == ".webp":
        subprocess.run(["dwebp", "-quiet", file, "-o", png], check=True)
    else:
        subprocess.run([*FFMPEG, "-i", file, png], check=True)
    return png


def at_equal_quality(png, target, command, extension, folder):
    """The peer's lowest quality that comes at least as near to the original as ours: seconds and bytes."""
    low, high = 1, 100
    while low < high:
        middle = (low + high) // 2
        file = folder / f"peer.{extension}"
        timed(command(png, middle, file))
        if psnr(decoded(file, folder), png) >= target:
            high = middle
        else:
            low = middle + 1
    file = folder / f"peer.{extension}"
    return timed(command(png, low, file)), file.stat().st_size


def encoders(bench, folder):
    png = still(folder)
    rows = []
    for label, (output, extension, name, command) in PEERS.items():
        file = folder / f"ours.{extension}"
        whole = [RELEASE / "examples" / "encode", png, output, file]
        seconds = [timed(whole) for _ in range(bench.runs)]
        size = ours(png, output, file)["bytes"]
        peer, peer_size = at_equal_quality(png, psnr(decoded(file, folder), png), command, extension, folder)
        rows += [Row(f"1080p as {label}, at equal PSNR", seconds, peer=name, theirs=[peer] * bench.runs),
                 Row(f"… {label}, its size", [size / 1e3], "kB", peer=name, theirs=[peer_size / 1e3])]
    return rows


def scaling(folder):
    """Ours beside ImageMagick's Lanczos in linear light and 16 bits."""
    png, small, reference = still(folder), folder / "small.png", folder / "reference.png"
    ours(png, "png:640x360", small)
    subprocess.run(["convert", png, "-depth", "16", "-colorspace", "RGB", "-filter", "Lanczos", "-resize", "640x360!",
                    "-colorspace", "sRGB", "-depth", "8", f"PNG24:{reference}"], check=True)
    return [Row("1080p to 360p beside ImageMagick’s Lanczos in linear light", [psnr(small, reference)], "dB")]


def sheet(bench, folder):
    clip = bench.long_clip()
    ours = [timed([PROGRAM, "frame", clip, "--sheet", "160x90@10s", "--out", folder, "--force"])
            for _ in range(bench.runs)]
    keys = [timed([*FFMPEG, "-skip_frame", "nokey", "-i", clip, "-an", "-vf", "scale=160:90,tile=10x29", "-frames:v", "1",
                   folder / "keys.jpg"]) for _ in range(bench.runs)]
    whole = [timed([*FFMPEG, "-i", clip, "-an", "-vf", "fps=1/10,scale=160:90,tile=10x24", "-frames:v", "1",
                    folder / "whole.jpg"])]
    return [Row("Sheet of 40 minutes", ours, promise="at most 1.0 ×", peer="`ffmpeg -skip_frame nokey … tile`", theirs=keys),
            Row("… beside every frame", ours[:1], promise="at most 0.033 ×", peer="`ffmpeg -vf fps=1/10,…,tile`", theirs=whole)]


def verify(folder):
    """What `verify` says: of the very frames, also encoded again and scaled, it must say yes; of others never."""
    clip = folder / "film.mp4"
    source = "testsrc2=size=640x360:rate=25:duration=40"
    subprocess.run([*FFMPEG, "-f", "lavfi", "-i", source, "-vf", "noise=alls=8:allf=t:all_seed=3", "-c:v", "libx264", "-g", "50",
                    clip], check=True)
    chosen = random.Random(5)
    yes, no, wrong = 0, 0, []
    for number in range(STILLS):
        time_of = chosen.randrange(20, 970) / 25
        png = folder / "verify.png"
        subprocess.run([PROGRAM, "frame", clip, "--at", f"{time_of:.3f}", "-o", png, "--force"], check=True,
                       stdout=subprocess.DEVNULL)
        kind = number % 5
        still, expected = altered(png, kind, chosen, clip, time_of, folder)
        code = subprocess.run([PROGRAM, "verify", still, clip], capture_output=True).returncode
        if expected:
            yes += code == 0
        else:
            no += code != 0
        if (code == 0) != expected:
            wrong.append((number, kind, code))
    right = STILLS * 3 // 5
    if wrong:
        print("verify was wrong of", wrong)
    return [Row(f"`verify` of {right} right stills: yes", [100 * yes / right], "%", "at least 99 %"),
            Row(f"`verify` of {STILLS - right} other stills: yes", [STILLS - right - no], "", "0")]


def altered(png, kind, chosen, clip, time_of, folder):
    """A still, and whether it is the frame that it says it is."""
    if kind == 0:
        return png, True
    if kind == 1:
        # Another frame's pixels with this one's proof.
        neighbour = folder / "neighbour.png"
        subprocess.run([*FFMPEG, "-ss", f"{time_of + 1 / 25:.3f}", "-i", clip, "-frames:v", "1", neighbour], check=True)
        return with_text_of(png, neighbour), False
    if kind == 2:
        return with_one_bit(png, folder), False
    if kind == 3:
        quality, file = chosen.randrange(60, 96), folder / "again.jpg"
        subprocess.run([PROGRAM, "frame", clip, "--at", f"{time_of:.3f}", "--output", f"jpeg:q={quality}", "-o", file, "--force"],
                       check=True, stdout=subprocess.DEVNULL)
        return file, True
    file = folder / "half.png"
    subprocess.run([PROGRAM, "frame", clip, "--at", f"{time_of:.3f}", "--output", "png:320x180", "-o", file, "--force"],
                   check=True, stdout=subprocess.DEVNULL)
    return file, True


def chunks(data):
    at = 8
    while at < len(data):
        length = int.from_bytes(data[at:at + 4], "big")
        yield data[at + 4:at + 8], data[at:at + 12 + length]
        at += 12 + length


def with_text_of(png, other):
    """`other` with what `png` says of itself."""
    text = b"".join(chunk for name, chunk in chunks(png.read_bytes()) if name == b"iTXt")
    data = other.read_bytes()
    file = other.with_name("forged.png")
    file.write_bytes(data[:33] + text + data[33:])
    return file


def with_one_bit(png, folder):
    """The picture with one bit of one value changed, and what it says of itself."""
    raw = folder / "raw.rgb"
    subprocess.run([*FFMPEG, "-i", png, "-f", "rawvideo", "-pix_fmt", "rgb24", raw], check=True)
    data = bytearray(raw.read_bytes())
    data[len(data) // 3] ^= 1
    raw.write_bytes(data)
    changed = folder / "changed.png"
    subprocess.run([*FFMPEG, "-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", "640x360", "-i", raw, changed], check=True)
    return with_text_of(png, changed)


def colours():
    """The distances that the tests of tone mapping print."""
    command = ["cargo", "test", "--quiet", "--package", "posterframe-picture", "--test", "tonemap", "--", "--nocapture"]
    text = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True, env=os.environ).stdout
    figures = r"ΔE2000 mean ([\d.]+), worst ([\d.]+)"
    kinds = {"below the knee": f"below the knee: {figures}", "highlights, mobius": f", mobius: {figures}"}
    rows = []
    for transfer in ("Pq", "Hlg"):
        for kind, pattern in kinds.items():
            found = re.findall(f"transfer: {transfer}.*{pattern}", text)
            if not found:
                continue
            mean = sum(float(mean) for mean, _ in found) / len(found)
            rows += [Row(f"ΔE2000 of {transfer.upper()} beside `zscale,tonemap`, {kind}: mean of {len(found)}", [mean], ""),
                     Row("… worst pixel", [max(float(worst) for _, worst in found)], "")]
    return rows


def rows(bench):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        return [*encoders(bench, folder), *scaling(folder), *sheet(bench, folder), *verify(folder), *colours()]
