//! A video's properties, for people and for layout.

use std::time::Duration;

use ffmpeg_next::codec::Id;
use ffmpeg_next::{Rational, Rescale, media};

use crate::chapters::{self, Chapter};
use crate::colours::Colours;
use crate::decode::Pipeline;
use crate::raw;
use crate::track::{self, Track, label, rate_of};
use crate::{NoTimecode, Timecodes};

/// The properties from the container and the codec; of HDR video, also from its first frame.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoInfo {
    /// The container: `QuickTime / MOV`, `Matroska / WebM`…
    pub container: String,
    /// The codec's short name: `h264`.
    pub codec: String,
    /// The codec for people: `H.264 High`.
    pub codec_label: String,
    /// The video tracks of the file, in its order. None where there is only a cover picture.
    pub tracks: Vec<Track>,
    /// The label of the first sound stream's codec, if there is sound.
    pub audio: Option<String>,
    /// Width of the upright picture, in pixels.
    pub width: u32,
    /// Height of the upright picture, in pixels.
    pub height: u32,
    /// Width and height of the upright picture with square pixels.
    pub display_size: (u32, u32),
    /// Clockwise rotation that makes the picture upright, in degrees: by the file, unless the options say another one.
    pub rotation_degrees: i32,
    /// Sample aspect ratio of the stored picture, width to height; 1 to 1 if it is not known.
    pub sample_aspect: (u32, u32),
    /// libav's name for the pixel format: `yuv420p`.
    pub pixel_format: String,
    /// Average frames per second, as numerator and denominator, if it is known.
    pub frame_rate: Option<(u32, u32)>,
    /// Duration by the container, if it says one.
    pub duration: Option<Duration>,
    /// Number of frames by the container, if it counts them.
    pub frame_count: Option<u64>,
    /// Size of the file, in bytes.
    pub bytes: u64,
    /// Whether the video says that its pictures are made of two fields.
    pub is_interlaced: bool,
    /// What it says of its colours.
    pub colours: Colours,
    /// The chapters that the file names, in the order of their times.
    pub chapters: Vec<Chapter>,
    /// Its frames' timecodes, or why it has none.
    pub timecodes: Result<Timecodes, NoTimecode>,
}

impl VideoInfo {
    pub(crate) fn of(pipeline: &Pipeline, bytes: u64) -> Self {
        let input = &pipeline.demuxer.input;
        let stream = pipeline.demuxer.stream;
        let decoder = &pipeline.decoder;
        let matrix = pipeline.demuxer.matrix();
        let rotation_degrees = matrix.map_or(0, |matrix| matrix.degrees() as i32);
        let sideways = matrix.is_some_and(|matrix| matrix.turn().is_quarter());
        let turn = |(a, b): (u32, u32)| if sideways { (b, a) } else { (a, b) };

        let stored = (decoder.width(), decoder.height());
        let aspect = raw::sample_aspect(input, stream).unwrap_or(Rational(1, 1));
        let sample_aspect = (aspect.numerator() as u32, aspect.denominator() as u32);
        let shown = u64::from(stored.0) * u64::from(sample_aspect.0) / u64::from(sample_aspect.1);
        let (width, height) = turn(stored);

        let codec = decoder.id().name();
        let profile = raw::profile_name(decoder).filter(|_| !matches!(decoder.id(), Id::GIF | Id::PNG));
        let micros = duration_micros(pipeline);
        let frames = input.stream(stream).map_or(0, |stream| stream.frames());
        Self {
            container: input.format().description().to_owned(),
            codec: codec.to_owned(),
            codec_label: [Some(label(codec)), profile.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" "),
            tracks: track::all(input, stream),
            audio: input
                .streams()
                .map(|stream| stream.parameters())
                .find(|parameters| parameters.medium() == media::Type::Audio)
                .map(|parameters| label(parameters.id().name()).to_owned()),
            width,
            height,
            display_size: turn((shown.clamp(1, u64::from(u32::MAX)) as u32, stored.1)),
            rotation_degrees,
            sample_aspect,
            pixel_format: decoder
                .format()
                .descriptor()
                .map_or("unknown", |format| format.name())
                .to_owned(),
            frame_rate: rate_of(pipeline.demuxer.frame_rate()),
            duration: (micros > 0).then(|| Duration::from_micros(micros as u64)),
            frame_count: u64::try_from(frames).ok().filter(|&frames| frames > 0),
            bytes,
            is_interlaced: raw::is_interlaced(input, stream),
            colours: Colours::of_stream(input, stream),
            chapters: chapters::of(input),
            timecodes: Timecodes::of(&pipeline.demuxer, pipeline.start()),
        }
    }
}

/// The stream's own duration, or the container's.
fn duration_micros(pipeline: &Pipeline) -> i64 {
    let input = &pipeline.demuxer.input;
    let of_stream = input
        .stream(pipeline.demuxer.stream)
        .map_or(0, |stream| stream.duration());
    if of_stream > 0 {
        return of_stream.rescale(pipeline.demuxer.time_base, Rational(1, 1_000_000));
    }
    input.duration()
}
