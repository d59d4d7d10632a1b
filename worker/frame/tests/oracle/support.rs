//! Making clips, and asking the ffmpeg program for its frame.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use posterframe_clips::ffmpeg;
use posterframe_frame::{Error, FrameIndex, Image, Interpretation, Options, Rotation, Video};

/// Moving, with a different picture in each frame.
pub const MOVING: &str = "-f lavfi -i testsrc2=size=176x144:rate=25:duration=4";

/// A folder with one clip in it, made by `ffmpeg ARGUMENTS NAME`.
pub struct Clip {
    pub path: PathBuf,
    /// How it is read, by the library and by ffmpeg.
    interpretation: Interpretation,
    _folder: tempfile::TempDir,
}

impl Clip {
    pub fn new(name: &str, arguments: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        make(&path, arguments);
        Self {
            path,
            interpretation: Interpretation::default(),
            _folder: folder,
        }
    }

    /// The clip that `work` writes to the path that it is given, in a folder where it may leave other files.
    pub fn by(name: &str, work: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        work(&path);
        Self {
            path,
            interpretation: Interpretation::default(),
            _folder: folder,
        }
    }

    /// The same clip, read otherwise from now on.
    pub fn read_as(&mut self, interpretation: Interpretation) -> &Self {
        self.interpretation = interpretation;
        self
    }

    fn options(&self) -> Options {
        Options {
            interpretation: self.interpretation,
            ..Options::default()
        }
    }

    pub fn open(&self) -> Result<Video, Error> {
        Video::open_with(&self.path, self.options())
    }

    /// The ffmpeg program's frame, with options for the input.
    pub fn oracle(&self, at: Duration, input: &[&str]) -> Option<Png> {
        let Interpretation {
            track,
            rotate,
            ignore_edits,
        } = self.interpretation;
        let (mut input, mut output) = (input.to_vec(), Vec::new());
        // `V` is all video but cover pictures, and counts from 0.
        let map = track.map(|track| format!("0:V:{}", track.get() - 1));
        if let Some(map) = &map {
            output.extend(["-map", map]);
        }
        if let Some(rotate) = rotate {
            input.push("-noautorotate");
            output.extend(match rotate {
                Rotation::None => &[][..],
                Rotation::Quarter => &["-vf", "transpose=clock"],
                Rotation::Half => &["-vf", "hflip,vflip"],
                Rotation::ThreeQuarters => &["-vf", "transpose=cclock"],
            });
        }
        if ignore_edits {
            input.extend(["-ignore_editlist", "1"]);
        }
        asked(&self.path, at, &input, &output)
    }

    /// Compares the frames at these seconds, each from a fresh video.
    pub fn compare_at(&self, seconds: &[f64]) {
        for &at in seconds {
            let at = Duration::from_secs_f64(at);
            let ours = self.open().and_then(|video| video.into_frame_at(at));
            self.check(
                at,
                "a fresh video",
                ours.map(|frame| frame.image),
                self.oracle(at, &[]).as_ref(),
            );
        }
    }

    /// Compares all that is likely to go wrong: ends, keyframes and their neighbours, exact times, times between,
    /// each from a fresh video and all in one go, forwards and backwards.
    pub fn compare(&self) {
        let mut positions = self.positions();
        let mut reused = self.open().unwrap();
        let expected: Vec<Option<Png>> = positions.iter().map(|&at| self.oracle(at, &[])).collect();
        assert!(
            expected.iter().any(Option::is_some),
            "{}: ffmpeg gives no frame at all",
            self.path.display()
        );
        for (&at, expected) in positions.iter().zip(&expected) {
            let fresh = self.open().unwrap().frame_at(at);
            self.check(
                at,
                "a fresh video",
                fresh.map(|frame| frame.image),
                expected.as_ref(),
            );
            let onward = reused.frame_at(at);
            self.check(at, "going on", onward.map(|frame| frame.image), expected.as_ref());
        }
        // In no order, and some twice: the far half first, then all.
        let order: Vec<usize> = (positions.len() / 2..positions.len())
            .chain(0..positions.len())
            .collect();
        let asked: Vec<Duration> = order.iter().map(|&index| positions[index]).collect();
        let mut answered = 0;
        self.open().unwrap().frames_at(&asked, &mut |index, found| {
            let frame = found.and_then(|found| found.frame());
            let image = frame.map(|frame| frame.image);
            self.check(
                asked[index],
                "with others",
                image,
                expected[order[index]].as_ref(),
            );
            answered += 1;
            ControlFlow::Continue(())
        });
        assert_eq!(answered, asked.len(), "{}", self.path.display());
        positions.reverse();
        for (&at, expected) in positions.iter().zip(expected.iter().rev()) {
            let back = reused.frame_at(at);
            self.check(at, "going back", back.map(|frame| frame.image), expected.as_ref());
        }
    }

    /// Compares at every `step` up to a little past the last frame, from one video that goes on, from fresh ones, and
    /// by frame numbers. ffmpeg decodes with one thread: where a stream is damaged, or has no
    /// times, its answer depends on how many it has.
    pub fn compare_every(&self, step: Duration) {
        let index = self.index();
        assert!(index.is_exact(), "{}", self.path.display());
        let end = index.time(index.len()) + step * 3;
        let mut reused = self.open().unwrap();
        let mut at = Duration::ZERO;
        while at < end {
            let expected = self.oracle(at, &["-threads", "1"]);
            let onward = reused.frame_at(at).map(|frame| frame.image);
            self.check(at, "going on", onward, expected.as_ref());
            let fresh = self.open().unwrap().into_frame_at(at);
            self.check(at, "alone", fresh.map(|frame| frame.image), expected.as_ref());
            let number = index.number_at(at);
            assert_eq!(
                number.is_some(),
                expected.is_some(),
                "{} at {at:?}: frame {number:?}",
                self.path.display()
            );
            if let Some(number) = number {
                let by_number = self.open().unwrap().frame_at(index.position(number));
                let how = format!("by its number, {number}");
                self.check(at, &how, by_number.map(|frame| frame.image), expected.as_ref());
            }
            at += step;
        }
    }

    fn check(&self, at: Duration, how: &str, ours: Result<Image, Error>, expected: Option<&Png>) {
        let place = format!("{} at {at:?}, {how}", self.path.display());
        match (ours, expected) {
            (Ok(ours), Some(png)) => {
                let expected = &png.image;
                assert_eq!(
                    (ours.width(), ours.height()),
                    (expected.width(), expected.height()),
                    "{place}"
                );
                // A palette of ffmpeg's PNG is colours in ours.
                let same = if ours.format() == expected.format() {
                    ours.data() == expected.data()
                } else {
                    ours.to_rgba8() == expected.to_rgba8()
                };
                assert!(same, "{place}: other pixels");
                let tags = tags(&ours.encode_png().unwrap());
                for (name, data) in &png.tags {
                    assert_eq!(
                        tags.get(name),
                        Some(data),
                        "{place}: {}, and there are {tags:?}",
                        String::from_utf8_lossy(name)
                    );
                }
            }
            (Err(Error::PastTheEnd { .. }), None) => {}
            (Ok(_), None) => panic!("{place}: ffmpeg gives no frame, we do"),
            (Err(error), _) => panic!("{place}: {error}"),
        }
    }

    fn positions(&self) -> Vec<Duration> {
        let index = self.index();
        assert!(
            !index.is_empty() && index.is_exact(),
            "{}: {} frames",
            self.path.display(),
            index.len()
        );
        let last = index.len() - 1;
        let mut frames = vec![0, 1, last / 3, last.saturating_sub(1), last];
        for &keyframe in index.keyframes().iter().rev().take(2) {
            frames.extend([keyframe.saturating_sub(1), keyframe, keyframe + 1]);
        }
        frames.retain(|&frame| frame <= last);
        let mut positions = vec![Duration::ZERO, index.time(last) + Duration::from_millis(1)];
        for frame in frames {
            positions.extend([
                index.position(frame),
                index.time(frame) + Duration::from_micros(700),
            ]);
        }
        positions.sort_unstable();
        positions.dedup();
        positions
    }

    pub fn index(&self) -> FrameIndex {
        FrameIndex::scan(&self.path, &self.options()).unwrap()
    }
}

/// Makes the clip by `ffmpeg ARGUMENTS PATH`, in which `{dir}` stands for the clip's folder.
pub fn make(path: &Path, arguments: &str) {
    let dir = path.parent().unwrap().to_string_lossy();
    posterframe_clips::make(path, &arguments.replace("{dir}", &dir));
}

/// A filter graph that shows the `parts` one after another. In each, `{n}` stands for its number.
pub fn sequence(parts: &[impl AsRef<str>]) -> String {
    let (mut graph, mut inputs) = (String::new(), String::new());
    for (number, part) in parts.iter().enumerate() {
        let part = part.as_ref().replace("{n}", &number.to_string());
        let label = format!("[s{number}]");
        graph.extend([&part, ",format=yuv420p,setsar=1", &label, ";"]);
        inputs.push_str(&label);
    }
    let joined = if parts.len() == 1 {
        "null".to_owned()
    } else {
        format!("concat=n={}", parts.len())
    };
    graph + &inputs + &joined
}

/// A PNG that the ffmpeg program wrote.
pub struct Png {
    pub image: Image,
    /// What it says of the pixels.
    pub tags: BTreeMap<[u8; 4], Vec<u8>>,
}

/// The ffmpeg program's frame.
pub fn oracle(video: &Path, at: Duration) -> Option<Png> {
    oracle_with(video, at, &[])
}

/// The same with options for the input.
pub fn oracle_with(video: &Path, at: Duration, options: &[&str]) -> Option<Png> {
    asked(video, at, options, &[])
}

/// The same after a filter.
pub fn oracle_after(video: &Path, at: Duration, filter: &str) -> Option<Png> {
    asked(video, at, &[], &["-vf", filter])
}

fn asked(video: &Path, at: Duration, input: &[&str], output: &[&str]) -> Option<Png> {
    let png = tempfile::Builder::new().suffix(".png").tempfile().unwrap();
    let output = ffmpeg()
        .args(input)
        .arg("-i")
        .arg(video)
        .args(["-ss", &format!("{}us", at.as_micros()), "-frames:v", "1", "-an"])
        .args(output)
        .arg(png.path())
        .output()
        .unwrap();
    let bytes = std::fs::read(png.path()).unwrap();
    (output.status.success() && !bytes.is_empty()).then(|| Png {
        image: Image::decode_png(&bytes).unwrap(),
        tags: tags(&bytes),
    })
}

/// The chunks of a PNG that tell how its pixels are to be shown.
pub fn tags(png: &[u8]) -> BTreeMap<[u8; 4], Vec<u8>> {
    let mut tags = BTreeMap::new();
    let mut rest = &png[8..];
    while let [a, b, c, d, name @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let (name, data) = name.split_first_chunk::<4>().unwrap();
        if name == b"IDAT" {
            break;
        }
        if [b"pHYs", b"sRGB", b"cICP", b"cHRM", b"gAMA"].contains(&name) {
            tags.insert(*name, data[..length].to_vec());
        }
        rest = &data[length + 4..];
    }
    tags
}
