//! Opens the decoder as the ffmpeg program does, within the options' limits.

use ffmpeg_next::Dictionary;
use ffmpeg_next::codec::discard::Discard;
use ffmpeg_next::codec::{Context, decoder};

use crate::demux::Demuxer;
use crate::{Error, Options, raw, threads};

/// Opens the decoder of the demuxer's stream, with at most `threads` threads; 0 means one per processor.
pub(crate) fn open(demuxer: &Demuxer, options: &Options, threads: usize) -> Result<decoder::Video, Error> {
    let stream = demuxer.input.stream(demuxer.stream).ok_or(Error::NoVideoStream)?;
    let (width, height) = raw::picture_size(&demuxer.input, demuxer.stream);
    let (width, height) = (width.max(0) as u32, height.max(0) as u32);
    let pixels = u64::from(width) * u64::from(height);
    if pixels > options.max_pixels {
        return Err(Error::TooLarge {
            width,
            height,
            limit: options.max_pixels,
        });
    }
    let parameters = stream.parameters();
    let id = parameters.id();
    let not_a_video = |error: ffmpeg_next::Error| Error::NotAVideo {
        reason: error.to_string().to_lowercase(),
    };
    let codec = decoder::find(id).ok_or_else(|| Error::UnknownCodec {
        codec: id.name().to_owned(),
    })?;
    let mut context = Context::from_parameters(parameters).map_err(not_a_video)?;
    context.set_frame_rate(Some(stream.avg_frame_rate()));
    let mut decoder = context.decoder();
    decoder.set_packet_time_base(demuxer.time_base);
    let (threads, reports) = threads::of_codec(id, pixels, threads);
    let mut settings = Dictionary::new();
    settings.set(
        "threads",
        &if threads == 0 {
            "auto".to_owned()
        } else {
            threads.to_string()
        },
    );
    if reports {
        settings.set("err_detect", "explode");
    }
    // This checks each picture, since it may be larger than its container says.
    settings.set("max_pixels", &options.max_pixels.to_string());
    // Cropping on the left: the ffmpeg program of libav 7.1 crops exactly, that of 5.1 keeps lines aligned.
    if raw::major_version() >= 59 {
        settings.set("flags", "+unaligned");
    }
    let opened = decoder.open_as_with(codec, settings).map_err(not_a_video)?;
    let mut video = opened.video().map_err(not_a_video)?;
    if options.draft {
        video.skip_loop_filter(Discard::All);
    }
    Ok(video)
}
