//! `posterframe verify`: whether a still is of a video, and of which frame.

use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use posterframe_client::fs;
use posterframe_contract::{Deinterlace, Position};
use posterframe_frame::{Cancel, Frame, FrameIndex, Image, Options, PixelFormat};
use posterframe_picture::proof::{Proof, SheetProof, extract};
use posterframe_picture::{Sketch, psnr};
use posterframe_player::{Footage, VideoSource};
use serde_json::{Value, json};

use super::interpret::InterpretArgs;
use super::remote::{self, RemoteArgs};
use super::say::say;
use super::{Common, complain};
use crate::distant;
use crate::picture_file;
use crate::select::{position_at, time_at};

/// The most bytes of a still.
const MAX_STILL_BYTES: u64 = 512 << 20;
/// So many frames to either side of the claimed one are compared too: a still must be more like its own frame.
const NEIGHBOURS: usize = 3;
/// Where the claimed frame is not the one, it is looked for so far to either side.
const NEARBY: Duration = Duration::from_secs(5);
/// How alike a still and its frame are at least, in dB: a JPEG of quality 60 is at 28 and more.
const ALIKE: f64 = 24.0;
/// How alike two sketches are at least, in dB, for the frame to be looked at closely.
const SKETCH_ALIKE: f64 = 20.0;
/// Frames that are looked at closely, of all that a sketch is like.
const CANDIDATES: usize = 8;

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// The still: a PNG, JPEG, WebP or AVIF
    still: PathBuf,
    /// The video: a file, s3://… or an https address
    video: PathBuf,
    #[command(flatten)]
    interpret: InterpretArgs,
    #[command(flatten)]
    remote: RemoteArgs,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// What there is to say.
struct Answer {
    kind: Kind,
    /// The frame that the still is of: its number, its time, and how alike the two are, in dB.
    frame: Option<(usize, Position, f64)>,
    reason: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Yes,
    No,
    CannotTell,
}

pub(super) fn run(common: &Common, args: &VerifyArgs) -> ExitCode {
    let mut receipt = None;
    let (answer, proof) = match Still::read(&args.still) {
        Ok(still) => {
            let opened = distant::place(&args.video).and_then(|place| {
                place
                    .map(|place| remote::open(common, &args.remote, &place))
                    .transpose()
            });
            let answer = opened.and_then(|opened| {
                let video: VideoSource = opened
                    .as_ref()
                    .map_or_else(|| (&args.video).into(), |opened| opened.remote.clone().into());
                let said = still
                    .proof
                    .as_ref()
                    .map(|proof| proof.origin.interpretation)
                    .unwrap_or_default();
                let said = said.overlaid_with(args.interpret.interpretation());
                let footage = Footage::new(video, said);
                let answer = still.answer(&footage);
                receipt = distant::receipt(&footage.source);
                answer.map_err(|error| remote::explained(&footage.source, error))
            });
            (answer, still.proof)
        }
        Err(error) => (Err(error), None),
    };
    let answer = answer.unwrap_or_else(|error| Answer {
        kind: Kind::CannotTell,
        frame: None,
        reason: format!("{error:#}"),
    });
    let (word, code) = match answer.kind {
        Kind::Yes => ("yes", 0),
        Kind::No => ("no", 1),
        Kind::CannotTell => ("cannot tell", 2),
    };
    if args.json {
        let claimed = proof.map_or(Value::Null, |proof| {
            json!({ "source_name": proof.origin.name, "position": proof.position, "number": proof.frame_number,
                    "frame_time": proof.frame_time, "interpretation": proof.origin.interpretation,
                    "worker_version": proof.origin.worker_version })
        });
        let (number, time, likeness) = answer
            .frame
            .map_or((None, None, None), |(number, time, likeness)| {
                (Some(number), Some(time), Some((likeness * 10.0).round() / 10.0))
            });
        say!(
            "{}",
            json!({ "answer": word, "number": number, "frame_time": time, "psnr_db": likeness, "claimed": claimed,
                    "reason": answer.reason })
        );
    } else if answer.kind == Kind::CannotTell {
        complain(&anyhow::anyhow!("{word}: {}", answer.reason));
    } else {
        say!("{word}: {}", answer.reason);
    }
    if let Some(receipt) = receipt.filter(|_| !args.json) {
        eprintln!("{receipt}");
    }
    ExitCode::from(code)
}

struct Still {
    image: Image,
    is_png: bool,
    proof: Option<Proof>,
}

impl Still {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let unreadable = || format!("{} cannot be read", path.display());
        let file = fs::open(path).with_context(unreadable)?;
        let mut bytes = Vec::new();
        file.take(MAX_STILL_BYTES + 1)
            .read_to_end(&mut bytes)
            .with_context(unreadable)?;
        if bytes.len() as u64 > MAX_STILL_BYTES {
            bail!("{} is too large for a still", path.display());
        }
        let packet = extract(&bytes);
        if let Some(sheet) = packet.as_deref().and_then(SheetProof::from_xmp) {
            bail!(
                "this is a sheet of {} tiles of {} ({}), which cannot be verified as one frame",
                sheet.tiles,
                sheet.origin.name,
                sheet.sheet
            );
        }
        let proof = packet.as_deref().and_then(Proof::from_xmp);
        if let Ok(image) = Image::decode_png(&bytes) {
            return Ok(Self {
                image,
                is_png: true,
                proof,
            });
        }
        let is_no_picture = || format!("{} is no picture", path.display());
        if picture_file::is_avif(&bytes) {
            return Ok(Self {
                image: picture_file::read_avif(path).with_context(is_no_picture)?,
                is_png: false,
                proof,
            });
        }
        let decoded = image::load_from_memory(&bytes).with_context(is_no_picture)?;
        let rgba = decoded.to_rgba8();
        let (width, height) = (rgba.width(), rgba.height());
        Ok(Self {
            image: Image::new(PixelFormat::Rgba8, width, height, rgba.into_raw())?,
            is_png: false,
            proof,
        })
    }

    fn answer(&self, video: &Footage) -> anyhow::Result<Answer> {
        let unreadable = || format!("{} cannot be read", video.source.name());
        // What has packets may still be no video that can be decoded.
        video
            .open(Options::default())
            .and_then(|video| video.into_frame_at(Duration::ZERO))
            .with_context(unreadable)?;
        let index = video.index(&Cancel::default()).with_context(unreadable)?;
        match &self.proof {
            Some(proof) => self.check(proof, video, &index),
            None => self.search(video, &index),
        }
    }

    /// Whether the still is the frame that it says it is, and if not, which one nearby.
    fn check(&self, proof: &Proof, video: &Footage, index: &FrameIndex) -> anyhow::Result<Answer> {
        let at = time_at(proof.frame_time);
        let Some(claimed) = index.number_at(at) else {
            return Ok(Answer {
                kind: Kind::No,
                frame: None,
                reason: format!(
                    "the video ends before {}, where the still says it is from",
                    proof.frame_time
                ),
            });
        };
        let first = claimed.saturating_sub(NEIGHBOURS);
        let numbers: Vec<usize> = (first..index.len().min(claimed + NEIGHBOURS + 1)).collect();
        let wanted = if proof.deinterlaced {
            Deinterlace::On
        } else {
            Deinterlace::Off
        };
        let compared = self.compare(video, index, &numbers, (proof.crop, wanted))?;
        let own = compared.iter().find(|one| one.number == claimed);
        let Some(own) = own else {
            bail!("frame {claimed} cannot be decoded")
        };
        let best = compared.iter().map(|one| one.likeness).fold(0.0, f64::max);
        let time = position_at(index.time(claimed));
        // What loses nothing has its very pixels, or they were changed.
        let is_changed = self.is_png && self.image.pixel_sha256() != proof.pixel_sha256;
        if own.is_exact && !is_changed {
            return Ok(Answer {
                kind: Kind::Yes,
                frame: Some((claimed, time, own.likeness)),
                reason: format!("these are the very pixels of frame {claimed} at {time}"),
            });
        }
        let is_frame = own.likeness >= ALIKE && (own.likeness >= best || own.hash_of(best, &compared));
        if is_frame && !is_changed && own.hash == proof.frame_sha256 {
            return Ok(Answer {
                kind: Kind::Yes,
                frame: Some((claimed, time, own.likeness)),
                reason: format!(
                    "it is frame {claimed} at {time}, as like as a file of its kind can be ({:.1} dB)",
                    own.likeness
                ),
            });
        }
        if is_frame && !is_changed {
            return Ok(Answer {
                kind: Kind::CannotTell,
                frame: Some((claimed, time, own.likeness)),
                reason: format!(
                    "frame {claimed} at {time} looks like it ({:.1} dB), but has other pixels here than where the still was \
                     made: another version of the video, or of libav",
                    own.likeness
                ),
            });
        }
        let near = |number: &usize| index.time(*number).abs_diff(index.time(claimed)) <= NEARBY;
        let nearby: Vec<usize> = (0..index.len()).filter(near).collect();
        let others = self.compare(video, index, &nearby, (proof.crop, wanted))?;
        let other = others
            .into_iter()
            .max_by(|a, b| a.likeness.total_cmp(&b.likeness));
        let what = if is_changed {
            format!("its pixels were changed after it was made of frame {claimed}")
        } else {
            format!("it is not frame {claimed} at {time}, which it says it is")
        };
        Ok(match other.filter(|other| other.likeness >= ALIKE) {
            Some(other) => {
                let at = position_at(index.time(other.number));
                Answer {
                    kind: Kind::No,
                    frame: Some((other.number, at, other.likeness)),
                    reason: format!(
                        "{what}; it is like frame {} at {at} ({:.1} dB)",
                        other.number, other.likeness
                    ),
                }
            }
            None => Answer {
                kind: Kind::No,
                frame: None,
                reason: format!("{what}, nor any within {} s of it", NEARBY.as_secs()),
            },
        })
    }

    /// Looks for the frame in the whole video: nothing in the file says which it is.
    fn search(&self, video: &Footage, index: &FrameIndex) -> anyhow::Result<Answer> {
        let sketch = Sketch::of(&self.image)?;
        let mut found: Vec<(f64, usize)> = Vec::new();
        let bar = ProgressBar::new(index.len() as u64);
        let all: Vec<usize> = (0..index.len()).collect();
        each_frame(video, index, &all, Deinterlace::Off, |number, frame| {
            bar.inc(1);
            let likeness = Sketch::of(&frame.image)?.psnr(&sketch);
            found.push((likeness, number));
            Ok(())
        })?;
        bar.finish_and_clear();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let candidates = found.iter().take(CANDIDATES);
        let mut numbers: Vec<usize> = candidates
            .filter(|(likeness, _)| *likeness >= SKETCH_ALIKE)
            .map(|(_, number)| *number)
            .collect();
        numbers.sort_unstable();
        let compared = self.compare(video, index, &numbers, (None, Deinterlace::Auto))?;
        let best = compared
            .into_iter()
            .max_by(|a, b| a.likeness.total_cmp(&b.likeness));
        Ok(match best.filter(|best| best.likeness >= ALIKE) {
            Some(best) => {
                let at = position_at(index.time(best.number));
                let how = if best.is_exact {
                    "these are the very pixels of".to_owned()
                } else {
                    format!("it is like ({:.1} dB)", best.likeness)
                };
                Answer {
                    kind: Kind::Yes,
                    frame: Some((best.number, at, best.likeness)),
                    reason: format!(
                        "{how} frame {} at {at}; the file does not say where it is from",
                        best.number
                    ),
                }
            }
            None => Answer {
                kind: Kind::No,
                frame: None,
                reason: "no frame of the video is like it, and the file does not say where it is from"
                    .to_owned(),
            },
        })
    }

    fn compare(
        &self,
        video: &Footage,
        index: &FrameIndex,
        numbers: &[usize],
        (crop, deinterlace): (Option<[u32; 4]>, Deinterlace),
    ) -> anyhow::Result<Vec<Compared>> {
        let hash = self.image.pixel_sha256();
        let mut compared = Vec::new();
        each_frame(video, index, numbers, deinterlace, |number, frame| {
            let own = frame.image.pixel_sha256();
            let mut likeness = psnr(&self.image, &frame.image, crop)?;
            if let Some(image) = frame.deinterlaced(deinterlace) {
                likeness = likeness.max(psnr(&self.image, image, crop)?);
            }
            compared.push(Compared {
                number,
                likeness,
                is_exact: own == hash,
                hash: own,
            });
            Ok(())
        })?;
        Ok(compared)
    }
}

/// How a frame compares with the still.
struct Compared {
    number: usize,
    likeness: f64,
    is_exact: bool,
    hash: String,
}

impl Compared {
    /// Whether the frame that is most alike is the same picture as this one.
    fn hash_of(&self, best: f64, all: &[Self]) -> bool {
        all.iter()
            .any(|one| one.likeness >= best && one.hash == self.hash)
    }
}

/// Decodes frames, in order.
fn each_frame(
    video: &Footage,
    index: &FrameIndex,
    numbers: &[usize],
    deinterlace: Deinterlace,
    mut each: impl FnMut(usize, &Frame) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let positions: Vec<Duration> = numbers.iter().map(|number| index.position(*number)).collect();
    let mut failed = None;
    let options = Options {
        deinterlace,
        ..Options::default()
    };
    video.open(options)?.frames_at(&positions, &mut |at, found| {
        // One that cannot be decoded is like nothing.
        let Ok(frame) = found.and_then(|found| found.frame()) else {
            return ControlFlow::Continue(());
        };
        match each(numbers[at], &frame) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    failed.map_or(Ok(()), Err)
}
